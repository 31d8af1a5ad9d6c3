/*
 * client/transfer/runner.c: runs a whole job.  See runner.h.
 */
#include "client/transfer/runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/transfer/runner_private.h"

/* --- the end -------------------------------------------------------------- */

static void remove_source(struct run *run)
{
    int error = source_remove(&run->source, &run->job->place);

    if (error == ESTALE) {
        tell_warning(run, "%s was not removed: it changed after it was sent",
                     run->job->path);
    } else if (error && error != ENOENT) {
        (void)run_refuse(run, CLIENT_LOCAL, "sent, but it cannot be removed",
                         strerror(error));
    }
}

/* Returns true if the record is useless: the server has nothing, or the file no
 * longer exists. */
static bool is_worthless(const struct run *run)
{
    struct bits_progress progress = bits_transfer_progress(&run->transfer);

    return run->end->failure.hresult == BITS_HR_LOCAL_FILE_CHANGED ||
           (progress.session_id[0] == '\0' && progress.best == 0);
}

static void settle(struct run *run)
{
    const struct settings *settings = run->job->settings;
    bool remembers = run->record.folder >= 0;

    if (remembers && run->end->exit != CLIENT_DONE && is_worthless(run)) {
        record_forget(&run->record);
    }
    if (run->end->exit != CLIENT_DONE) {
        return;
    }
    if (remembers && settings->once) {
        run->record.mark = run->source.mark;
        (void)record_save(&run->record, RECORD_DONE);
    } else if (remembers) {
        record_forget(&run->record);
    }
    if (settings->remove_source) {
        remove_source(run);
    }
}

static void close_run(struct run *run)
{
    if (run->network >= 0) {
        (void)close(run->network);
    }
    if (run->record.folder >= 0) {
        record_close(&run->record);
    }
    reply_file_done(&run->reply);
    source_close(&run->source);
    free(run->trusted);
    free(run);
}

/* An interrupted `queue remove` left a session to cancel, which is unrelated to
 * this upload.  Returns false if a stop was requested. */
static bool finish_cancel(struct run *run)
{
    const struct source_mark mark = run->source.mark;

    if (run->record.state != RECORD_RUNNING ||
        !run->record.transfer.cancelling) {
        return true;
    }
    if (run_start_cancel(run)) {
        run_steps(run);
    }
    run->source.mark = mark;
    if (run->end->exit == CLIENT_BY_SIGNAL) {
        return false;
    }
    *run->end = (struct runner_end){.exit = CLIENT_LOCAL};
    record_forget(&run->record);
    return true;
}

static void upload(struct run *run)
{
    if (!run_open_source(run) || !run_open_record(run)) {
        return;
    }
    if (run_was_done(run)) {
        run->end->skipped = true;
        run->end->exit = CLIENT_DONE;
        run_words(run, "skipped: it was sent before and has not changed");
        return;
    }
    if (finish_cancel(run) && run_start(run)) {
        tell(run, WATCH_BEGIN);
        run_steps(run);
        settle(run);
    }
}

/* --- the whole job -------------------------------------------------------- */

static struct run *new_run(const struct runner *runner,
                           const struct runner_job *job,
                           struct runner_end *ret_end)
{
    struct run *run = calloc(1, sizeof(*run));

    *ret_end = (struct runner_end){.exit = CLIENT_LOCAL};
    if (!run) {
        (void)fault_set(&ret_end->fault, "out of memory");
        return NULL;
    }
    run->runner = runner;
    run->job = job;
    run->end = ret_end;
    run->network = -1;
    run->source.fd = -1;
    run->record = (struct record){.folder = -1, .lock = -1};
    run->reply = (struct reply_file){.path = job->settings->reply, .fd = -1};
    run->agent = runner->agent;
    return run;
}

/* Runs `work` with the runner's agent, or with an agent of its own. */
static void with_agent(struct run *run, void (*work)(struct run *run))
{
    struct agent *own = NULL;
    struct fault fault = {""};

    if (!run->agent) {
        own = agent_new(run->job->settings, run->job->url, run->runner->stop,
                        &fault);
        run->agent = own;
    }
    if (run->agent) {
        work(run);
    } else {
        (void)run_refuse(run, CLIENT_USAGE, fault.text, "");
    }
    tell_end(run);
    (void)agent_free(own);
}

void runner_upload(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end)
{
    struct run *run = new_run(runner, job, ret_end);

    if (run) {
        with_agent(run, upload);
        close_run(run);
    }
}

/* --- cancelling ----------------------------------------------------------- */

/* Only the session matters, whatever happened to the file. */
static void cancel(struct run *run)
{
    if (!run_open_record(run)) {
        return;
    }
    run->end->exit = CLIENT_DONE; /* unless a step sets another status */
    if (run->record.folder < 0 || run->record.state != RECORD_RUNNING) {
        return;
    }
    if (run_start_cancel(run)) {
        run_steps(run);
    }
    if (run->end->exit == CLIENT_DONE) {
        record_forget(&run->record);
    }
}

void runner_cancel(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end)
{
    struct run *run = new_run(runner, job, ret_end);

    if (run) {
        with_agent(run, cancel);
        close_run(run);
    }
}
