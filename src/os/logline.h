/*
 * os/logline.h: formats one event as one line, in either form.
 *
 * Private to the logger.  Values may come from a peer: they are shortened and
 * escaped here.  No I/O.
 */
#ifndef OS_LOGLINE_H
#define OS_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/* A line is shorter than this, including its line end. */
#define LOGLINE_MAX 3000

/* Bytes shown from each end of a longer value: the ends of a path or an error
 * message tell most. */
#define LOGLINE_HEAD 200
#define LOGLINE_TAIL 100

/* Room for a shortened value with the mark in its middle. */
#define LOGLINE_VALUE_MAX (LOGLINE_HEAD + LOGLINE_TAIL + 40)

/* "<6>", at the start of a line for the journal; not counted in LOGLINE_MAX. */
#define LOGLINE_PRIORITY_LEN 3

struct logline {
    char text[LOGLINE_PRIORITY_LEN + LOGLINE_MAX]; /* not terminated */
    size_t len;
};

/* The value, or its shortened form, which is written into the room.  Valid
 * UTF-8 stays valid. */
struct bits_text logline_cut(struct bits_text value,
                             char room[LOGLINE_VALUE_MAX]);

/* Writes a byte or its escape of at most LOGLINE_ESCAPE_MAX bytes. */
#define LOGLINE_ESCAPE_MAX 4
struct bits_text logline_escape(char c, char room[LOGLINE_ESCAPE_MAX]);

const char *logline_level(enum log_level level);

/* `when` is the time as printed.  Fields that do not fit are omitted, and the
 * line says so. */
void logline_text(struct logline *line, const char *when,
                  const struct log_event *event);

/* Returns false if memory ran out; the line is undefined then. */
bool logline_json(struct logline *line, const char *when,
                  const struct log_event *event);

/* "bitsd: WORDS" unescaped, with neither time nor fields; truncated at the
 * end. */
void logline_plain(struct logline *line, const struct log_event *event);

/* Puts the priority of the level in front of the line [sd-daemon(3)].  Call it
 * once. */
void logline_prioritise(struct logline *line, enum log_level level);

#endif
