/*
 * os/logger.h: the log sink that writes lines to a descriptor, as text for
 * people or as JSON for programs.
 *
 * The text form is
 *
 *     TIME LEVEL EVENT: WORDS KEY=VALUE KEY="VALUE WITH BLANKS"
 *
 * in printable ASCII, the JSON form one object with time, level, event,
 * message and the fields.  In both, a line is shorter than LOGLINE_MAX and a
 * long value is cut in its middle.
 *
 * If systemd's journal reads the descriptor, each line begins with the priority
 * of its level.
 *
 * Logging never waits for the descriptor.  A thread of the logger's own
 * writes, and LOGGER_ROOM bytes of lines may wait for it.  A line beyond that,
 * or one that the descriptor refuses, is dropped and counted; a line in its
 * place says how many were.  Lines keep their order and never mix.
 *
 * Any thread may log.  The process must ignore SIGPIPE and SIGXFSZ.
 */
#ifndef OS_LOGGER_H
#define OS_LOGGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/log.h"

/* Bytes of lines that wait while others are written. */
#define LOGGER_ROOM ((size_t)256 << 10)

/* How long the end of a process waits for its last lines. */
#define LOGGER_PATIENCE_MS 2000

enum logger_form { LOGGER_TEXT, LOGGER_JSON };

struct logger {
    struct log_sink sink;
    int fd;          /* borrowed */
    bool priorities; /* each line begins with one */
    _Atomic(enum logger_form) form;

    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;   /* for the thread: lines wait, or the end */
    char *waiting;         /* LOGGER_ROOM bytes, `size` of them in use */
    size_t size;
    uint64_t dropped; /* lines behind those that wait */
    bool finishing;
    atomic_bool settled; /* the thread sleeps and no line waits */

    /* The thread's alone. */
    char *writing; /* changes places with `waiting` */
    uint64_t lost; /* lines since the last one that was written */
    bool torn;     /* the last one that was begun has no end */
};

/* Starts the thread, with all signals blocked.  The form is text and the
 * level LOG_INFO.  0 or an errno value; then there is no logger. */
int logger_start(struct logger *logger, int fd);

/* At any time; lines that are being written keep their form. */
void logger_configure(struct logger *logger, enum log_level level,
                      enum logger_form form);

/* Writes an event that is never filtered by its level, such as the lines that
 * scripts wait for.  In the text form it is "bitsd: WORDS". */
void logger_say(struct logger *logger, const struct log_event *event);

/* Waits until every line logged before is written, but no longer than
 * patience_ms.  False: the descriptor does not take them.  Safe in a signal
 * handler. */
bool logger_settle(const struct logger *logger, unsigned patience_ms);

/* The same at the end of the process; lines logged later are dropped.  True:
 * the thread has ended and the memory is free.  False: the thread hangs, and
 * the logger must live as long as the process. */
bool logger_finish(struct logger *logger, unsigned patience_ms);

#endif
