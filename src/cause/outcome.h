/*
 * cause/outcome.h: an outcome as a line of text, as an index keeps it.
 *
 * "CLOSED_EARLY"; where a number is not that of the cause's row, all of them
 * follow: "INTERNAL 413 2147942487 7 0".  Causes are kept by name: their
 * numbers change from version to version.  Pure; any thread.
 */
#ifndef CAUSE_OUTCOME_H
#define CAUSE_OUTCOME_H

#include "cause/cause.h"

/* With the terminator. */
#define OUTCOME_TEXT_MAX 96

void outcome_format(const struct bits_outcome *outcome,
                    char text[OUTCOME_TEXT_MAX]);

/* Reads what outcome_format() wrote; anything else is BITS_CAUSE_INTERNAL.
 * `string` may be NULL. */
struct bits_outcome outcome_parse(const char *string);

#endif
