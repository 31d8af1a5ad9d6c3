/*
 * bits/command_upload.c: `bits upload`: what is asked for, and how it ended.
 */
#include "bits/command_upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bits/options.h"
#include "bits/progress_watch.h"
#include "client/exchange.h"
#include "client/names.h"
#include "client/runner.h"

/* --- the jobs ------------------------------------------------------------- */

static void on_skipped(void *context, const char *path)
{
    say_warning(context, "%s: this is no regular file; it is not sent", path);
}

static void warn_about_names(const struct upload *upload)
{
    for (size_t i = 0; i < upload->jobs.count; i++) {
        const char *relative = upload->jobs.items[i].relative;
        const char *fault = names_iis_fault(relative);

        if (fault && !upload->settings.quiet) {
            say_warning(upload->line->say, "%s: %s", relative, fault);
        }
    }
}

static int collect(struct upload *upload)
{
    const struct command_line *line = upload->line;
    size_t count = line->operand_count - 1;
    const char *conflict =
        jobs_conflict(&upload->settings, line->operands, count, upload->url);
    char fault[JOBS_FAULT_MAX];

    if (conflict) {
        return command_usage(line, conflict);
    }
    if (upload_is_input(upload)) {
        return upload_take_input(upload);
    }
    if (!jobs_collect(&upload->jobs, &upload->settings, line->operands, count,
                      upload->url, on_skipped, line->say, fault)) {
        say_error(line->say, "%s", fault);
        return CLIENT_LOCAL;
    }
    if (upload->jobs.count == 0) {
        say_warning(line->say, "there is no file to send");
    }
    return CLIENT_DONE;
}

/* --- one after the other -------------------------------------------------- */

/* What several exit statuses amount to. */
struct tally {
    size_t done;
    size_t failed;
    int status; /* of the failures, if they have it in common */
};

static void count(struct tally *tally, int status)
{
    if (status == CLIENT_DONE) {
        tally->done++;
        return;
    }
    if (tally->failed > 0 && tally->status != status) {
        status = CLIENT_SOME_FAILED;
    }
    tally->status = status;
    tally->failed++;
}

static int sum_up(const struct upload *upload, const struct tally *tally)
{
    if (tally->failed == 0) {
        return CLIENT_DONE;
    }
    if (upload->jobs.count > 1) {
        say_error(upload->line->say, "%zu of %zu files were not sent",
                  upload->jobs.count - tally->done, upload->jobs.count);
    }
    return tally->done > 0 ? CLIENT_SOME_FAILED : tally->status;
}

static int run_all(const struct upload *upload, struct exchange *exchange)
{
    struct stop *stop = upload->line->stop;
    struct progress_watch watch;
    const struct runner runner = {
        .exchange = exchange,
        .folder = upload->home.fd,
        .stop = stop,
        .watcher = &watch.watcher,
    };
    struct tally tally = {0};
    struct runner_end end;

    progress_watch_init(&watch, upload->line->say, upload->settings.verbose);
    for (size_t i = 0; i < upload->jobs.count && !stop->asked; i++) {
        const struct job *job = &upload->jobs.items[i];
        const struct runner_job runner_job = {
            .path = job->path,
            .url = job->url,
            .name = job->name,
            .settings = &upload->settings,
            .retry = runner_retry(&bits_retry_foreground, &upload->settings),
            .foreground = true,
        };

        runner_upload(&runner, &runner_job, &end);
        count(&tally, (int)end.exit);
    }
    if (stop->asked && tally.done < upload->jobs.count) {
        return CLIENT_BY_SIGNAL + stop->signal;
    }
    return sum_up(upload, &tally);
}

/* All of them go to one host, and share its connections. */
int upload_run(const struct upload *upload)
{
    char fault[EXCHANGE_FAULT_MAX];
    struct exchange *exchange =
        exchange_new(&upload->settings, upload->url, upload->line->stop, fault);
    int status;

    if (!exchange) {
        say_error(upload->line->say, "%s", fault);
        return CLIENT_USAGE;
    }
    status = run_all(upload, exchange);
    (void)exchange_free(exchange);
    return status;
}

/* --- the command ---------------------------------------------------------- */

static void open_home(struct upload *upload)
{
    char fault[HOME_FAULT_MAX];

    if (!home_open(&upload->home, "uploads", fault)) {
        say_warning(upload->line->say,
                    "no state can be kept, so that nothing could go on after "
                    "an interruption: %s",
                    fault);
    }
}

static int act(struct upload *upload)
{
    int status = collect(upload);

    if (status != CLIENT_DONE) {
        return status;
    }
    warn_about_names(upload);
    open_home(upload);
    return upload->settings.dry_run ? upload_dry_run(upload)
                                    : upload_run(upload);
}

int command_upload(const struct command_line *line)
{
    struct upload upload = {.line = line, .home = {.fd = -1}};
    char fault[SETTINGS_FAULT_MAX];
    int status;

    if (line->operand_count < 2) {
        return command_usage(line, "a file and a URL are needed");
    }
    upload.url = line->operands[line->operand_count - 1];
    if (!settings_judge_url(upload.url, fault)) {
        return command_usage(line, fault);
    }
    if (!options_for_url(line, upload.url, &upload.settings)) {
        return CLIENT_USAGE;
    }
    status = act(&upload);
    upload_leave_input(&upload, status);
    jobs_done(&upload.jobs);
    home_done(&upload.home);
    settings_done(&upload.settings);
    free(upload.spooled);
    return status;
}
