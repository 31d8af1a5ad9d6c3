/*
 * bits/commands/queue_work.c: the work on one job of the queue, in the process
 * that holds it: its upload, its command afterwards, its removal.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "bits/commands/queue_command.h"
#include "bits/commands/queue_outcome.h"
#include "bits/progress/watch.h"
#include "client/monotonic.h"
#include "client/queue/then.h"
#include "client/transfer/runner.h"
#include "os/clock.h"

/* For a user who waits for `bits queue remove`. */
#define HASTY_MS 5000

/* Shows the transfer, and stops it when it would only wait: the queue waits for
 * the next try instead. */
struct queue_watch {
    struct watcher watcher;
    struct progress_watch shown;
    struct stop *stop;
    struct outcome *outcome;
    bool cancels;         /* a Cancel is not postponed */
    uint64_t deadline_ms; /* if the user waits; 0: no deadline */
};

/* Shared by the jobs of this process. */
struct desk {
    const struct command_line *line;
    const struct queue *queue;
    struct kept_agent *kept;
    enum queue_patience patience;
};

static int64_t wall_now(void)
{
    return os_clock_system.wall(os_clock_system.context);
}

/* --- watching ------------------------------------------------------------- */

static void postpone(struct queue_watch *watch, const struct watch_event *event)
{
    struct outcome *outcome = watch->outcome;
    uint64_t delay_ms =
        event->until_ms > event->now_ms ? event->until_ms - event->now_ms : 0;

    outcome->kind = OUTCOME_POSTPONED;
    outcome->failure = *event->failure;
    outcome->has_failure = true;
    outcome->next_try_at = wall_now() + (int64_t)((delay_ms + 999) / 1000);
    stop_ask(watch->stop, 0);
}

/* Ends that do not end the job: it waits or resumes later.  Also the end of a
 * Cancel. */
static bool is_silent(const struct queue_watch *watch,
                      const struct watch_event *event)
{
    return event->kind == WATCH_END &&
           (event->exit == CLIENT_BY_SIGNAL ||
            (watch->cancels && event->exit == CLIENT_DONE));
}

static void on_event(struct watcher *watcher, const struct watch_event *event)
{
    struct queue_watch *watch =
        CONTAINER_OF(watcher, struct queue_watch, watcher);

    watch->outcome->size = event->size;
    if (event->offset > watch->outcome->best) {
        watch->outcome->best = event->offset;
    }
    if (!is_silent(watch, event)) {
        watch->shown.watcher.event(&watch->shown.watcher, event);
    }
    if (event->kind == WATCH_WAIT && !watch->cancels) {
        postpone(watch, event);
    }
    if (watch->deadline_ms > 0 && event->now_ms >= watch->deadline_ms) {
        stop_ask(watch->stop, 0);
    }
}

static void watch_init(struct queue_watch *watch,
                       const struct command_line *line,
                       const struct queue_job *job, struct outcome *outcome)
{
    *watch = (struct queue_watch){
        .watcher = {.event = on_event},
        .stop = line->stop,
        .outcome = outcome,
    };
    progress_watch_init(&watch->shown, line->say);
    watch->shown.id = job->id;
    watch->watcher.tick_ms = watch->shown.watcher.tick_ms;
}

/* --- the upload ----------------------------------------------------------- */

typedef void runner_function(const struct runner *runner,
                             const struct runner_job *job,
                             struct runner_end *ret_end);

/* The caller owns the folder; -1: it cannot be opened. */
static struct source_place place_of(const struct queue_job *job)
{
    const char *folder = job->below;

    if (!folder) {
        return (struct source_place){AT_FDCWD, job->path};
    }
    return (struct source_place){
        open(folder[0] != '\0' ? folder : "/",
             O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        job->path + strlen(folder) + 1};
}

static void run(const struct desk *desk, const struct queue_job *job,
                const struct settings *settings, runner_function *function,
                struct outcome *outcome)
{
    const struct command_line *line = desk->line;
    struct queue_watch watch;
    struct home records;
    struct fault fault;
    struct runner_end end;
    const struct runner_job what = {
        .path = job->path,
        .place = place_of(job),
        .url = job->url,
        .name = job->name,
        .settings = settings,
        .retry = runner_retry(&bits_retry_queue, settings),
    };
    struct runner runner = {
        .agent = kept_agent_take(desk->kept, settings, job->url, line->stop),
        .stop = line->stop,
        .watcher = &watch.watcher,
    };

    watch_init(&watch, line, job, outcome);
    watch.cancels = function == runner_cancel;
    if (watch.cancels && desk->patience == QUEUE_HASTY) {
        watch.deadline_ms = monotonic_ms() + HASTY_MS;
    }
    if (!home_open(&records, "uploads", &fault)) {
        say_warning(line->say, "no state can be kept: %s", fault.text);
    }
    runner.folder = records.fd;
    function(&runner, &what, &end);
    outcome_conclude(outcome, &end, wall_now());
    home_done(&records);
    if (what.place.folder >= 0) {
        (void)close(what.place.folder);
    }
}

/* Uses the settings of the command that added the job, and the present
 * configuration. */
static void try_upload(const struct desk *desk, const struct queue_job *job,
                       runner_function *function, struct outcome *outcome)
{
    struct command_line as_added = *desk->line;
    struct settings settings;

    as_added.settings = job->settings;
    if (!command_settings_for_url(&as_added, job->url, &settings)) {
        outcome->exit = CLIENT_USAGE;
        outcome->now = wall_now();
        (void)fault_set(&outcome->fault, "the configuration is wrong");
        return;
    }
    run(desk, job, &settings, function, outcome);
    settings_done(&settings);
}

static bool upload(const struct desk *desk, const struct queue_job *job)
{
    struct outcome outcome = {.kind = OUTCOME_ENDED};
    int error;

    try_upload(desk, job, runner_upload, &outcome);
    error = queue_change(desk->queue, job->id, outcome_apply, &outcome);
    if (error && error != ENOENT) {
        queue_say_error(desk->line->say, job->id, error);
        return false;
    }
    return true;
}

/* --- after the upload ----------------------------------------------------- */

static bool note_then(struct queue_job *job, void *context)
{
    (void)context;
    job->then_due = false;
    return true;
}

/* The command may run twice if this process is killed meanwhile, but it is
 * never skipped. */
static bool run_then(const struct command_line *line, const struct queue *queue,
                     const char *id)
{
    struct queue_job job;
    int error = queue_load(queue, id, &job);
    int status;

    if (error) {
        return error == ENOENT;
    }
    if (job.then_due &&
        (job.state == QUEUE_DONE || job.state == QUEUE_FAILED)) {
        status = queue_then(&job);
        if (status != 0) {
            say_warning(line->say, "job %s: its --then command ended with %d",
                        id, status);
        }
        error = queue_change(queue, id, note_then, NULL);
    }
    queue_job_done(&job);
    return error == 0 || error == ENOENT;
}

static bool cancel_and_remove(const struct desk *desk,
                              const struct queue_job *job)
{
    struct outcome outcome = {.kind = OUTCOME_ENDED};
    int error;

    try_upload(desk, job, runner_cancel, &outcome);
    if (desk->line->stop->signal != 0) {
        return true; /* the next process resumes it */
    }
    if (desk->patience == QUEUE_HASTY && desk->line->stop->asked) {
        stop_clear(desk->line->stop); /* it applied to this job only */
        return true;
    }
    error = queue_remove(desk->queue, job->id);
    return error == 0 || error == ENOENT;
}

bool queue_work(const struct command_line *line, const struct queue *queue,
                const char *id, struct kept_agent *kept,
                enum queue_patience patience)
{
    const struct desk desk = {line, queue, kept, patience};
    struct queue_job job;
    int error = queue_load(queue, id, &job);
    bool good = true;

    if (error) {
        return error == ENOENT;
    }
    if (job.state == QUEUE_ENDING) {
        good = cancel_and_remove(&desk, &job);
    } else if (job.state == QUEUE_WAITING) {
        good = upload(&desk, &job) && run_then(line, queue, id);
    } else if (job.state != QUEUE_PAUSED) {
        good = run_then(line, queue, id);
    }
    queue_job_done(&job);
    return good;
}
