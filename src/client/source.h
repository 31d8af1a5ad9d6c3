/*
 * client/source.h: the local file that is sent, and whether it is still the
 * one that it was.
 */
#ifndef CLIENT_SOURCE_H
#define CLIENT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What makes two looks at a path the same file. */
struct source_mark {
    uint64_t device;
    uint64_t inode;
    uint64_t size; /* what is sent of it, bytes */
    int64_t mtime_ns;
};

enum source_mode {
    SOURCE_FIXED,
    SOURCE_GROWING, /* it may get longer: only what is there now is sent */
};

struct source {
    int fd; /* owns */
    enum source_mode mode;
    struct source_mark mark;
};

/* Where a file is: `path` is absolute and followed as it stands if `folder` is
 * AT_FDCWD; else it is relative to that folder, and links below it are
 * refused. */
struct source_place {
    int folder; /* borrowed; -1: it is gone */
    const char *path;
};

/* Only regular files.  0, or errno, which os_open_words() explains. */
int source_open(struct source *source, const struct source_place *place,
                enum source_mode mode);
void source_close(struct source *source);

/* Has it changed since it was opened? */
bool source_is_same(const struct source *source);

/* At least 1 byte, at most `size`, from offset on; 0: it has changed or cannot
 * be read. */
size_t source_read(const struct source *source, uint64_t offset, char *room,
                   size_t size);

/* Removes the file if the place still holds it and it has not changed.  0, or
 * errno; ESTALE: another file, or changed. */
int source_remove(const struct source *source,
                  const struct source_place *place);

#endif
