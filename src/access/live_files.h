/*
 * access/live_files.h: the files of one kind that the upload sections name,
 * such as password_file.
 *
 * One thread at a time.
 */
#ifndef ACCESS_LIVE_FILES_H
#define ACCESS_LIVE_FILES_H

#include "access/live_file.h"
#include "config/config.h"

struct log_sink;

struct live_files {
    const struct live_kind *kind; /* the owner sets it; the rest is zero */
    struct live_file *items;
    size_t count;
};

/* Reads the files that the configuration needs, all of them anew.  Blocks.
 * False: *errors says what is wrong with them, or nothing if memory is
 * short. */
bool live_files_prepare(struct live_files *files, const struct config *config,
                        struct string_list *errors);

/* Puts a prepared configuration in force.  Requests under the one before it
 * still find its files. */
void live_files_configure(struct live_files *files,
                          const struct config *config);

/* The present content of a file, which is read again if it has changed; what
 * is wrong with it is logged.  NULL: the file cannot be read.  Valid until the
 * next call. */
const void *live_files_table(struct live_files *files, const char *path,
                             struct log_sink *log);

void live_files_done(struct live_files *files);

#endif
