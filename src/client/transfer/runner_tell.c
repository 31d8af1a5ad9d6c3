/*
 * client/transfer/runner_tell.c: reports to the watcher.  See runner_private.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include "client/monotonic.h"
#include "client/transfer/runner_private.h"

static struct watch_event event_of(const struct run *run, enum watch_kind kind)
{
    uint64_t offset = bits_transfer_progress(&run->transfer).offset;

    return (struct watch_event){
        .kind = kind,
        .now_ms = monotonic_ms(),
        .path = run->job->path,
        .url = run->job->url,
        .size = run->source.mark.size,
        .offset = offset,
        .sent = run->sent > offset ? run->sent : offset,
        .waiting = run->waiting,
        .until_ms = run->until_ms,
    };
}

static void pass(const struct run *run, const struct watch_event *event)
{
    struct watcher *watcher = run->runner->watcher;

    watcher->event(watcher, event);
}

void tell(struct run *run, enum watch_kind kind)
{
    struct watch_event event = event_of(run, kind);

    pass(run, &event);
}

void tell_notice(struct run *run, enum bits_notice notice)
{
    struct watch_event event = event_of(
        run, notice == BITS_NOTICE_PROGRESS ? WATCH_PROGRESS : WATCH_NOTICE);

    event.notice = notice;
    pass(run, &event);
}

void tell_wait(struct run *run, const struct bits_failure *failure)
{
    struct watch_event event = event_of(run, WATCH_WAIT);

    event.failure = failure;
    event.words = failure->reason == BITS_REASON_TRANSPORT &&
                          run->transport_words[0] != '\0'
                      ? run->transport_words
                      : NULL;
    pass(run, &event);
}

void tell_packet(struct run *run, const struct agent_result *result)
{
    const struct bits_action *action = &run->action;
    struct watch_event event = event_of(run, WATCH_PACKET);
    const struct watch_packet packet = {
        .is_reply = action->kind == BITS_ACTION_FETCH_REPLY,
        .type = action->type,
        .offset = action->offset,
        .length = action->length,
        .url = run->url,
        .credentials = action->credentials || action->proxy_credentials,
        .result = result,
    };

    event.packet = &packet;
    pass(run, &event);
}

void tell_warning(struct run *run, const char *format, ...)
{
    struct watch_event event = event_of(run, WATCH_WARNING);
    struct fault fault;
    va_list arguments;

    va_start(arguments, format);
    (void)fault_vset(&fault, format, arguments);
    va_end(arguments);
    event.words = fault.text;
    pass(run, &event);
}

void tell_end(struct run *run)
{
    struct watch_event event = event_of(run, WATCH_END);
    const struct runner_end *end = run->end;

    event.exit = end->exit;
    event.signal =
        end->exit == CLIENT_BY_SIGNAL ? run->runner->stop->signal : 0;
    event.failure =
        end->failure.reason != BITS_REASON_NONE ? &end->failure : NULL;
    event.words = end->fault.text[0] != '\0' ? end->fault.text : NULL;
    pass(run, &event);
}

void tell_tick(struct run *run, uint64_t sent)
{
    unsigned tick_ms = run->runner->watcher->tick_ms;
    uint64_t now_ms = monotonic_ms();

    run->sent = sent;
    if (tick_ms > 0 && now_ms - run->ticked_ms >= tick_ms) {
        run->ticked_ms = now_ms;
        tell(run, WATCH_PROGRESS);
    }
}

void run_words(struct run *run, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fault_vset(&run->end->fault, format, arguments);
    va_end(arguments);
}
