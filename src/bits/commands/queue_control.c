/*
 * bits/commands/queue_control.c: pause, resume, retry and remove.
 *
 * They store the new state; a process that runs the queue notices it.
 */
#include <errno.h>
#include <unistd.h>

#include "bits/commands/queue_command.h"

/* The change that a command makes to a job. */
struct wish {
    const struct command_line *line;
    bool (*change)(struct queue_job *job, const char **ret_refusal);
    const char *refusal; /* for the last job; NULL: not refused */
};

static bool change(struct queue_job *job, void *context)
{
    struct wish *wish = context;

    return wish->change(job, &wish->refusal);
}

/* Prints the reason and returns false on failure. */
static bool fulfil(struct wish *wish, const struct queue *queue, const char *id)
{
    int error = ENOENT;

    wish->refusal = NULL;
    if (queue_is_id(id)) {
        error = queue_change(queue, id, change, wish);
    }
    if (error) {
        queue_say_error(wish->line->say, id, error);
        return false;
    }
    if (wish->refusal) {
        say_error(wish->line->say, "%s: %s", id, wish->refusal);
        return false;
    }
    return true;
}

/* Calls `after` for each changed job; it returns false on failure. */
static int fulfil_all(const struct command_line *line,
                      bool (*change_job)(struct queue_job *job,
                                         const char **ret_refusal),
                      bool (*after)(const struct command_line *line,
                                    const struct queue *queue, const char *id))
{
    struct wish wish = {.line = line, .change = change_job};
    struct queue queue;
    size_t done = 0;

    if (line->operand_count == 0) {
        return command_usage(line, "name a job by its id");
    }
    if (!queue_command_open(line, &queue)) {
        return CLIENT_LOCAL;
    }
    for (size_t i = 0; i < line->operand_count; i++) {
        const char *id = line->operands[i];

        done +=
            fulfil(&wish, &queue, id) && (!after || after(line, &queue, id));
    }
    queue_close(&queue);
    if (done == line->operand_count) {
        return CLIENT_DONE;
    }
    return done > 0 ? CLIENT_SOME_FAILED : CLIENT_USAGE;
}

/* --- pause, resume, retry ------------------------------------------------- */

static bool pause_job(struct queue_job *job, const char **ret_refusal)
{
    if (job->state != QUEUE_WAITING && job->state != QUEUE_PAUSED) {
        *ret_refusal = "it has ended already";
        return false;
    }
    job->state = QUEUE_PAUSED;
    return true;
}

int command_queue_pause(const struct command_line *line)
{
    return fulfil_all(line, pause_job, NULL);
}

static bool resume_job(struct queue_job *job, const char **ret_refusal)
{
    if (job->state != QUEUE_PAUSED) {
        *ret_refusal = "it is not paused; retry starts one that waits or "
                       "failed";
        return false;
    }
    job->state = QUEUE_WAITING;
    job->next_try_at = 0;
    job->stalled_at = 0;
    return true;
}

int command_queue_resume(const struct command_line *line)
{
    return fulfil_all(line, resume_job, NULL);
}

static bool retry_job(struct queue_job *job, const char **ret_refusal)
{
    if (job->state != QUEUE_WAITING && job->state != QUEUE_FAILED) {
        *ret_refusal = "it neither waits nor failed";
        return false;
    }
    job->state = QUEUE_WAITING;
    job->next_try_at = 0;
    job->stalled_at = 0;
    job->ended_at = 0;
    job->then_due = false;
    return true;
}

int command_queue_retry(const struct command_line *line)
{
    return fulfil_all(line, retry_job, NULL);
}

/* --- remove --------------------------------------------------------------- */

static bool end_job(struct queue_job *job, const char **ret_refusal)
{
    (void)ret_refusal;
    job->state = QUEUE_ENDING;
    return true;
}

static bool is_still_there(const struct queue *queue, const char *id)
{
    struct queue_job job;

    if (queue_load(queue, id, &job) != 0) {
        return false;
    }
    queue_job_done(&job);
    return true;
}

/* The process that runs the queue cancels the session; if none does, this
 * one. */
static bool remove_job(const struct command_line *line,
                       const struct queue *queue, const char *id)
{
    struct kept_agent kept = {.agent = NULL};
    bool good;
    int held;

    if (queue_is_run(queue)) {
        return true;
    }
    held = queue_hold(queue, id);
    if (held < 0) {
        queue_say_error(line->say, id, errno);
        return false;
    }
    good = queue_work(line, queue, id, &kept,
                      line->settings.wait ? QUEUE_PATIENT : QUEUE_HASTY);
    kept_agent_done(&kept);
    (void)close(held);
    if (good && is_still_there(queue, id)) {
        say_note(line->say,
                 "%s: the server does not answer; `bits queue run` ends its "
                 "session and forgets the job",
                 id);
    }
    return good;
}

int command_queue_remove(const struct command_line *line)
{
    return fulfil_all(line, end_job, remove_job);
}
