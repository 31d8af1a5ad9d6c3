/*
 * bench/pattern.c: see pattern.h.
 */
#include "pattern.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A prime below 1 MiB. */
#define PERIOD ((size_t)1048573)

/* Files begin at different places of the period. */
#define STRIDE 7919

bool pattern_init(struct pattern *pattern)
{
    uint64_t state = 0x9E3779B97F4A7C15u;

    pattern->bytes = malloc(PERIOD + PATTERN_PIECE);
    if (!pattern->bytes) {
        return false;
    }
    for (size_t i = 0; i < PERIOD; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        pattern->bytes[i] = (uint8_t)(state >> 56);
    }
    memcpy(pattern->bytes + PERIOD, pattern->bytes, PATTERN_PIECE);
    return true;
}

void pattern_done(struct pattern *pattern)
{
    free(pattern->bytes);
    pattern->bytes = NULL;
}

const uint8_t *pattern_at(const struct pattern *pattern, uint64_t number,
                          uint64_t offset)
{
    return pattern->bytes +
           (offset % PERIOD + number % PERIOD * STRIDE) % PERIOD;
}

static bool contents_match(const struct pattern *pattern, int fd,
                           uint64_t number, uint64_t size)
{
    uint8_t *piece = malloc(PATTERN_PIECE);
    uint64_t offset = 0;
    bool equal = piece != NULL;

    while (equal && offset < size) {
        ssize_t n = read(fd, piece, PATTERN_PIECE);

        equal = n > 0 && memcmp(piece, pattern_at(pattern, number, offset),
                                (size_t)n) == 0;
        offset += equal ? (uint64_t)n : 0;
    }
    free(piece);
    return equal && offset == size;
}

bool pattern_matches(const struct pattern *pattern, const char *path,
                     uint64_t number, uint64_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    bool equal;

    if (fd < 0) {
        return false;
    }
    equal = fstat(fd, &info) == 0 && (uint64_t)info.st_size == size &&
            contents_match(pattern, fd, number, size);
    (void)close(fd);
    return equal;
}
