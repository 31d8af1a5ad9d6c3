/*
 * store/local/foldersync.h: makes folder entries durable, with one fsync for
 * all requests of the same folder.
 *
 * An fsync that begins after a request serves it.  Requests that arrive during
 * an fsync wait for the next, which serves all of them.
 */
#ifndef STORE_LOCAL_FOLDERSYNC_H
#define STORE_LOCAL_FOLDERSYNC_H

#include <stdint.h>

#include "os/workers.h"

struct folder_syncs;

struct folder_sync {
    int fd; /* the folder; keep it open for reading until done() is called */
    /* Called on a worker; may block. error is 0 or an errno value. */
    void (*done)(struct folder_sync *sync, int error);

    /* Private. */
    uint64_t device;
    uint64_t inode;
    struct folder_sync *next;
};

struct folder_syncs *folder_syncs_new(struct workers *workers);

/* No request may be waiting.  Accepts NULL. */
void folder_syncs_free(struct folder_syncs *syncs);

/* Any thread.  Reports failures through done() only. */
void folder_syncs_request(struct folder_syncs *syncs, struct folder_sync *sync);

#endif
