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
 * Any thread, except for logger_init().  Lines never mix.  A line that the
 * descriptor refuses is counted, and a later line says how many were lost.
 * The process must ignore SIGPIPE.  A logger lives as long as its process.
 */
#ifndef OS_LOGGER_H
#define OS_LOGGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/log.h"

struct logger {
    struct log_sink sink;
    int fd; /* borrowed */
    atomic_bool json;
    pthread_mutex_t writing;
    uint64_t lost; /* lines since the last one that was written */
    bool torn;     /* the last one that was begun has no end */
};

/* Text, and the level LOG_INFO. */
void logger_init(struct logger *logger, int fd);

/* At any time; lines that are being written keep their form. */
void logger_configure(struct logger *logger, enum log_level level, bool json);

/* Writes "FORMAT\n" and nothing else, whatever the form and the level: for
 * the lines that scripts wait for. */
PRINTF_LIKE(2, 3)
void logger_say(struct logger *logger, const char *format, ...);

#endif
