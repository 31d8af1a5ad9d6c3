/*
 * store/local/staging.c: the folder of unfinished files.
 *
 * It holds 256 folders, a lock, the id of the index that its files belong to,
 * and an id of its own, by which the index recognizes it.  The former keeps a
 * second server, or a server with another index, from taking the files for
 * orphans.
 */
#include "store/local/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/handle.h"
#include "os/file.h"
#include "os/instance.h"
#include "os/lock.h"
#include "os/mount.h"
#include "os/random.h"
#include "store/local/claim.h"
#include "store/local/forbidden.h"
#include "store/local/foreign.h"
#include "store/local/probe.h"
#include "store/local/rows.h"
#include "store/local/trial.h"

#define STAGING_ID "staging-id"

static enum bits_cause fail(struct fault *ret_fault, const char *what,
                            const char *path)
{
    return os_fail_with_remedy(ret_fault, errno, what, path, NULL);
}

void local_staged_name(const struct bits_guid *id,
                       char name[LOCAL_STAGED_NAME_SIZE])
{
    char text[BITS_GUID_TEXT_LEN + 1];

    bits_guid_format(id, text);
    text[BITS_GUID_TEXT_LEN - 1] = '\0';
    /* This byte of an id counts quarters of a second: concurrent sessions share
     * a folder, and the calls that make it durable. */
    (void)snprintf(name, LOCAL_STAGED_NAME_SIZE, "%02x/%s", id->bytes[4],
                   text + 1);
}

void local_show_staged_name(const struct bits_guid *id,
                            char name[LOCAL_STAGED_NAME_SIZE])
{
    char handle[HANDLE_LEN + 1];

    handle_of(id, handle);
    (void)snprintf(name, LOCAL_STAGED_NAME_SIZE, "%02x/*%s", id->bytes[4],
                   handle);
}

bool local_parse_staged(const char *name, struct bits_guid *ret_id)
{
    char braced[BITS_GUID_TEXT_LEN + 1];

    if (strlen(name) != BITS_GUID_TEXT_LEN - 2) {
        return false;
    }
    (void)snprintf(braced, sizeof(braced), "{%s}", name);
    return bits_guid_parse((struct bits_text){braced, BITS_GUID_TEXT_LEN},
                           ret_id);
}

int local_is_staged(struct store_place *place, const struct bits_guid *id,
                    bool *ret_staged)
{
    char name[LOCAL_STAGED_NAME_SIZE];
    struct stat info;

    local_staged_name(id, name);
    *ret_staged = true;
    if (fstatat(place->staging->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        return 0;
    }
    *ret_staged = errno != ENOENT;
    return errno == ENOENT ? 0 : errno;
}

/* --- data files and their folders ---------------------------------------- */

/* Creates a folder again that was removed from outside because it was empty. */
static bool make_again(struct local_staging *staging, const char *folder)
{
    if (mkdirat(staging->fd, folder, 0700) != 0) {
        return errno == EEXIST;
    }
    (void)atomic_fetch_add(&staging->made, 1);
    return true;
}

/* The folder may be removed again before it is used. */
#define OPENING_TRIES 8

int local_open_staged(struct local_staging *staging, const struct bits_guid *id,
                      int flags)
{
    bool makes = flags & (O_CREAT | O_DIRECTORY);
    char name[LOCAL_STAGED_NAME_SIZE];
    char folder[4];
    int fd = -1;

    local_staged_name(id, name);
    (void)snprintf(folder, sizeof(folder), "%.2s", name);
    if (flags & O_DIRECTORY) {
        name[2] = '\0';
    }
    for (unsigned i = 0; i < OPENING_TRIES; i++) {
        fd = openat(staging->fd, name, O_CLOEXEC | O_NOFOLLOW | flags, 0600);
        if (fd >= 0 || errno != ENOENT || !makes ||
            !make_again(staging, folder)) {
            break;
        }
    }
    return fd;
}

int local_sync_made(struct local_staging *staging)
{
    unsigned made = atomic_load(&staging->made);

    if (made == atomic_load(&staging->made_durable)) {
        return 0;
    }
    if (fsync(staging->fd) != 0) {
        return errno;
    }
    atomic_store(&staging->made_durable, made);
    return 0;
}

int local_open_left(const char *path, const char *staging_id)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char id[LOCAL_STAGING_ID_SIZE + 1];

    if (fd >= 0 &&
        (!staging_id[0] || os_read_text(fd, STAGING_ID, id, sizeof(id)) != 0 ||
         strcmp(id, staging_id) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* --- opening ------------------------------------------------------------- */

static enum bits_cause take_lock(struct local_staging *staging,
                                 struct fault *ret_fault)
{
    long pid;

    if (staging->lock >= 0) {
        return BITS_CAUSE_OK; /* see inherit() */
    }
    staging->lock = os_lock_open(staging->fd, LOCAL_STAGING_LOCK, &pid);
    if (staging->lock >= 0) {
        return BITS_CAUSE_OK;
    }
    if (errno != EWOULDBLOCK) {
        return fail(ret_fault, "cannot lock", staging->path);
    }
    return cause_fault(
        ret_fault, CAUSE_PLACE_AWAY,
        "another bitsd (pid %ld) uses the staging folder %s; stop "
        "it, or set another temp_dir",
        pid, staging->path);
}

/* A file with an id. */
struct id_file {
    const char *name; /* in the staging folder */
    char *text;       /* its content; empty if the file is missing */
    size_t size;
    bool is_there;
};

static enum bits_cause read_id(struct local_staging *staging,
                               struct id_file *file, struct fault *ret_fault)
{
    int error = os_read_text(staging->fd, file->name, file->text, file->size);

    file->is_there = error != ENOENT;
    if (!file->is_there) {
        file->text[0] = '\0';
        error = 0;
    }
    errno = error;
    return error ? os_fail(ret_fault, error, "cannot read", staging->path,
                           file->name)
                 : BITS_CAUSE_OK;
}

static enum bits_cause write_id(struct local_staging *staging, const char *name,
                                const char *text, struct fault *ret_fault)
{
    int error = os_write_text(staging->fd, name, text);

    return error
               ? os_fail(ret_fault, error, "cannot write", staging->path, name)
               : BITS_CAUSE_OK;
}

static bool make_id(struct local_staging *staging)
{
    unsigned char random[(LOCAL_STAGING_ID_SIZE - 1) / 2];

    if (!os_random(random, sizeof(random))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(random); i++) {
        (void)snprintf(staging->id + 2 * i, 3, "%02x", random[i]);
    }
    return true;
}

static enum bits_cause refuse_other_index(struct local_store *store,
                                          struct local_staging *staging,
                                          struct fault *ret_fault)
{
    return cause_fault(
        ret_fault, CAUSE_PLACE_AWAY,
        "the staging folder %.120s belongs to another index than "
        "that in %.80s; set state_dir to the old one, or remove "
        "its file " LOCAL_INDEX_ID
        ", which gives up the unfinished uploads in it",
        staging->path, store->state_path);
}

/* Checks that the folder belongs to this index, and writes missing ids.  Writes
 * the id of the index first: without it the other id has no meaning. */
static enum bits_cause check_ids(struct local_store *store,
                                 struct local_staging *staging,
                                 const struct local_claim *claim,
                                 struct fault *ret_fault)
{
    const char *id = index_id(store->index);
    char text[64];
    struct id_file index = {LOCAL_INDEX_ID, text, sizeof(text), false};
    struct id_file own = {STAGING_ID, staging->id, sizeof(staging->id), false};
    enum bits_cause cause = read_id(staging, &index, ret_fault);

    if (cause == BITS_CAUSE_OK) {
        cause = read_id(staging, &own, ret_fault);
    }
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (index.is_there && strcmp(text, id) != 0) {
        return refuse_other_index(store, staging, ret_fault);
    }
    cause = claim_check(claim, index.is_there ? staging->id : NULL, ret_fault);
    if (cause == BITS_CAUSE_OK && !index.is_there) {
        cause = write_id(staging, LOCAL_INDEX_ID, id, ret_fault);
    }
    if (cause == BITS_CAUSE_OK && !own.is_there) {
        cause = make_id(staging)
                    ? write_id(staging, STAGING_ID, staging->id, ret_fault)
                    : cause_fault(ret_fault, BITS_CAUSE_INTERNAL,
                                  "no random numbers");
    }
    if (cause == BITS_CAUSE_OK && (!index.is_there || !own.is_there) &&
        fsync(staging->fd) != 0) {
        return fail(ret_fault, "cannot fsync", staging->path);
    }
    return cause;
}

static bool is_unwritable(enum bits_cause cause)
{
    return cause == BITS_CAUSE_DISK_FULL || cause == CAUSE_QUOTA_EXCEEDED ||
           cause == CAUSE_READ_ONLY;
}

/* If the disk is full, missing folders are created when they are needed. */
static enum bits_cause make_folders(struct local_staging *staging,
                                    struct fault *ret_fault)
{
    char name[4];
    bool made = false;

    for (unsigned i = 0; i < LOCAL_STAGING_FOLDERS; i++) {
        (void)snprintf(name, sizeof(name), "%02x", i);
        if (mkdirat(staging->fd, name, 0700) == 0) {
            made = true;
        } else if (errno != EEXIST && !is_unwritable(os_cause(errno))) {
            return fail(ret_fault, "cannot make folders in", staging->path);
        }
    }
    if (made && fsync(staging->fd) != 0) {
        return fail(ret_fault, "cannot fsync", staging->path);
    }
    return BITS_CAUSE_OK;
}

/* The struct of the file system; creates it for a new one. */
static struct local_volume *volume_of(struct local_store *store, dev_t device)
{
    struct local_volume *volume;

    uv_mutex_lock(&store->mutex);
    volume = store->volumes;
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
    uv_mutex_unlock(&store->mutex);
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
    return BITS_CAUSE_OK;
}

/* The number must be durable before a row has it. */
static enum bits_cause number_instance(struct local_store *store,
                                       struct local_staging *staging,
                                       struct fault *ret_fault)
{
    char identity[OS_INSTANCE_SIZE];
    struct instance_job instance = {
        .job = {.need = DATABASE_DURABLE, .run = run_instance},
        .identity = identity,
    };
    enum bits_cause cause;

    if (!os_instance(staging->fd, identity)) {
        return BITS_CAUSE_OK;
    }
    cause = index_run(store->index, &instance.job, ret_fault);
    staging->instance = instance.number;
    return cause;
}

enum bits_cause local_staging_probe(struct local_store *store,
                                    struct local_staging *staging,
                                    struct fault *ret_fault)
{
    enum bits_cause cause;
    bool probed;

    uv_mutex_lock(&store->mutex);
    probed = staging->probed;
    uv_mutex_unlock(&store->mutex);
    if (probed) {
        return BITS_CAUSE_OK;
    }
    cause = local_probe(staging->fd, staging->path, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        staging->tries_names = trial_is_needed(staging->fd);
        uv_mutex_lock(&store->mutex);
        staging->probed = true;
        uv_mutex_unlock(&store->mutex);
    }
    return is_unwritable(cause) ? BITS_CAUSE_OK : cause;
}

static enum bits_cause set_up(struct local_store *store,
                              struct local_staging *staging,
                              const struct local_claim *claim, int root,
                              struct fault *ret_fault)
{
    enum bits_cause cause;

    if (!os_same_mount(root, staging->fd)) {
        return cause_fault(
            ret_fault, CAUSE_OTHER_FILE_SYSTEM,
            "the staging folder %s is on another mount, or in another "
            "subvolume, than root, so files cannot be moved there; "
            "set temp_dir to a folder beside root",
            staging->path);
    }
    cause = take_lock(staging, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        cause = check_ids(store, staging, claim, ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = make_folders(staging, ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = local_staging_probe(store, staging, ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = number_instance(store, staging, ret_fault);
    }
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    staging->volume = volume_of(store, staging->device);
    return staging->volume && local_forbid(store, staging->path, staging->fd)
               ? BITS_CAUSE_OK
               : cause_fault(ret_fault, CAUSE_OVERLOADED, "no memory");
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

static struct local_staging *staging_new(const char *path, int fd)
{
    struct local_staging *staging = calloc(1, sizeof(*staging));
    struct stat info;

    if (!staging || fstat(fd, &info) != 0) {
        free(staging);
        (void)close(fd);
        return NULL;
    }
    /* systemd-tmpfiles does not clean a folder that is locked. */
    (void)flock(fd, LOCK_SH | LOCK_NB);
    staging->refs = 1;
    staging->lock = -1;
    staging->fd = fd;
    staging->path = strdup(path);
    staging->device = info.st_dev;
    staging->inode = info.st_ino;
    /* A file system in memory gains nothing: preallocation would only clear
     * each page before it is written. */
    staging->reserves = !os_is_memory(staging->fd);
    if (!staging->path) {
        staging_free(staging);
        return NULL;
    }
    return staging;
}

/* Opens the folder; creates it if no unfinished upload was in it. */
static enum bits_cause open_folder(const struct local_claim *claim, int *ret_fd,
                                   struct fault *ret_fault)
{
    const char *path = claim->own->temp_dir;
    enum bits_cause cause = BITS_CAUSE_OK;

    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd < 0 && errno == ENOENT) {
        cause = claim_check(claim, NULL, ret_fault);
        if (cause == BITS_CAUSE_OK && mkdir(path, 0700) != 0 &&
            errno != EEXIST) {
            cause = fail(ret_fault, "cannot make the staging folder", path);
        }
        if (cause == BITS_CAUSE_OK) {
            *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
    }
    if (cause == BITS_CAUSE_OK && *ret_fd < 0) {
        cause = fail(ret_fault, "cannot open the staging folder", path);
    }
    return cause;
}

/* Returns the same folder with one more reference if a place has it open. */
static struct local_staging *share(struct local_store *store,
                                   const struct local_staging *staging)
{
    struct local_staging *other;

    uv_mutex_lock(&store->mutex);
    other = store->stagings;
    while (other && (other->device != staging->device ||
                     other->inode != staging->inode)) {
        other = other->next;
    }
    if (other) {
        other->refs++;
    }
    uv_mutex_unlock(&store->mutex);
    return other;
}

/* The same folder on another mount; the path of the old place no longer leads
 * to it.  Both share the lock, because a second lock would be refused. */
static void inherit(struct local_store *store, struct local_staging *staging,
                    struct local_staging *other)
{
    staging->lock = fcntl(other->lock, F_DUPFD_CLOEXEC, 0);
    local_staging_close(store, other);
}

static enum bits_cause open_shared(struct local_store *store,
                                   const struct local_claim *claim,
                                   struct local_staging *staging,
                                   struct local_staging **ret_staging,
                                   struct fault *ret_fault)
{
    enum bits_cause cause = claim_check(claim, staging->id, ret_fault);

    if (cause != BITS_CAUSE_OK) {
        local_staging_close(store, staging);
        return cause;
    }
    *ret_staging = staging;
    return BITS_CAUSE_OK;
}

enum bits_cause local_staging_open(struct local_store *store,
                                   const struct local_claim *claim, int root,
                                   struct local_staging **ret_staging,
                                   struct fault *ret_fault)
{
    struct local_staging *staging;
    struct local_staging *other;
    enum bits_cause cause;
    int fd;

    *ret_staging = NULL;
    cause = open_folder(claim, &fd, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    staging = staging_new(claim->own->temp_dir, fd);
    if (!staging) {
        return cause_fault(ret_fault, CAUSE_OVERLOADED, "no memory");
    }
    other = share(store, staging);
    if (other && os_same_mount(other->fd, staging->fd)) {
        staging_free(staging);
        return open_shared(store, claim, other, ret_staging, ret_fault);
    }
    if (other) {
        inherit(store, staging, other);
    }
    cause = set_up(store, staging, claim, root, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        staging_free(staging);
        return cause;
    }
    uv_mutex_lock(&store->mutex);
    staging->next = store->stagings;
    store->stagings = staging;
    uv_mutex_unlock(&store->mutex);
    *ret_staging = staging;
    return BITS_CAUSE_OK;
}

void local_staging_close(struct local_store *store,
                         struct local_staging *staging)
{
    struct local_staging **link = &store->stagings;
    bool last;

    uv_mutex_lock(&store->mutex);
    last = --staging->refs == 0;
    if (last) {
        while (*link != staging) {
            link = &(*link)->next;
        }
        *link = staging->next;
    }
    uv_mutex_unlock(&store->mutex);
    if (last) {
        local_unforbid(store, staging->fd);
        staging_free(staging);
    }
}
