/*
 * store/local/staging.c: the folder where files wait until they are whole.
 *
 * It holds 256 folders, a lock, and the id of the index that its files belong
 * to, so that neither a second server nor one with another index takes them
 * for orphans.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/file.h"
#include "os/instance.h"
#include "os/lock.h"
#include "os/mount.h"
#include "store/local/private.h"
#include "store/local/rows.h"

#define INDEX_ID "index-id"

static bool fail(char detail[STORE_DETAIL_MAX], const char *what,
                 const char *path)
{
    (void)os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, errno, what,
                  path, NULL);
    return false;
}

void local_staged_name(const struct bits_guid *id,
                       char name[LOCAL_STAGED_NAME_SIZE])
{
    char text[BITS_GUID_TEXT_LEN + 1];

    bits_guid_format(id, text);
    text[BITS_GUID_TEXT_LEN - 1] = '\0';
    /* This byte of an id counts quarters of a second: sessions that run at the
     * same time share a folder, and the calls that make it durable. */
    (void)snprintf(name, LOCAL_STAGED_NAME_SIZE, "%02x/%s", id->bytes[4],
                   text + 1);
}

bool local_is_staged(struct store_place *place, const struct bits_guid *id)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    struct stat info;

    local_staged_name(id, name);
    return fstatat(place->staging->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool take_lock(struct local_staging *staging,
                      char detail[STORE_DETAIL_MAX])
{
    long pid;

    staging->lock = os_lock_open(staging->fd, "staging.lock", &pid);
    if (staging->lock >= 0) {
        return true;
    }
    if (errno != EWOULDBLOCK) {
        return fail(detail, "cannot lock", staging->path);
    }
    (void)snprintf(detail, STORE_DETAIL_MAX,
                   "another bitsd (pid %ld) uses the staging folder %s; stop "
                   "it, or set another temp_dir",
                   pid, staging->path);
    return false;
}

static bool check_index_id(struct local_store *store,
                           struct local_staging *staging,
                           char detail[STORE_DETAIL_MAX])
{
    const char *id = index_id(store->index);
    char text[64];
    int error = os_read_text(staging->fd, INDEX_ID, text, sizeof(text));

    if (error == ENOENT) {
        error = os_write_text(staging->fd, INDEX_ID, id);
        (void)snprintf(text, sizeof(text), "%s", id);
    }
    if (error) {
        errno = error;
        return fail(detail, "cannot read or write index-id in", staging->path);
    }
    if (strcmp(text, id) != 0) {
        (void)snprintf(
            detail, STORE_DETAIL_MAX,
            "the staging folder %s belongs to another index than %s/index.db; "
            "set state_dir to the old one, or remove %s/index-id, which gives "
            "up the unfinished uploads in it",
            staging->path, store->state_path, staging->path);
        return false;
    }
    return true;
}

static bool make_folders(struct local_staging *staging,
                         char detail[STORE_DETAIL_MAX])
{
    char name[4];
    bool made = false;

    for (unsigned i = 0; i < STORE_FOLDERS; i++) {
        (void)snprintf(name, sizeof(name), "%02x", i);
        if (mkdirat(staging->fd, name, 0700) == 0) {
            made = true;
        } else if (errno != EEXIST) {
            return fail(detail, "cannot make folders in", staging->path);
        }
    }
    if (made && fsync(staging->fd) != 0) {
        return fail(detail, "cannot fsync", staging->path);
    }
    return true;
}

/* The record of the file system, made if it is new. */
static struct local_volume *volume_of(struct local_store *store, dev_t device)
{
    struct local_volume *volume = store->volumes;

    while (volume && volume->device != device) {
        volume = volume->next;
    }
    if (!volume) {
        volume = calloc(1, sizeof(*volume));
        if (volume) {
            volume->device = device;
            volume->next = store->volumes;
            store->volumes = volume;
        }
    }
    return volume;
}

struct instance_job {
    struct index_job job;
    const char *identity;
    int64_t number;
};

static enum bits_cause run_instance(struct index_job *job,
                                    struct database *database)
{
    struct instance_job *instance = CONTAINER_OF(job, struct instance_job, job);

    instance->number = rows_instance(database, instance->identity);
    return BITS_OK;
}

/* The number is durable before any row has it. */
static bool number_instance(struct local_store *store,
                            struct local_staging *staging,
                            char detail[STORE_DETAIL_MAX])
{
    char identity[OS_INSTANCE_SIZE];
    struct instance_job instance = {
        .job = {.need = DATABASE_DURABLE, .run = run_instance},
        .identity = identity,
    };

    if (!os_instance(staging->fd, identity)) {
        return true;
    }
    if (index_run(store->index, &instance.job, detail) != BITS_OK) {
        return false;
    }
    staging->instance = instance.number;
    return true;
}

static bool set_up(struct local_store *store, struct local_staging *staging,
                   int root, char detail[STORE_DETAIL_MAX])
{
    if (!os_same_mount(root, staging->fd)) {
        (void)snprintf(detail, STORE_DETAIL_MAX,
                       "the staging folder %s is on another mount than root, "
                       "so files cannot be moved there; set temp_dir to a "
                       "folder beside root",
                       staging->path);
        return false;
    }
    if (!take_lock(staging, detail) ||
        !check_index_id(store, staging, detail) ||
        !make_folders(staging, detail) ||
        !local_probe(staging->fd, staging->path, detail) ||
        !number_instance(store, staging, detail)) {
        return false;
    }
    (void)snprintf(detail, STORE_DETAIL_MAX, "no memory");
    staging->volume = volume_of(store, staging->device);
    return staging->volume && local_forbid(store, staging->path, staging->fd);
}

static void staging_free(struct local_staging *staging)
{
    if (staging->lock >= 0) {
        (void)close(staging->lock);
    }
    if (staging->fd >= 0) {
        (void)close(staging->fd);
    }
    free(staging->path);
    free(staging);
}

static struct local_staging *staging_new(const char *path,
                                         char detail[STORE_DETAIL_MAX])
{
    struct local_staging *staging = calloc(1, sizeof(*staging));
    struct stat info;

    if (!staging) {
        (void)snprintf(detail, STORE_DETAIL_MAX, "no memory");
        return NULL;
    }
    staging->refs = 1;
    staging->lock = -1;
    staging->path = strdup(path);
    staging->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!staging->path || staging->fd < 0 || fstat(staging->fd, &info) != 0) {
        (void)fail(detail, "cannot open the staging folder", path);
        staging_free(staging);
        return NULL;
    }
    staging->device = info.st_dev;
    staging->inode = info.st_ino;
    /* Memory has no layout: reserving it would only clear each page before it
     * is written. */
    staging->reserves = !os_is_memory(staging->fd);
    return staging;
}

static struct local_staging *find_same(struct local_store *store,
                                       const struct local_staging *staging)
{
    struct local_staging *other = store->stagings;

    while (other && (other->device != staging->device ||
                     other->inode != staging->inode)) {
        other = other->next;
    }
    return other;
}

struct local_staging *local_staging_open(struct local_store *store,
                                         const char *path, int root,
                                         char detail[STORE_DETAIL_MAX])
{
    struct local_staging *staging;
    struct local_staging *other;

    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        (void)fail(detail, "cannot make the staging folder", path);
        return NULL;
    }
    staging = staging_new(path, detail);
    if (!staging) {
        return NULL;
    }
    other = find_same(store, staging);
    if (other) {
        other->refs++;
        staging_free(staging);
        return other;
    }
    if (!set_up(store, staging, root, detail)) {
        staging_free(staging);
        return NULL;
    }
    staging->next = store->stagings;
    store->stagings = staging;
    return staging;
}

void local_staging_close(struct local_store *store,
                         struct local_staging *staging)
{
    struct local_staging **link = &store->stagings;

    if (--staging->refs > 0) {
        return;
    }
    while (*link != staging) {
        link = &(*link)->next;
    }
    *link = staging->next;
    staging_free(staging);
}
