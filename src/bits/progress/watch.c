/*
 * bits/progress/watch.c: the watcher that shows a transfer; see watch.h. json.c
 * has the JSON form.
 */
#include "bits/progress/watch.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bits/progress/json.h"
#include "bits/progress/news.h"
#include "os/clock.h"

/* How often the live line is updated. */
#define LIVE_TICK_MS 200

/* How often the time is checked without a live line. */
#define OTHER_TICK_MS 1000

/* The shortest time between two lines in a log, or two objects on a pipe,
 * without other events. */
#define PLAIN_EVERY_MS 30000
#define JSON_EVERY_MS 1000

static enum progress_state state_of(const struct progress_watch *watch,
                                    const struct watch_event *event)
{
    if (event->waiting) {
        return PROGRESS_WAITING;
    }
    if (!watch->answered) {
        return PROGRESS_CONNECTING;
    }
    if (event->offset >= event->size) {
        return PROGRESS_CLOSING;
    }
    return event->sent >= event->size ? PROGRESS_DELIVERING : PROGRESS_SENDING;
}

static struct progress progress_of_event(const struct progress_watch *watch,
                                         const struct watch_event *event)
{
    struct progress progress = {
        .name = watch->name,
        .state = state_of(watch, event),
        .size = event->size,
        .done = event->waiting ? event->offset : event->sent,
        .resumed = watch->begun_at,
        .rate = progress_rate_value(&watch->rate),
        .silent_s = progress_rate_silence(&watch->rate, event->now_ms),
    };

    if (event->waiting) {
        progress.next_try = watch->next_try_text;
        progress.why = watch->why.text;
    }
    return progress;
}

static void show_live(struct progress_watch *watch,
                      const struct watch_event *event)
{
    const struct progress progress = progress_of_event(watch, event);
    unsigned width = say_width(watch->say);
    char line[PROGRESS_LINE_MAX];

    progress_live(&progress, width > 1 ? width - 1 : 1, line);
    say_live(watch->say, line);
}

static void show_plain(struct progress_watch *watch,
                       const struct watch_event *event)
{
    const struct progress progress = progress_of_event(watch, event);
    char line[PROGRESS_LINE_MAX];

    progress_plain(&progress, line);
    say_note(watch->say, "%s", line);
    watch->told_ms = event->now_ms;
}

static void on_begin(struct progress_watch *watch,
                     const struct watch_event *event)
{
    char done[PROGRESS_WORD_MAX];
    char size[PROGRESS_WORD_MAX];

    progress_bytes(event->offset, done);
    progress_bytes(event->size, size);
    if (event->offset > 0) {
        say_note(watch->say, "%s resumes at %s of %s", watch->name, done, size);
    } else if (!watch->say->terminal) {
        say_note(watch->say, "%s, %s, to %s", watch->name, size, event->url);
    }
}

static void on_progress(struct progress_watch *watch,
                        const struct watch_event *event)
{
    if (watch->say->terminal && !watch->shares_line) {
        show_live(watch, event);
    } else if (!watch->say->terminal && !watch->say->beside_live &&
               event->now_ms - watch->told_ms >= PLAIN_EVERY_MS &&
               !event->waiting) {
        show_plain(watch, event);
    }
}

static void on_notice(struct progress_watch *watch,
                      const struct watch_event *event)
{
    const char *words = news_words(event->notice);

    if (news_is_warning(event->notice)) {
        say_warning(watch->say, "%s: %s", watch->name, words);
    } else if (words[0] != '\0') {
        say_note(watch->say, "%s: %s", watch->name, words);
    }
}

/* The error of the connection, which no other line has, and the remedy. */
static void say_no_connection(struct progress_watch *watch,
                              const struct watch_event *event)
{
    if (event->words) {
        say_note(watch->say, "%s: %s", watch->name, event->words);
    }
    say_failure_help(watch->say, event->failure);
}

static void on_wait(struct progress_watch *watch,
                    const struct watch_event *event)
{
    if (watch->say->terminal && !watch->shares_line) {
        show_live(watch, event);
    } else if (!watch->say->terminal || !watch->all_wait) {
        show_plain(watch, event);
    }
    if (watch->waits_with_help && !watch->say->quiet) {
        say_no_connection(watch, event);
    }
}

static void on_packet(struct progress_watch *watch,
                      const struct watch_event *event)
{
    char words[NEWS_PACKET_MAX];

    if (watch->say->verbose) {
        news_packet(event->packet, words);
        say_note(watch->say, "%s%s%s", watch->id ? watch->id : "",
                 watch->id ? " " : "", words);
    }
}

static void say_success(struct progress_watch *watch,
                        const struct watch_event *event)
{
    uint64_t spent_ms = event->now_ms - watch->begun_ms;
    char size[PROGRESS_WORD_MAX];
    char time[PROGRESS_WORD_MAX];

    progress_bytes(event->size, size);
    progress_duration(spent_ms / 1000, time);
    say_note(watch->say, "%s: done, %s in %s, at %s%s", watch->name, size, time,
             event->url,
             event->size == 0 ? "; the file is empty, and some servers make "
                                "no file of that"
                              : "");
}

/* The failure, followed by details such as the message of the network error. */
static void say_no_success(struct progress_watch *watch,
                           const struct watch_event *event)
{
    const char *name = watch->name;
    struct fault fault;

    if (!event->failure) {
        say_error(watch->say, "%s: %s", name,
                  event->words ? event->words : "not sent");
        return;
    }
    failure_words(event->failure, &fault);
    say_error(watch->say, "%s: %s%s%s", name, fault.text,
              event->words ? ": " : "", event->words ? event->words : "");
    if (!watch->without_help) {
        say_failure_help(watch->say, event->failure);
    }
}

static void on_end(struct progress_watch *watch,
                   const struct watch_event *event)
{
    say_live(watch->say, "");
    if (event->exit != CLIENT_DONE) {
        say_no_success(watch, event);
    } else if (event->words) {
        say_note(watch->say, "%s: %s", watch->name, event->words);
    } else {
        say_success(watch, event);
    }
}

static void learn_next_try(struct progress_watch *watch,
                           const struct watch_event *event)
{
    uint64_t delay_ms =
        event->until_ms > event->now_ms ? event->until_ms - event->now_ms : 0;
    time_t at = (time_t)os_clock_system.wall(os_clock_system.context) +
                (time_t)((delay_ms + 999) / 1000);
    struct tm local;

    watch->next_try = at;
    if (!localtime_r(&at, &local) ||
        strftime(watch->next_try_text, sizeof(watch->next_try_text), "%H:%M:%S",
                 &local) == 0) {
        watch->next_try_text[0] = '\0';
    }
}

/* Records what later events and lines need. */
static void learn(struct progress_watch *watch, const struct watch_event *event)
{
    switch (event->kind) {
    case WATCH_BEGIN:
        watch->answered = false;
        watch->begun_ms = event->now_ms;
        watch->told_ms = event->now_ms;
        watch->begun_at = event->offset;
        watch->rate = (struct progress_rate){0};
        break;
    case WATCH_PACKET:
        watch->answered |= event->packet->result->end == AGENT_ANSWERED;
        progress_rate_answered(&watch->rate, event->now_ms);
        break;
    case WATCH_PROGRESS:
        if (!event->waiting) {
            progress_rate_note(&watch->rate, event->now_ms, event->sent);
        } else {
            progress_rate_answered(&watch->rate, event->now_ms);
        }
        break;
    case WATCH_WAIT:
        failure_words(event->failure, &watch->why);
        learn_next_try(watch, event);
        break;
    case WATCH_NOTICE:
    case WATCH_WARNING:
    case WATCH_END:
        break;
    }
}

static void show_json(struct progress_watch *watch,
                      const struct watch_event *event)
{
    bool is_progress = event->kind == WATCH_PROGRESS;

    if (event->kind == WATCH_PACKET && !watch->say->verbose) {
        return;
    }
    if (is_progress &&
        (event->waiting || event->now_ms - watch->told_ms < JSON_EVERY_MS)) {
        return;
    }
    if (event->kind == WATCH_NOTICE && event->notice == BITS_NOTICE_PROGRESS) {
        return;
    }
    watch->told_ms = is_progress ? event->now_ms : watch->told_ms;
    say_json(watch->say, progress_json(event, watch->id, watch->next_try));
}

static void show_text(struct progress_watch *watch,
                      const struct watch_event *event)
{
    switch (event->kind) {
    case WATCH_BEGIN:
        on_begin(watch, event);
        break;
    case WATCH_PROGRESS:
        on_progress(watch, event);
        break;
    case WATCH_NOTICE:
        on_notice(watch, event);
        break;
    case WATCH_WAIT:
        on_wait(watch, event);
        break;
    case WATCH_PACKET:
        on_packet(watch, event);
        break;
    case WATCH_WARNING:
        say_warning(watch->say, "%s: %s", watch->name, event->words);
        break;
    case WATCH_END:
        on_end(watch, event);
        break;
    }
}

/* With the id of its job in front: several jobs write to one terminal. */
static void learn_name(struct progress_watch *watch,
                       const struct watch_event *event)
{
    (void)snprintf(watch->name, sizeof(watch->name), "%s%s%s",
                   watch->id ? watch->id : "", watch->id ? " " : "",
                   watch_name(event->path));
}

static void on_event(struct watcher *watcher, const struct watch_event *event)
{
    struct progress_watch *watch =
        CONTAINER_OF(watcher, struct progress_watch, watcher);

    learn_name(watch, event);
    learn(watch, event);
    if (watch->say->json) {
        show_json(watch, event);
    } else {
        show_text(watch, event);
    }
}

void progress_watch_init(struct progress_watch *watch, struct say *say)
{
    *watch = (struct progress_watch){
        .watcher = {.event = on_event},
        .say = say,
    };
    watch->watcher.tick_ms = say->terminal && !say->json && !say->quiet
                                 ? LIVE_TICK_MS
                                 : OTHER_TICK_MS;
}
