/*
 * client/transfer/reply_file.h: the file that a reply goes into: whole or not
 * at all.
 */
#ifndef CLIENT_TRANSFER_REPLY_FILE_H
#define CLIENT_TRANSFER_REPLY_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct reply_file {
    const char *path; /* borrowed; NULL: none is wanted */
    char *temporary;  /* owns; beside it */
    int fd;           /* owns; -1: not open */
};

/* Begins anew.  0, or errno. */
int reply_file_begin(struct reply_file *reply);

/* 0, or errno. */
int reply_file_write(struct reply_file *reply, const char *bytes, size_t size);

/* Puts it in its place.  0, or errno. */
int reply_file_commit(struct reply_file *reply);

/* Frees; what was not committed is removed. */
void reply_file_done(struct reply_file *reply);

#endif
