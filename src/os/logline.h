/*
 * os/logline.h: one event as one line, in either form.
 *
 * Private to the logger.  Values may come from a peer: they are cut and
 * escaped here.  No I/O.
 */
#ifndef OS_LOGLINE_H
#define OS_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/* A line is shorter, its end included. */
#define LOGLINE_MAX 3000

/* Bytes of a value that are shown: so many from each end of a longer one,
 * since a path and an error message say most at their ends. */
#define LOGLINE_HEAD 200
#define LOGLINE_TAIL 100

/* Holds a value that was cut, and the mark in its middle. */
#define LOGLINE_VALUE_MAX (LOGLINE_HEAD + LOGLINE_TAIL + 40)

/* "<6>", in front of a line for the journal; not counted in LOGLINE_MAX. */
#define LOGLINE_PRIORITY_LEN 3

struct logline {
    char text[LOGLINE_PRIORITY_LEN + LOGLINE_MAX]; /* not terminated */
    size_t len;
};

/* The value, or what is shown of it, which lies in the room then.  Valid UTF-8
 * stays valid. */
struct bits_text logline_cut(struct bits_text value,
                             char room[LOGLINE_VALUE_MAX]);

/* Whether a byte stands for itself; the others are written as escapes of at
 * most LOGLINE_ESCAPE_MAX bytes. */
#define LOGLINE_ESCAPE_MAX 4
struct bits_text logline_escape(char c, char room[LOGLINE_ESCAPE_MAX]);

const char *logline_level(enum log_level level);

/* `when` is the time as it shall stand in the line.  Fields that do not fit
 * are left out, and the line says that some were. */
void logline_text(struct logline *line, const char *when,
                  const struct log_event *event);

/* Returns false if memory is short; then the line is undefined. */
bool logline_json(struct logline *line, const char *when,
                  const struct log_event *event);

/* "bitsd: WORDS" as they are, with neither time nor fields; cut at the end. */
void logline_plain(struct logline *line, const struct log_event *event);

/* Puts the priority of the level in front of the line [sd-daemon(3)].  Call it
 * once. */
void logline_prioritise(struct logline *line, enum log_level level);

#endif
