/*
 * store/local/foldersync.c: see foldersync.h.
 *
 * Requests for one folder share a slot of a fixed table.  If two folders share
 * a slot, they are synced one after the other.
 */
#include "store/local/foldersync.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "base/compiler.h"

#define SLOTS 1024

struct slot {
    struct worker_job job;
    struct folder_syncs *syncs;
    bool running;
    struct folder_sync *waiting;
};

struct folder_syncs {
    uv_mutex_t mutex;
    struct workers *workers;
    struct slot slots[SLOTS];
};

/* Takes the first request and all others for the same folder. */
static struct folder_sync *take_folder(struct slot *slot)
{
    struct folder_sync *lead = slot->waiting;
    struct folder_sync **link;

    slot->waiting = lead->next;
    link = &slot->waiting;
    lead->next = NULL;
    while (*link) {
        struct folder_sync *sync = *link;

        if (sync->inode == lead->inode && sync->device == lead->device) {
            *link = sync->next;
            sync->next = lead->next;
            lead->next = sync;
        } else {
            link = &sync->next;
        }
    }
    return lead;
}

static void run(struct worker_job *job)
{
    struct slot *slot = CONTAINER_OF(job, struct slot, job);
    struct folder_syncs *syncs = slot->syncs;
    struct folder_sync *sync;
    struct folder_sync *next;
    int error;

    uv_mutex_lock(&syncs->mutex);
    sync = take_folder(slot);
    uv_mutex_unlock(&syncs->mutex);
    error = fsync(sync->fd) == 0 ? 0 : errno;
    uv_mutex_lock(&syncs->mutex);
    slot->running = slot->waiting != NULL;
    if (slot->running) {
        workers_submit(syncs->workers, &slot->job);
    }
    uv_mutex_unlock(&syncs->mutex);
    for (; sync; sync = next) {
        next = sync->next;
        sync->done(sync, error);
    }
}

struct folder_syncs *folder_syncs_new(struct workers *workers)
{
    struct folder_syncs *syncs = calloc(1, sizeof(*syncs));

    if (!syncs) {
        return NULL;
    }
    if (uv_mutex_init(&syncs->mutex) != 0) {
        free(syncs);
        return NULL;
    }
    syncs->workers = workers;
    for (size_t i = 0; i < SLOTS; i++) {
        syncs->slots[i].job.run = run;
        syncs->slots[i].syncs = syncs;
    }
    return syncs;
}

void folder_syncs_free(struct folder_syncs *syncs)
{
    if (syncs) {
        uv_mutex_destroy(&syncs->mutex);
        free(syncs);
    }
}

void folder_syncs_request(struct folder_syncs *syncs, struct folder_sync *sync)
{
    struct slot *slot;
    struct stat info = {0};

    (void)fstat(sync->fd, &info); /* a bad fd also fails in fsync */
    sync->device = info.st_dev;
    sync->inode = info.st_ino;
    /* Folders created one after the other have close inode numbers. */
    slot = &syncs->slots[sync->inode % SLOTS];
    uv_mutex_lock(&syncs->mutex);
    sync->next = slot->waiting;
    slot->waiting = sync;
    if (!slot->running) {
        slot->running = true;
        workers_submit(syncs->workers, &slot->job);
    }
    uv_mutex_unlock(&syncs->mutex);
}
