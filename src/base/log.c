/*
 * base/log.c: see log.h.
 */
#include "base/log.h"

void log_pass(struct log_sink *sink, const struct log_event *event)
{
    if (event->level <=
        atomic_load_explicit(&sink->level, memory_order_relaxed)) {
        sink->write(sink, event);
    }
}

void log_words(struct log_sink *sink, enum log_level level, const char *event,
               const char *words)
{
    log_pass(sink, &(struct log_event){
                       .level = level, .event = event, .words = words});
}
