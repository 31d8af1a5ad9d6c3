/*
 * client/transfer/source.h: the local file that is sent, and whether it is
 * still the one that it was.  Decision 0019 says what that means.
 */
#ifndef CLIENT_TRANSFER_SOURCE_H
#define CLIENT_TRANSFER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a record from a version that did not note it. */
#define SOURCE_CTIME_UNKNOWN INT64_MIN

/* Bytes of a SHA-256. */
#define SOURCE_SAMPLE_SIZE 32

/* What makes two looks at a path the same file. */
struct source_mark {
    uint64_t device; /* differs between starts of the machine */
    uint64_t inode;
    uint64_t size; /* what is sent of it, bytes */
    int64_t mtime_ns;
    int64_t ctime_ns;
    bool has_sample;
    unsigned char sample[SOURCE_SAMPLE_SIZE]; /* of these `size` bytes */
};

/* When a mark was made. */
enum source_boot {
    SOURCE_OTHER_BOOT, /* perhaps before the machine was started */
    SOURCE_SAME_BOOT,  /* since then: `device` is still valid */
};

enum source_mode {
    SOURCE_FIXED,
    SOURCE_GROWING, /* it may get longer: only what is there now is sent */
};

struct source {
    int fd; /* owns */
    enum source_mode mode;
    struct source_mark mark; /* as it was when it was opened, or its last change
                                that left the bytes alone */
    uint64_t links;          /* names, at that time */
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

/* Is it unchanged since it was opened?  One that grows: are the bytes that are
 * sent still there? */
bool source_is_same(struct source *source);

/* Is this the file that the mark was made of, in a state that the upload can go
 * on with? */
bool source_is_marked(const struct source *source,
                      const struct source_mark *mark, enum source_boot boot);

/* Sends only the bytes that the mark speaks of; source_is_marked() was true. */
void source_shorten(struct source *source, const struct source_mark *mark);

/* Is this, whole, the file that the mark was made of?  A mark without a ctime
 * is judged by the rest. */
bool source_is_whole(const struct source *source,
                     const struct source_mark *mark, enum source_boot boot);

/* At least 1 byte, at most `size`, from offset on; 0: it has changed or cannot
 * be read. */
size_t source_read(struct source *source, uint64_t offset, char *room,
                   size_t size);

/* Removes the file if the place still holds it and it has not changed.  0, or
 * errno; ESTALE: another file, or changed. */
int source_remove(struct source *source, const struct source_place *place);

#endif
