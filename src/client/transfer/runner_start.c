/*
 * client/transfer/runner_start.c: prepares the first packet: the file, its
 * record, and the machine.  See runner_private.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/monotonic.h"
#include "client/transfer/network.h"
#include "client/transfer/runner_private.h"
#include "os/file.h"
#include "os/random.h"

/* How long an unanswered Cancel is retried; after that, the session expires on
 * the server. */
#define CANCEL_GIVE_UP_MS 30000

static uint32_t random_bits(void *context)
{
    uint32_t bits = 0;

    (void)context;
    (void)os_random(&bits, sizeof(bits));
    return bits;
}

bool run_refuse(struct run *run, enum client_exit exit, const char *what,
                const char *why)
{
    run->end->exit = exit;
    run_words(run, "%s%s%s", what, why[0] != '\0' ? ": " : "", why);
    return false;
}

/* --- the file ------------------------------------------------------------- */

static const char *words_of_open(int error)
{
    return error == EISDIR ? "this is a folder; -r sends what is in it"
                           : os_open_words(error);
}

bool run_open_source(struct run *run)
{
    enum source_mode mode =
        run->job->settings->growing ? SOURCE_GROWING : SOURCE_FIXED;
    int error = source_open(&run->source, &run->job->place, mode);

    return error == 0 ||
           run_refuse(run, CLIENT_LOCAL, run->job->path, words_of_open(error));
}

/* --- its record ----------------------------------------------------------- */

bool run_open_record(struct run *run)
{
    char holder[64] = "";
    long pid;

    run->record = (struct record){.folder = -1, .lock = -1};
    if (run->runner->folder < 0) {
        return true;
    }
    switch (record_open(&run->record, run->runner->folder, run->job->url,
                        run->job->path, &pid)) {
    case RECORD_OPENED:
        return true;
    case RECORD_FAILED:
        tell_warning(run,
                     "cannot keep the state of the upload; it cannot resume "
                     "after an interruption: %s",
                     os_open_words(errno));
        run->record.folder = -1;
        return true;
    case RECORD_BUSY:
        break;
    }
    if (pid > 0) {
        (void)snprintf(holder, sizeof(holder), "process %ld", pid);
    }
    run->record.folder = -1;
    return run_refuse(run, CLIENT_TEMPORARY, "this upload runs already",
                      holder);
}

/* Returns true if the record is about this file. */
static bool is_recorded(const struct run *run)
{
    return source_is_marked(&run->source, &run->record.mark, run->record.boot);
}

/* Returns true if nothing is left to do. */
bool run_was_done(const struct run *run)
{
    return run->job->settings->once && run->record.state == RECORD_DONE &&
           source_is_whole(&run->source, &run->record.mark, run->record.boot);
}

/* --- the machine ---------------------------------------------------------- */

static bool list_trusted(struct run *run)
{
    const struct string_list *hosts = &run->job->settings->trust_host;

    free(run->trusted);
    run->trusted = calloc(hosts->count + 1, sizeof(run->trusted[0]));
    for (size_t i = 0; run->trusted && i < hosts->count; i++) {
        run->trusted[i] = text_of(hosts->items[i]);
    }
    return run->trusted != NULL;
}

static void fill_options(struct run *run)
{
    const struct runner_job *job = run->job;
    const struct settings *settings = job->settings;

    run->options = (struct bits_transfer_options){
        .url = text_of(job->url),
        .content_name = text_of(job->name),
        .size = run->source.mark.size,
        .fragment_start = settings->fragment_size,
        .fragment_max = settings->fragment_size,
        .retry = job->retry,
        .expect_reply = settings->reply != NULL,
        .foreground = job->foreground,
        .has_credentials = agent_has_credentials(run->agent),
        .has_proxy_credentials = agent_has_proxy_credentials(run->agent),
        .trusted_hosts = run->trusted,
        .trusted_host_count = settings->trust_host.count,
        .random = random_bits,
    };
}

struct bits_retry runner_retry(const struct bits_retry *usual,
                               const struct settings *settings)
{
    struct bits_retry retry = *usual;

    if (settings_is_set(settings, SETTING_retry_time)) {
        retry.give_up_ms = settings->retry_time * 1000;
    }
    return retry;
}

static bool resume(struct run *run)
{
    const struct record *record = &run->record;

    if (record->state != RECORD_RUNNING || run->job->settings->no_resume ||
        !is_recorded(run)) {
        return false;
    }
    run->options.size = record->mark.size;
    if (!bits_transfer_resume(&run->transfer, &run->options, &record->transfer,
                              monotonic_ms())) {
        run->options.size = run->source.mark.size;
        return false;
    }
    /* A growing file is sent with its size at the start. */
    source_shorten(&run->source, &record->mark);
    if (record->cookies) {
        agent_put_cookies(run->agent, record->cookies);
    }
    return true;
}

bool run_start(struct run *run)
{
    if (!list_trusted(run)) {
        return run_refuse(run, CLIENT_LOCAL, "out of memory", "");
    }
    fill_options(run);
    agent_forget_cookies(run->agent);
    if (!resume(run) && !bits_transfer_start(&run->transfer, &run->options)) {
        return run_refuse(run, CLIENT_USAGE, run->job->url,
                          "the URL is too long or not valid");
    }
    run->record.mark = run->source.mark;
    run->network = network_open();
    return true;
}

bool run_start_cancel(struct run *run)
{
    if (!list_trusted(run)) {
        return run_refuse(run, CLIENT_LOCAL, "out of memory", "");
    }
    run->source.mark = run->record.mark;
    fill_options(run);
    run->options.retry.give_up_ms = CANCEL_GIVE_UP_MS;
    if (run->record.cookies) {
        agent_put_cookies(run->agent, run->record.cookies);
    }
    if (!bits_transfer_resume(&run->transfer, &run->options,
                              &run->record.transfer, monotonic_ms())) {
        return false;
    }
    bits_transfer_cancel(&run->transfer, monotonic_ms());
    return true;
}
