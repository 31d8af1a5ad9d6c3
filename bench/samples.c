/*
 * bench/samples.c: see samples.h.
 */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t samples_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void samples_add(struct samples *samples, uint64_t ns)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? 2 * samples->capacity : 4096;
        samples->ns = reallocarray(samples->ns, samples->capacity,
                                   sizeof(samples->ns[0]));
        if (!samples->ns) {
            (void)fputs("bench: no memory\n", stderr);
            exit(1);
        }
    }
    samples->ns[samples->count++] = ns;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

void samples_sort(struct samples *samples)
{
    if (samples->count > 0) {
        qsort(samples->ns, samples->count, sizeof(samples->ns[0]), compare);
    }
}

double samples_at(const struct samples *samples, unsigned permille)
{
    size_t at = samples->count * permille / 1000;

    if (samples->count == 0) {
        return 0;
    }
    if (at >= samples->count) {
        at = samples->count - 1;
    }
    return (double)samples->ns[at] / 1000;
}

void samples_done(struct samples *samples)
{
    free(samples->ns);
    *samples = (struct samples){NULL, 0, 0};
}
