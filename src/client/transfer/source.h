/*
 * client/transfer/source.h: the local file that is sent, and whether it has
 * changed.  Decision 0019 defines that.
 */
#ifndef CLIENT_TRANSFER_SOURCE_H
#define CLIENT_TRANSFER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In records of versions that did not store it. */
#define SOURCE_CTIME_UNKNOWN INT64_MIN

/* Bytes of a SHA-256. */
#define SOURCE_SAMPLE_SIZE 32

/* Identifies a state of a file. */
struct source_mark {
    uint64_t device; /* may differ after a boot */
    uint64_t inode;
    uint64_t size; /* bytes to send */
    int64_t mtime_ns;
    int64_t ctime_ns;
    bool has_sample;
    unsigned char sample[SOURCE_SAMPLE_SIZE]; /* of the first `size` bytes */
};

/* When a mark was made. */
enum source_boot {
    SOURCE_OTHER_BOOT, /* perhaps before the last boot */
    SOURCE_SAME_BOOT,  /* after it: `device` is still valid */
};

enum source_mode {
    SOURCE_FIXED,
    SOURCE_GROWING, /* the file may grow: only its present content is sent */
};

struct source {
    int fd; /* owned */
    enum source_mode mode;
    struct source_mark mark; /* the state when it was opened, or after the last
                                change that left the bytes alone */
    uint64_t links;          /* number of names at that time */
};

/* Where a file is: if `folder` is AT_FDCWD, `path` is absolute and links in it
 * are followed.  Otherwise it is relative to that folder, and links below the
 * folder are refused. */
struct source_place {
    int folder; /* borrowed; -1: no longer exists */
    const char *path;
};

/* Accepts regular files only.  Returns 0 or an errno value, which
 * os_open_words() explains. */
int source_open(struct source *source, const struct source_place *place,
                enum source_mode mode);
void source_close(struct source *source);

/* Returns true if it is unchanged since it was opened.  For a growing file: if
 * the bytes to send are unchanged. */
bool source_is_same(struct source *source);

/* Returns true if this is the file of the mark, in a state from which the
 * upload can resume. */
bool source_is_marked(const struct source *source,
                      const struct source_mark *mark, enum source_boot boot);

/* Limits the upload to the bytes of the mark.  Requires source_is_marked(). */
void source_shorten(struct source *source, const struct source_mark *mark);

/* Returns true if this is the complete file of the mark.  Ignores ctime if the
 * mark has none. */
bool source_is_whole(const struct source *source,
                     const struct source_mark *mark, enum source_boot boot);

/* Reads at least 1 byte, at most `size`, from offset on.  Returns 0 if the file
 * has changed or cannot be read. */
size_t source_read(struct source *source, uint64_t offset, char *room,
                   size_t size);

/* Removes the file if the place still has it and it is unchanged.  Returns 0 or
 * an errno value; ESTALE: another file, or changed. */
int source_remove(struct source *source, const struct source_place *place);

#endif
