/*
 * client/queue/run.c: see run.h; worker.c starts and ends the
 * processes.
 */
#include "client/queue/run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "client/queue/roster.h"
#include "client/queue/worker.h"
#include "client/transfer/network.h"
#include "os/clock.h"

/* Longest sleep, so that a change of the wall clock is noticed. */
#define NAP_SECONDS 60

/* How often the live line is updated. */
#define TICK_MS 500

/* A try planned further ahead was planned with another clock. */
#define DELAY_MAX_SECONDS (2 * 86400)

/* How often jobs that ended long ago are searched. */
#define SWEEP_SECONDS 86400

enum { FD_STOP, FD_FOLDER, FD_NETWORK, FD_WORKERS };

struct shift {
    const struct queue_runner *run;
    struct queue_roster table;
    int folder;  /* owned; reports changes in the folder */
    int network; /* owned; -1: none */
    int64_t swept_at;
    size_t failed;
};

static int64_t now(void)
{
    return os_clock_system.wall(os_clock_system.context);
}

static void report(void *context, const char *id, int error)
{
    struct shift *shift = context;

    shift->run->trouble(shift->run->context, id,
                        error == EILSEQ ? "its file is not valid; remove it"
                                        : strerror(error));
}

static int fill(struct shift *shift)
{
    return queue_roster_fill(&shift->table, shift->run->queue, report, shift);
}

static void refresh(struct shift *shift, const char *id)
{
    int error = queue_roster_refresh(&shift->table, shift->run->queue, id);

    if (error) {
        report(shift, id, error);
    }
}

static int begin(struct shift *shift)
{
    shift->network = network_open();
    shift->folder = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (shift->folder < 0 ||
        inotify_add_watch(shift->folder, shift->run->queue->home.path,
                          IN_MOVED_TO | IN_DELETE) < 0) {
        return errno;
    }
    queue_sweep(shift->run->queue, now());
    shift->swept_at = now();
    return fill(shift);
}

static void end(struct shift *shift)
{
    if (shift->folder >= 0) {
        (void)close(shift->folder);
    }
    if (shift->network >= 0) {
        (void)close(shift->network);
    }
    queue_roster_done(&shift->table);
}

/* --- events --------------------------------------------------------------- */

static void note_change(struct shift *shift, const struct inotify_event *event)
{
    char id[QUEUE_ID_LEN + 1];

    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        (void)fill(shift);
    } else if (event->len > 0 && queue_id_of_file(event->name, id)) {
        refresh(shift, id);
    }
}

static void note_changes(struct shift *shift)
{
    _Alignas(struct inotify_event) char room[16384];
    ssize_t size;

    while ((size = read(shift->folder, room, sizeof(room))) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct inotify_event *event = (const void *)(room + at);

            note_change(shift, event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

/* Its process was given the job before the job was paused or removed: ask it to
 * end. */
static void recall(struct queue_entry *entry)
{
    bool wanted = entry->state == QUEUE_WAITING || entry->state == QUEUE_DONE ||
                  entry->state == QUEUE_FAILED;

    if (entry->pid != 0 && !wanted && !entry->asked) {
        entry->asked = true;
        queue_worker_end(entry);
    }
}

/* Reads the result from its file.  May move all entries. */
static void conclude(struct shift *shift, const struct queue_entry *entry)
{
    char id[QUEUE_ID_LEN + 1];

    memcpy(id, entry->id, sizeof(id));
    refresh(shift, id);
    entry = queue_roster_find(&shift->table, id);
    shift->failed += entry && entry->state == QUEUE_FAILED;
}

/* The process has finished its job.  A process that was asked to end gets no
 * other job. */
static void go_on(struct shift *shift, struct queue_entry *entry,
                  struct queue_entry *free)
{
    struct queue_entry *next;

    conclude(shift, entry);
    next = free->asked || shift->run->stop->asked
               ? NULL
               : queue_roster_due(&shift->table, now());
    if (!next || !queue_worker_pass(free, next)) {
        (void)queue_worker_reap(free);
    }
}

static void attend(struct shift *shift, struct queue_entry *entry)
{
    bool asked = entry->asked;
    struct queue_entry free;
    char words[128];

    if (queue_worker_release(entry, &free)) {
        go_on(shift, entry, &free);
        return;
    }
    if (queue_worker_reap(entry) || asked || shift->run->stop->asked) {
        conclude(shift, entry);
        return;
    }
    (void)snprintf(words, sizeof(words),
                   "its process died or could not store the result; the next "
                   "try is in %d minutes",
                   (int)(queue_retry_seconds() / 60));
    shift->run->trouble(shift->run->context, entry->id, words);
    entry->due_at = now() + queue_retry_seconds();
}

static void sweep(struct shift *shift)
{
    if (now() - shift->swept_at > SWEEP_SECONDS) {
        shift->swept_at = now();
        queue_sweep(shift->run->queue, shift->swept_at);
    }
}

/* --- the loop ------------------------------------------------------------- */

static void start_due(struct shift *shift)
{
    struct queue_entry *entry;

    for (size_t i = 0; i < shift->table.count; i++) {
        recall(&shift->table.items[i]);
        if (shift->table.items[i].due_at > now() + DELAY_MAX_SECONDS) {
            shift->table.items[i].due_at = 0;
        }
    }
    while (queue_roster_workers(&shift->table) < QUEUE_WORKERS &&
           (entry = queue_roster_due(&shift->table, now()))) {
        if (!queue_worker_start(shift->run, entry)) {
            shift->run->trouble(shift->run->context, entry->id,
                                strerror(errno));
            entry->due_at = now() + queue_retry_seconds();
        }
    }
}

static int nap_ms(const struct shift *shift)
{
    int64_t delay = queue_roster_delay(&shift->table, now());

    if (queue_roster_workers(&shift->table) == QUEUE_WORKERS) {
        delay = NAP_SECONDS; /* a due job waits for a free process */
    }
    if (shift->run->tick && queue_roster_workers(&shift->table) > 0) {
        return TICK_MS;
    }
    return (int)(delay < 0 || delay > NAP_SECONDS ? NAP_SECONDS : delay) * 1000;
}

/* Sleeps until an event, and handles it. */
static void wait(struct shift *shift)
{
    struct pollfd fds[FD_WORKERS + QUEUE_WORKERS] = {
        [FD_STOP] = {.fd = shift->run->stop->fd, .events = POLLIN},
        [FD_FOLDER] = {.fd = shift->folder, .events = POLLIN},
        [FD_NETWORK] = {.fd = shift->network, .events = POLLIN},
    };
    char ids[QUEUE_WORKERS][QUEUE_ID_LEN + 1];
    nfds_t count = FD_WORKERS;

    for (size_t i = 0; i < shift->table.count; i++) {
        const struct queue_entry *entry = &shift->table.items[i];

        if (entry->pid != 0) {
            memcpy(ids[count - FD_WORKERS], entry->id, sizeof(ids[0]));
            fds[count++] = (struct pollfd){.fd = entry->pipe, .events = POLLIN};
        }
    }
    if (poll(fds, count, nap_ms(shift)) <= 0) {
        return;
    }
    for (nfds_t i = FD_WORKERS; i < count; i++) {
        struct queue_entry *entry =
            fds[i].revents != 0
                ? queue_roster_find(&shift->table, ids[i - FD_WORKERS])
                : NULL;

        if (entry) {
            attend(shift, entry);
        }
    }
    if (fds[FD_FOLDER].revents != 0) {
        note_changes(shift);
    }
    if (fds[FD_NETWORK].revents != 0 && network_came(shift->network)) {
        queue_roster_wake(&shift->table);
    }
}

/* Asks all running processes to end, and waits for them. */
static void send_home(struct shift *shift)
{
    for (size_t i = 0; i < shift->table.count; i++) {
        if (shift->table.items[i].pid != 0) {
            queue_worker_end(&shift->table.items[i]);
        }
    }
    for (size_t i = 0; i < shift->table.count; i++) {
        if (shift->table.items[i].pid != 0) {
            (void)queue_worker_reap(&shift->table.items[i]);
        }
    }
}

int queue_run(const struct queue_runner *run, size_t *ret_failed)
{
    struct shift shift = {.run = run, .folder = -1, .network = -1};
    int error;

    shift.table.round_at = run->one_round ? now() : 0;
    error = begin(&shift);
    while (!error && !run->stop->asked) {
        sweep(&shift);
        start_due(&shift);
        if (!run->keep_running && queue_roster_is_idle(&shift.table)) {
            break;
        }
        wait(&shift);
        if (run->tick) {
            run->tick(run->context, &shift.table);
        }
    }
    send_home(&shift);
    *ret_failed = shift.failed;
    end(&shift);
    return error;
}
