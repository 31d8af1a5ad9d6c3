/*
 * store/local/foldersync.h: making folder entries durable, once for all who
 * wait for the same folder.
 *
 * An fsync that begins after a request was made serves it.  Requests that
 * come while one runs wait for the next, which serves all of them.
 */
#ifndef STORE_LOCAL_FOLDERSYNC_H
#define STORE_LOCAL_FOLDERSYNC_H

#include <stdint.h>

#include "os/workers.h"

struct folder_syncs;

struct folder_sync {
    int fd; /* the folder, open for reading until done is called */
    /* On a worker; may block.  error is 0 or an errno value. */
    void (*done)(struct folder_sync *sync, int error);

    /* Private. */
    uint64_t device;
    uint64_t inode;
    struct folder_sync *next;
};

struct folder_syncs *folder_syncs_new(struct workers *workers);

/* Nothing may be waiting.  Accepts NULL. */
void folder_syncs_free(struct folder_syncs *syncs);

/* Any thread; never fails at once. */
void folder_syncs_request(struct folder_syncs *syncs, struct folder_sync *sync);

#endif
