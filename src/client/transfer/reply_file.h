/*
 * client/transfer/reply_file.h: the file for a reply: complete or absent.
 */
#ifndef CLIENT_TRANSFER_REPLY_FILE_H
#define CLIENT_TRANSFER_REPLY_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct reply_file {
    const char *path; /* borrowed; NULL: no reply is wanted */
    char *temporary;  /* owned; in the same folder */
    int fd;           /* owned; -1: not open */
};

/* Starts over.  Returns 0 or an errno value. */
int reply_file_begin(struct reply_file *reply);

/* Returns 0 or an errno value. */
int reply_file_write(struct reply_file *reply, const char *bytes, size_t size);

/* Renames it to its path.  Returns 0 or an errno value. */
int reply_file_commit(struct reply_file *reply);

/* Frees it; removes a file that was not committed. */
void reply_file_done(struct reply_file *reply);

#endif
