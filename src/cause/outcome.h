/*
 * cause/outcome.h: an outcome as a line of text, for the index.
 *
 * "CLOSED_EARLY".  If a number differs from the cause's row, all numbers
 * follow: "INTERNAL 413 2147942487 7 0".  The index stores causes by name,
 * because their numbers change from version to version.  Pure; any thread.
 */
#ifndef CAUSE_OUTCOME_H
#define CAUSE_OUTCOME_H

#include "cause/cause.h"

/* Including the terminator. */
#define OUTCOME_TEXT_MAX 96

void outcome_format(const struct bits_outcome *outcome,
                    char text[OUTCOME_TEXT_MAX]);

/* Reads the output of outcome_format(); anything else gives
 * BITS_CAUSE_INTERNAL. `string` may be NULL. */
struct bits_outcome outcome_parse(const char *string);

#endif
