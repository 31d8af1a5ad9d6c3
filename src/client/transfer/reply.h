/*
 * client/transfer/reply.h: the file that a reply goes into: whole or not at
 * all.
 */
#ifndef CLIENT_TRANSFER_REPLY_H
#define CLIENT_TRANSFER_REPLY_H

#include <stdbool.h>
#include <stddef.h>

struct reply {
    const char *path; /* borrowed; NULL: none is wanted */
    char *temporary;  /* owns; beside it */
    int fd;           /* owns; -1: not open */
};

/* Begins anew.  0, or errno. */
int reply_begin(struct reply *reply);

/* 0, or errno. */
int reply_write(struct reply *reply, const char *bytes, size_t size);

/* Puts it in its place.  0, or errno. */
int reply_commit(struct reply *reply);

/* Frees; what was not committed is removed. */
void reply_done(struct reply *reply);

#endif
