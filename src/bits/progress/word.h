/*
 * bits/progress/word.h: the parts of a line of progress.
 *
 * Private to progress.c.  Numbers keep their width while they grow, so that the
 * line does not move.  Pure.
 */
#ifndef BITS_PROGRESS_WORD_H
#define BITS_PROGRESS_WORD_H

#include "bits/progress/progress.h"

/* Room for the state in words, terminated. */
#define PROGRESS_STATE_MAX 400

/* The share of `whole` columns for part/total; all of them only if part equals
 * total. */
unsigned progress_share(uint64_t part, uint64_t total, unsigned whole);

/* " 45%" */
void progress_percent(const struct progress *progress,
                      char word[PROGRESS_WORD_MAX]);

/* "1.2/2.7 GiB", with `between` between the two */
void progress_of(const struct progress *progress, const char *between,
                 char word[PROGRESS_WORD_MAX]);

/* "11.2 MiB/s"; empty: unknown */
void progress_speed(const struct progress *progress,
                    char word[PROGRESS_WORD_MAX]);

/* "2:13"; empty: unknown */
void progress_left(const struct progress *progress,
                   char word[PROGRESS_WORD_MAX]);

/* "next try 14:23:05: HTTP 503"; empty without an error */
void progress_state_words(const struct progress *progress, char *words,
                          size_t size);

#endif
