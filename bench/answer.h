/*
 * bench/answer.h: as much of an HTTP answer as the load generator needs.
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

/* Reads the head at the beginning of *head and cuts *head down to it.
 * Returns its length, or 0 when it is not whole yet. */
size_t answer_read(struct bits_text *head, unsigned *ret_status,
                   uint64_t *ret_body);

/* Returns the value of a field of the head; empty if the head lacks it. */
struct bits_text answer_field(struct bits_text head, const char *name);

#endif
