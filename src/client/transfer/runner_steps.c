/*
 * client/transfer/runner_steps.c: runs the actions of the transfer machine.
 * See runner_private.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/cause.h>

#include "client/monotonic.h"
#include "client/transfer/network.h"
#include "client/transfer/runner_private.h"
#include "os/file.h"

/* The longest sleep in a wait; then the clock and the file are checked. */
#define NAP_MS 60000

/* --- SAVE ----------------------------------------------------------------- */

static void save(struct run *run)
{
    int error;

    if (run->record.folder >= 0) {
        bits_transfer_get_state(&run->transfer, monotonic_ms(),
                                &run->record.transfer);
        run->record.mark = run->source.mark;
        free(run->record.cookies);
        run->record.cookies = agent_cookies(run->agent);
        error = record_save(&run->record, RECORD_RUNNING);
        if (error && !run->save_failed) {
            run->save_failed = true;
            tell_warning(
                run,
                "cannot write the state of the upload; it cannot resume "
                "after an interruption: %s",
                os_open_words(error));
        }
    }
    bits_transfer_saved(&run->transfer);
}

/* --- NOTIFY --------------------------------------------------------------- */

/* BITS stores an empty reply as a file of no bytes. */
static void keep_empty_reply(struct run *run)
{
    int error;

    if (!run->reply.path) {
        return;
    }
    error = reply_file_begin(&run->reply);
    error = error ? error : reply_file_commit(&run->reply);
    if (error) {
        run_words(run, "%s: %s", run->reply.path, strerror(error));
        bits_transfer_local_error(&run->transfer, HRESULT_WRITE_FAULT);
    }
}

static void notify(struct run *run, enum bits_notice notice)
{
    if (notice == BITS_NOTICE_LOST) {
        agent_forget_cookies(run->agent);
    }
    if (notice == BITS_NOTICE_NO_REPLY) {
        keep_empty_reply(run);
    }
    tell_notice(run, notice);
}

/* --- WAIT ----------------------------------------------------------------- */

static int nap_of(const struct run *run, uint64_t now_ms)
{
    unsigned tick_ms = run->runner->watcher->tick_ms;
    uint64_t nap_ms = run->until_ms - now_ms;

    nap_ms = nap_ms < NAP_MS ? nap_ms : NAP_MS;
    if (tick_ms > 0 && tick_ms < nap_ms) {
        nap_ms = tick_ms;
    }
    return (int)nap_ms;
}

/* Discards changes that happened before a request. */
static void forget_network(const struct run *run)
{
    if (run->network >= 0) {
        (void)network_came(run->network);
    }
}

/* Waits until the time has come, a stop is requested, or the network returns
 * after a network error. */
static void wait(struct run *run, const struct bits_failure *failure)
{
    bool for_network = failure->reason == BITS_REASON_TRANSPORT;
    struct pollfd fds[] = {
        {.fd = run->runner->stop->fd, .events = POLLIN},
        {.fd = for_network ? run->network : -1, .events = POLLIN},
    };
    uint64_t now_ms = monotonic_ms();

    run->waiting = true;
    run->until_ms = run->action.until_ms;
    tell_wait(run, failure);
    while (!run->runner->stop->asked && now_ms < run->until_ms) {
        (void)poll(fds, 2, nap_of(run, now_ms));
        if ((fds[1].revents & POLLIN) != 0 && network_came(run->network)) {
            bits_transfer_wake(&run->transfer);
            return;
        }
        tell_tick(run, 0);
        now_ms = monotonic_ms();
    }
}

/* --- the end -------------------------------------------------------------- */

/* Proxies that know only standard methods answer with one of these. */
static bool may_be_the_method(const struct bits_failure *failure)
{
    return failure->reason == BITS_REASON_MISTAKEN ||
           (failure->reason == BITS_REASON_NOT_BITS &&
            (failure->status == 405 || failure->status == 501));
}

/* What the user can do about an answer without an Ack; empty: unknown. */
static const char *remedy_of(const struct run *run,
                             const struct bits_failure *failure)
{
    bool is_bits_post = run->job->settings->method == SETTINGS_METHOD_BITS;

    if (responder_wants_tls(&run->responder)) {
        return "the port speaks TLS: write https:// in the URL";
    }
    if (is_bits_post && may_be_the_method(failure)) {
        return "if it refuses only the method BITS_POST, use --method post";
    }
    return "";
}

/* For an answer without an Ack: adds who sent it, what its page says, and the
 * remedy. */
static void name_responder(struct run *run, const struct bits_failure *failure)
{
    const struct responder *responder = &run->responder;
    const char *name =
        responder->via[0] != '\0' ? responder->via : responder->server;
    const char *remedy = remedy_of(run, failure);
    char sentence[RESPONDER_SENTENCE_MAX + 1];
    bool says = responder_sentence(responder, sentence);

    if (name[0] != '\0' || says) {
        run_words(run, "%s answered%s%s%s%s%s",
                  name[0] != '\0' ? name : "a server without a name",
                  says ? ": \"" : "", sentence, says ? "\"" : "",
                  remedy[0] != '\0' ? "; " : "", remedy);
    } else if (remedy[0] != '\0') {
        run_words(run, "%s", remedy);
    }
}

static bool is_folder(const struct bits_failure *failure)
{
    return strcmp(failure->text,
                  bits_cause_sentence(BITS_CAUSE_TARGET_IS_FOLDER)) == 0;
}

static void fail(struct run *run, const struct bits_failure *failure)
{
    const char *hint = agent_hint(run->agent);

    run->end->failure = *failure;
    run->end->exit = client_exit_of(failure);
    if (run->end->fault.text[0] != '\0') {
        return;
    }
    if (failure->reason == BITS_REASON_TRANSPORT) {
        run_words(run, "%s", run->transport_words);
    } else if (failure->reason == BITS_REASON_CREDENTIALS_REFUSED && hint) {
        run_words(run, "%s", hint);
    } else if (is_folder(failure)) {
        run_words(run, "end the URL with / or a file name");
    } else if (failure->status != 0 && !run->responder.acked) {
        name_responder(run, failure);
    }
}

/* Paused: stores the progress even if no packet would need it. */
static void stop(struct run *run)
{
    save(run);
    run->end->exit = CLIENT_BY_SIGNAL;
    run_words(run, "interrupted; run the same command to resume");
}

/* Runs one action.  Returns false after the last one. */
static bool step(struct run *run)
{
    struct bits_action *action = &run->action;

    bits_transfer_next(&run->transfer, monotonic_ms(), action);
    switch (action->kind) {
    case BITS_ACTION_SEND:
    case BITS_ACTION_FETCH_REPLY:
        forget_network(run);
        run_request(run);
        return true;
    case BITS_ACTION_SAVE:
        save(run);
        return true;
    case BITS_ACTION_NOTIFY:
        notify(run, action->notice);
        return true;
    case BITS_ACTION_WAIT:
        wait(run, action->failure);
        return true;
    case BITS_ACTION_PAUSED:
        stop(run);
        return false;
    case BITS_ACTION_FAILED:
        fail(run, action->failure);
        return false;
    case BITS_ACTION_DONE:
        run->end->exit = CLIENT_DONE;
        return false;
    case BITS_ACTION_CANCELLED: /* a success only for a caller that wanted it */
        return false;
    case BITS_ACTION_AWAIT: /* a request ends within its step */
        break;
    }
    abort();
}

void run_steps(struct run *run)
{
    do {
        if (run->runner->stop->asked) {
            bits_transfer_pause(&run->transfer);
        }
    } while (step(run));
}
