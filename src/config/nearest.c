/*
 * config/nearest.c: config_nearest_prefix().
 */
#include <string.h>

#include "base/text.h"
#include "config/config.h"

/* Longer prefixes get no suggestion. */
#define COMPARED_MAX 256

/* The leading segments of the path, as many as the prefix has. */
static struct bits_text leading(const char *path, const char *prefix)
{
    struct bits_text lead = {path, 0};
    size_t slashes = 0;

    for (; *prefix; prefix++) {
        slashes += *prefix == '/';
    }
    for (; path[lead.len]; lead.len++) {
        if (path[lead.len] == '/' && slashes-- == 0) {
            break;
        }
    }
    return lead;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* The edit distance: letters to add, remove or replace, ignoring case.
 * Computed row by row in one array. */
static size_t distance(struct bits_text a, struct bits_text b)
{
    size_t row[COMPARED_MAX + 1];

    for (size_t j = 0; j <= b.len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            bool same = text_lower(a.ptr[i - 1]) == text_lower(b.ptr[j - 1]);

            row[j] = least(above + 1, row[j - 1] + 1, diagonal + !same);
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *config_nearest_prefix(const struct config *config, const char *path)
{
    const char *nearest = NULL;
    size_t nearest_distance = SIZE_MAX;

    for (size_t i = 0; i < config->upload_count; i++) {
        const char *prefix = config->uploads[i].prefix;
        struct bits_text wanted = text_of(prefix);
        struct bits_text given = leading(path, prefix);
        size_t found;

        if (wanted.len > COMPARED_MAX || given.len > COMPARED_MAX) {
            continue;
        }
        found = distance(given, wanted);
        /* At most one letter in three may differ. */
        if (found <= (wanted.len - 1) / 3 && found < nearest_distance) {
            nearest = prefix;
            nearest_distance = found;
        }
    }
    return nearest;
}
