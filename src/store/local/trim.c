/*
 * store/local/trim.c: releases space that an earlier process reserved and did
 * not use.
 *
 * A process that is killed releases nothing.  Each start goes through the
 * staging folder, one of its folders at a time, while uploads run.
 */
#include "store/local/trim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/file.h"
#include "store/local/data.h"
#include "store/local/staging.h"
#include "store/local/work.h"

struct trim {
    struct worker_job work;
    struct store_place *place;
    unsigned folder;
};

static void trim_end(struct trim *trim)
{
    struct store_place *place = trim->place;

    local_leave(place->store, place);
    free(trim);
}

/* Skips open files: stalled.c and the end of a fragment trim those. */
static void trim_file(struct store_place *place, const struct bits_guid *id)
{
    uv_mutex_t *opening = data_opening(place->store, id);
    int fd = -1;

    uv_mutex_lock(opening);
    if (!data_is_open(place->store, id)) {
        fd = local_open_staged(place->staging, id, O_RDWR);
    }
    if (fd >= 0) {
        /* If it fails, the space is held until the session ends. */
        (void)os_trim(fd);
        (void)close(fd);
    }
    uv_mutex_unlock(opening);
}

static bool is_closing(struct store_place *place)
{
    bool closing;

    uv_mutex_lock(&place->store->mutex);
    closing = place->closing;
    uv_mutex_unlock(&place->store->mutex);
    return closing;
}

/* Continues for another place that shares the staging folder.  Returns false if
 * no such place exists; then the next place that is opened starts again. */
static bool hand_over(struct trim *trim)
{
    struct store_place *closing = trim->place;
    struct local_store *store = closing->store;
    struct store_place *heir;

    uv_mutex_lock(&store->mutex);
    heir = store->places; /* places that are closing are not in the list */
    while (heir && heir->staging != closing->staging) {
        heir = heir->next;
    }
    if (heir) {
        heir->busy++;
        trim->place = heir;
    } else {
        closing->staging->trimmed = false;
    }
    uv_mutex_unlock(&store->mutex);
    if (heir) {
        local_leave(store, closing);
    }
    return heir != NULL;
}

/* Returns false if all folders are done, or the last place is closed. */
static bool has_more(struct trim *trim)
{
    return is_closing(trim->place) ? hand_over(trim)
                                   : ++trim->folder < LOCAL_STAGING_FOLDERS;
}

static DIR *open_folder(struct trim *trim)
{
    char name[4];
    DIR *stream;
    int fd;

    (void)snprintf(name, sizeof(name), "%02x", trim->folder);
    fd = openat(trim->place->staging->fd, name,
                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream && fd >= 0) {
        (void)close(fd);
    }
    return stream;
}

static void trim_folder(struct worker_job *job)
{
    struct trim *trim = CONTAINER_OF(job, struct trim, work);
    DIR *stream = open_folder(trim);
    const struct dirent *entry;
    struct bits_guid id;

    while (stream && !is_closing(trim->place) && (entry = readdir(stream))) {
        if (local_parse_staged(entry->d_name, &id)) {
            trim_file(trim->place, &id);
        }
    }
    if (stream) {
        (void)closedir(stream);
    }
    if (has_more(trim)) {
        workers_submit(trim->place->store->workers, &trim->work);
    } else {
        trim_end(trim);
    }
}

void local_trim(struct store_place *place)
{
    struct local_store *store = place->store;
    struct trim *trim = malloc(sizeof(*trim));
    bool due = false;

    if (trim) {
        uv_mutex_lock(&store->mutex);
        due = !place->staging->trimmed;
        place->staging->trimmed = true;
        uv_mutex_unlock(&store->mutex);
    }
    if (!due) {
        free(trim);
        return;
    }
    *trim = (struct trim){.work = {.run = trim_folder}, .place = place};
    local_enter(store, place);
    workers_submit(store->workers, &trim->work);
}
