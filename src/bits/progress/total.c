/*
 * bits/progress/total.c: see total.h.
 */
#include "bits/progress/total.h"

#include <stdio.h>

#include "base/compiler.h"
#include "base/smaller.h"

/* The shortest time between two updates of the line, for all transfers
 * together. */
#define SHOW_EVERY_MS 200

#define NAME_MAX_LEN 64

/* --- adding up ------------------------------------------------------------ */

static void note_waiting(struct progress_member *member, bool waiting)
{
    struct progress_total *total = member->total;

    total->waiting -= member->waiting;
    total->waiting += waiting;
    member->waiting = waiting;
}

static void note_moved(struct progress_member *member, uint64_t moved)
{
    struct progress_total *total = member->total;

    total->moving -= member->moved;
    total->moving += moved;
    member->moved = moved;
}

static void note_resumed(struct progress_member *member, uint64_t resumed)
{
    struct progress_total *total = member->total;

    total->resumed -= member->resumed;
    total->resumed += resumed;
    member->resumed = resumed;
}

/* Bytes that did not arrive will not be sent in this run. */
static void note_end(struct progress_member *member,
                     const struct watch_event *event)
{
    struct progress_total *total = member->total;
    bool arrived = event->exit == CLIENT_DONE;
    bool before = arrived && !member->running; /* --once skips it */

    note_waiting(member, false);
    note_moved(member, 0);
    note_resumed(member, arrived ? member->resumed : 0);
    total->resumed += before ? event->size : 0;
    total->done += arrived ? event->size : 0;
    total->size -= arrived ? 0 : smaller(event->size, total->size);
    total->running -= member->running;
    total->ended++;
    member->running = false;
    member->resumed = 0;
}

static void note(struct progress_member *member,
                 const struct watch_event *event)
{
    struct progress_total *total = member->total;

    if (event->kind == WATCH_END) {
        note_end(member, event);
        return;
    }
    if (event->kind == WATCH_BEGIN) {
        member->running = true;
        total->running++;
        note_resumed(member, smaller(event->offset, event->size));
    }
    if (event->kind == WATCH_PACKET) {
        total->answered |= event->packet->result->end == AGENT_ANSWERED;
    }
    note_waiting(member, event->waiting);
    note_moved(member, smaller(event->waiting ? event->offset : event->sent,
                               event->size));
    /* A file may have grown since the sizes were added up. */
    if (total->size < total->done + total->moving) {
        total->size = total->done + total->moving;
    }
}

static bool all_wait(const struct progress_total *total)
{
    return total->running > 0 && total->waiting == total->running;
}

/* --- failures ------------------------------------------------------------- */

static void note_answers(struct progress_member *member,
                         const struct watch_event *event)
{
    bool answered = event->kind == WATCH_PACKET &&
                    event->packet->result->end == AGENT_ANSWERED;

    if (answered) {
        member->total->answered_ms = event->now_ms;
        member->trouble_ms = 0;
    } else if (event->kind == WATCH_BEGIN ||
               (event->kind == WATCH_WAIT && member->trouble_ms == 0)) {
        member->trouble_ms = event->now_ms;
    }
}

/* Returns false if it must not be printed. */
static bool note_failure(struct progress_member *member,
                         const struct watch_event *event)
{
    struct progress_total *total = member->total;
    enum refusals_server server = member->trouble_ms > total->answered_ms
                                      ? REFUSALS_SERVER_SILENT
                                      : REFUSALS_SERVER_ANSWERS;

    return refusals_failed(&total->refusals, event, server) || total->say->json;
}

/* No connection was ever established: the user may want to correct something at
 * once instead of waiting for the last try. */
static void note_wait(struct progress_member *member,
                      const struct watch_event *event)
{
    struct summary *summary = &member->total->summary;
    const struct bits_failure *failure = event->failure;

    member->shown.waits_with_help =
        failure->reason == BITS_REASON_TRANSPORT && !member->shown.answered &&
        !summary_is_helped(summary, failure->hresult);
    if (member->shown.waits_with_help) {
        summary_note_help(summary, failure->hresult);
    }
}

/* Remedies of several files are printed at the end. */
static void note_end_in_summary(struct progress_member *member,
                                const struct watch_event *event)
{
    struct progress_total *total = member->total;

    summary_note(&total->summary, event);
    member->shown.without_help =
        total->files > 1 ||
        (event->failure &&
         summary_is_helped(&total->summary, event->failure->hresult));
}

static void pass(struct progress_member *member,
                 const struct watch_event *event)
{
    bool created =
        event->kind == WATCH_NOTICE && event->notice == BITS_NOTICE_CREATED;
    bool delivered = event->kind == WATCH_END && event->exit == CLIENT_DONE &&
                     !event->words; /* otherwise --once skipped it */

    note_answers(member, event);
    if (created || delivered) {
        refusals_accepted(&member->total->refusals);
    }
    if (event->kind == WATCH_WAIT) {
        note_wait(member, event);
    }
    if (event->kind == WATCH_END && event->exit != CLIENT_DONE &&
        event->exit != CLIENT_BY_SIGNAL) {
        note_end_in_summary(member, event);
    }
    if (event->kind == WATCH_END && event->failure &&
        !note_failure(member, event)) {
        return;
    }
    member->shown.watcher.event(&member->shown.watcher, event);
}

/* --- the line ------------------------------------------------------------- */

static enum progress_state state_of(const struct progress_total *total)
{
    if (all_wait(total)) {
        return PROGRESS_WAITING;
    }
    return total->answered ? PROGRESS_SENDING : PROGRESS_CONNECTING;
}

static void show(struct progress_member *member,
                 const struct watch_event *event)
{
    struct progress_total *total = member->total;
    unsigned width = say_width(total->say);
    uint64_t done = total->done + total->moving;
    char name[NAME_MAX_LEN];
    char line[PROGRESS_LINE_MAX];
    const struct progress progress = {
        .name = name,
        .state = state_of(total),
        .size = total->size,
        .done = done,
        .resumed = smaller(total->resumed, done),
        .rate = progress_rate_value(&total->rate),
        .silent_s = progress_rate_silence(&total->rate, event->now_ms),
        .next_try = member->shown.next_try_text,
        .why = member->shown.why.text,
    };

    (void)snprintf(name, sizeof(name), "%zu/%zu files", total->ended,
                   total->files);
    progress_live(&progress, width > 1 ? width - 1 : 1, line);
    say_live(total->say, line);
    total->shown_ms = event->now_ms;
}

static bool is_time(const struct progress_total *total,
                    const struct watch_event *event)
{
    switch (event->kind) {
    case WATCH_PROGRESS:
        return event->now_ms - total->shown_ms >= SHOW_EVERY_MS;
    case WATCH_WAIT:
        return all_wait(total);
    case WATCH_BEGIN:
    case WATCH_NOTICE:
    case WATCH_PACKET:
    case WATCH_WARNING:
    case WATCH_END:
        break;
    }
    return false;
}

static void on_shared(struct progress_member *member,
                      const struct watch_event *event)
{
    struct progress_total *total = member->total;
    uint64_t done;

    note(member, event);
    member->shown.all_wait = all_wait(total);
    pass(member, event);
    if (total->say->json || !total->say->terminal) {
        return;
    }
    done = total->done + total->moving;
    if (event->kind == WATCH_PROGRESS && !event->waiting) {
        progress_rate_note(&total->rate, event->now_ms,
                           done - smaller(total->resumed, done));
    } else {
        progress_rate_answered(&total->rate, event->now_ms);
    }
    if (is_time(total, event)) {
        show(member, event);
    }
}

/* --- all transfers -------------------------------------------------------- */

static void on_event(struct watcher *watcher, const struct watch_event *event)
{
    struct progress_member *member =
        CONTAINER_OF(watcher, struct progress_member, watcher);
    struct progress_total *total = member->total;

    (void)pthread_mutex_lock(&total->lock);
    if (total->files > 1) {
        on_shared(member, event);
    } else {
        pass(member, event);
    }
    (void)pthread_mutex_unlock(&total->lock);
}

void progress_total_init(struct progress_total *total, struct say *say,
                         size_t members, size_t files, uint64_t size)
{
    *total = (struct progress_total){
        .say = say,
        .members = members,
        .files = files,
        .size = size,
    };
    (void)pthread_mutex_init(&total->lock, NULL);
    refusals_init(&total->refusals, say);
}

void progress_total_done(struct progress_total *total)
{
    refusals_done(&total->refusals);
    (void)pthread_mutex_destroy(&total->lock);
}

bool progress_total_is_hopeless(struct progress_total *total)
{
    bool hopeless;

    (void)pthread_mutex_lock(&total->lock);
    hopeless = total->refusals.of_all;
    (void)pthread_mutex_unlock(&total->lock);
    return hopeless;
}

void progress_total_sum_up(struct progress_total *total, size_t untried)
{
    (void)pthread_mutex_lock(&total->lock);
    refusals_sum_up(&total->refusals, untried);
    (void)pthread_mutex_unlock(&total->lock);
}

void progress_total_say_summary(struct progress_total *total)
{
    const struct summary *summary = &total->summary;

    (void)pthread_mutex_lock(&total->lock);
    if (total->files > 1 && !total->say->json) {
        summary_say(summary, total->say,
                    summary->count > 1 || (total->refusals.accepted &&
                                           !total->refusals.of_all)
                        ? SUMMARY_ALL
                        : SUMMARY_REMEDIES);
    }
    (void)pthread_mutex_unlock(&total->lock);
}

void progress_member_init(struct progress_member *member,
                          struct progress_total *total)
{
    *member = (struct progress_member){
        .watcher = {.event = on_event},
        .total = total,
    };
    progress_watch_init(&member->shown, total->say);
    member->shown.shares_line = total->files > 1;
    member->watcher.tick_ms = member->shown.watcher.tick_ms;
}
