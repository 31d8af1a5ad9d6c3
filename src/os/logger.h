/*
 * os/logger.h: the log sink that writes lines to a descriptor, as text for
 * people or as JSON for programs.
 *
 * The text form is
 *
 *     TIME LEVEL EVENT: WORDS KEY=VALUE KEY="VALUE WITH BLANKS"
 *
 * in printable ASCII; the JSON form is one object with time, level, event,
 * message and the fields.  In both, a line is shorter than LOGLINE_MAX, and a
 * long value is shortened in its middle.
 *
 * If systemd's journal reads the descriptor, each line begins with its
 * priority.
 *
 * Logging never waits for the descriptor.  The logger's own thread writes, and
 * up to LOGGER_ROOM bytes of lines wait for it.  A line that does not fit, or
 * that the descriptor refuses, is dropped and counted; a line in its place
 * reports the number.  Lines keep their order and never mix.
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

/* Bytes of lines that can wait while others are written. */
#define LOGGER_ROOM ((size_t)256 << 10)

/* How long the end of a process waits for the last lines. */
#define LOGGER_PATIENCE_MS 2000

enum logger_form { LOGGER_TEXT, LOGGER_JSON };

struct logger {
    struct log_sink sink;
    int fd;          /* borrowed */
    bool priorities; /* lines begin with their priority */
    _Atomic(enum logger_form) form;

    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;   /* wakes the thread: lines wait, or the logger
                              ends */
    char *waiting;         /* LOGGER_ROOM bytes, `size` of them in use */
    size_t size;
    uint64_t dropped; /* lines dropped after those that wait */
    bool finishing;
    atomic_bool settled; /* the thread sleeps and no line waits */

    /* Private to the thread. */
    char *writing; /* swapped with `waiting` */
    uint64_t lost; /* lines lost since the last written one */
    bool torn;     /* the last line was not written to its end */
};

/* Starts the thread, with all signals blocked.  Form: text; level: LOG_INFO.
 * Returns 0 or an errno value; after a failure there is no logger. */
int logger_start(struct logger *logger, int fd);

/* At any time; lines that are being written keep their form. */
void logger_configure(struct logger *logger, enum log_level level,
                      enum logger_form form);

/* Writes an event of any level, such as the lines that scripts wait for.  In
 * the text form it is "bitsd: WORDS". */
void logger_say(struct logger *logger, const struct log_event *event);

/* Waits until every earlier line is written, at most patience_ms.  Returns
 * false if the descriptor did not accept them in time.  Safe in a signal
 * handler. */
bool logger_settle(const struct logger *logger, unsigned patience_ms);

/* The same at the end of the process; later lines are dropped.  Returns true
 * when the thread has ended and the memory is free.  Returns false if the
 * thread hangs; then the logger must live as long as the process. */
bool logger_finish(struct logger *logger, unsigned patience_ms);

#endif
