/*
 * options/value.h: converts sizes, times and other values of options from text
 * and back, for both programs.
 *
 * Pure.  The readers take the whole text or return false and leave their output
 * untouched.  The writers give the shortest spelling that reads back to the
 * same value.
 */
#ifndef OPTIONS_VALUE_H
#define OPTIONS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/text.h>

/* Free space to keep: the smaller of the two.  UINT64_MAX and 100: this half is
 * not set. */
struct option_space {
    uint64_t bytes;
    unsigned percent;
};

/* Room for the longest text that a writer writes, terminator included. */
#define VALUE_TEXT_MAX 64

bool value_read_flag(struct bits_text text, bool *ret_flag);

/* Digits, with k M G T (1024) in any case. */
bool value_read_size(struct bits_text text, uint64_t *ret_bytes);

/* Digits, with s m h d. */
bool value_read_duration(struct bits_text text, uint64_t *ret_seconds);

/* One to five octal digits. */
bool value_read_mode(struct bits_text text, unsigned *ret_mode);

/* A size, a percentage up to 100%, or both with blanks between. */
bool value_read_space(struct bits_text text, struct option_space *ret_space);

void value_write_size(uint64_t bytes, char ret_text[VALUE_TEXT_MAX]);
void value_write_duration(uint64_t seconds, char ret_text[VALUE_TEXT_MAX]);
void value_write_space(struct option_space space,
                       char ret_text[VALUE_TEXT_MAX]);

#endif
