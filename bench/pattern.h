/*
 * bench/pattern.h: what the load generator uploads, and the check that it
 * arrived.
 *
 * Every byte is a function of the number of the file and its offset, with a
 * period that is no multiple of any block size: bytes at a wrong place, or of
 * another file, differ.
 */
#ifndef BENCH_PATTERN_H
#define BENCH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At least so many bytes can be had in one piece. */
#define PATTERN_PIECE ((size_t)512 << 10)

struct pattern {
    uint8_t *bytes;
};

bool pattern_init(struct pattern *pattern);
void pattern_done(struct pattern *pattern);

/* The bytes of file `number` from `offset` on, PATTERN_PIECE of them. */
const uint8_t *pattern_at(const struct pattern *pattern, uint64_t number,
                          uint64_t offset);

/* Is the file exactly file `number` with `size` bytes? */
bool pattern_matches(const struct pattern *pattern, const char *path,
                     uint64_t number, uint64_t size);

#endif
