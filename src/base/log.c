/*
 * base/log.c: see log.h.
 */
#include "base/log.h"

void log_event(struct log_sink *sink, const struct log_event *event)
{
    if (event->level <= sink->level) {
        sink->write(sink, event);
    }
}
