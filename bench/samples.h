/*
 * bench/samples.h: how long each of many things took.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
    uint64_t *ns;
    size_t count;
    size_t capacity;
};

/* Of the monotonic clock, nanoseconds. */
uint64_t samples_now(void);

/* Ends the program when there is no memory. */
void samples_add(struct samples *samples, uint64_t ns);

/* Sorts, so that samples_at() can answer. */
void samples_sort(struct samples *samples);

/* The value that `permille` of the sorted samples do not exceed, in
 * microseconds; 0 without samples. */
double samples_at(const struct samples *samples, unsigned permille);

void samples_done(struct samples *samples);

#endif
