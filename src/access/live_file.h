/*
 * access/live_file.h: a file of users, tokens or keys that is read again when
 * it changes.
 *
 * One thread at a time.
 */
#ifndef ACCESS_LIVE_FILE_H
#define ACCESS_LIVE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "options/report.h"

struct config_upload;

/* A longer file is refused, bytes. */
#define LIVE_FILE_MAX ((size_t)16 << 20)

/* What such files contain. */
struct live_kind {
    const char *event;   /* of the log */
    const char *changed; /* the words of the log after a change */
    const char *entries; /* the key of the log for their number */
    const char *maker;   /* what makes such a file; NULL: an editor */

    /* The file that a section needs; NULL: none.  Borrowed. */
    const char *(*path)(const struct config_upload *upload);

    /* Takes the text of a file, from malloc() and terminated.  Reports what is
     * wrong with it.  NULL: no memory; the text is freed. */
    void *(*parse)(char *text, size_t size, const char *path,
                   struct report *report);
    size_t (*count)(const void *table);
    void (*free)(void *table); /* accepts NULL */
};

struct live_file {
    const struct live_kind *kind;
    char *path;
    struct stat read; /* what was read; all zero: nothing */
    bool is_needed;   /* of the owner */
    bool may_differ;  /* it changed so recently that a further change may not
                         show */
    void *table;      /* NULL: the file cannot be read, and */
    int error;        /* this is why */
};

/* False: no memory. */
bool live_file_init(struct live_file *file, const struct live_kind *kind,
                    const char *path);
void live_file_done(struct live_file *file);

enum live_file_news {
    LIVE_FILE_SAME,
    LIVE_FILE_CHANGED, /* it was read; lines with faults are reported */
    LIVE_FILE_LOST,    /* it cannot be read, which is reported */
    LIVE_FILE_ABSENT,  /* it still cannot be read */
};

/* Reads it, whether it has changed or not; what is wrong is reported. */
void live_file_read(struct live_file *file, struct report *report);

/* Looks whether the file has changed, and reads it if so.  A file that ends in
 * the middle of a line is being written: for two seconds the table that it had
 * stays in force. */
enum live_file_news live_file_refresh(struct live_file *file,
                                      struct report *report);

#endif
