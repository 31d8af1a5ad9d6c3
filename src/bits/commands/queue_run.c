/*
 * bits/commands/queue_run.c: `bits queue run`: runs until no job waits, or as a
 * service until it is stopped.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bits/commands/queue_command.h"
#include "bits/commands/queue_live.h"
#include "client/queue/run.h"
#include "options/list.h"
#include "os/systemd.h"

struct crew {
    const struct command_line *line;
    struct queue queue;
    int held;               /* the queue's lock; processes for jobs close it */
    struct kept_agent kept; /* used in a process for jobs */
    struct queue_live live;
};

/* --- in a process for jobs ----------------------------------------------- */

static void begin(void *context)
{
    struct crew *crew = context;

    (void)close(crew->held);
    crew->line->say->beside_live =
        crew->line->say->terminal && !crew->line->say->quiet;
    crew->line->say->terminal = false; /* several processes write to it */
}

static bool work(void *context, const char *id)
{
    struct crew *crew = context;
    bool good;
    int held;

    do {
        held = queue_hold(&crew->queue, id);
    } while (held < 0 && errno == EINTR && !crew->line->stop->asked);
    if (held < 0) {
        return errno == EINTR;
    }
    good = queue_work(crew->line, &crew->queue, id, &crew->kept, QUEUE_PATIENT);
    (void)close(held);
    return good;
}

static void end(void *context)
{
    struct crew *crew = context;

    kept_agent_done(&crew->kept);
}

/* --- in the parent process ----------------------------------------------- */

static void on_trouble(void *context, const char *id, const char *words)
{
    const struct crew *crew = context;

    say_warning(crew->line->say, "job %s: %s", id, words);
}

static void on_tick(void *context, const struct queue_roster *roster)
{
    struct crew *crew = context;

    queue_live_show(&crew->live, roster);
}

static int run(struct crew *crew)
{
    const struct command_line *line = crew->line;
    bool shows = line->say->terminal && !line->say->json && !line->say->quiet;
    const struct queue_runner run = {
        .queue = &crew->queue,
        .stop = line->stop,
        .keep_running = line->settings.keep_running,
        .one_round = line->settings.once,
        .begin = begin,
        .work = work,
        .end = end,
        .trouble = on_trouble,
        .tick = shows ? on_tick : NULL,
        .context = crew,
    };
    size_t failed;
    int error;

    os_notify("READY=1");
    queue_live_init(&crew->live, line->say, &crew->queue);
    error = queue_run(&run, &failed);
    queue_live_done(&crew->live);
    if (error) {
        say_error(line->say, "%s: %s", crew->queue.home.path, strerror(error));
        return CLIENT_LOCAL;
    }
    if (line->stop->asked) {
        return CLIENT_BY_SIGNAL + line->stop->signal;
    }
    return failed > 0 ? CLIENT_SOME_FAILED : CLIENT_DONE;
}

static int refuse(const struct command_line *line, int error, long pid)
{
    if (error == EWOULDBLOCK) {
        say_error(line->say, "process %ld is running the queue already", pid);
        return CLIENT_TEMPORARY;
    }
    say_error(line->say, "the queue cannot be locked: %s", strerror(error));
    return CLIENT_LOCAL;
}

int command_queue_run(const struct command_line *line)
{
    struct crew crew = {.line = line};
    long pid;
    int status;

    if (line->operand_count > 0) {
        return command_usage(line, "run takes no ids");
    }
    if (line->settings.once && line->settings.keep_running) {
        return command_usage(line, "--once ends, and --keep-running does not");
    }
    if (!queue_command_open(line, &crew.queue)) {
        return CLIENT_LOCAL;
    }
    crew.held = queue_hold_all(&crew.queue, &pid);
    if (crew.held < 0) {
        status = refuse(line, errno, pid);
    } else {
        status = run(&crew);
        (void)close(crew.held);
    }
    queue_close(&crew.queue);
    return status;
}
