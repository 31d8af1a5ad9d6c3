/*
 * store/local/open.c: opens and closes the store.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/lock.h"
#include "store/local/age.h"
#include "store/local/calls.h"
#include "store/local/forbidden.h"
#include "store/local/foreign.h"
#include "store/local/place.h"
#include "store/local/sessions.h"
#include "store/local/work.h"

#define DEFAULT_WORKERS 32

static bool open_state(struct local_store *store, const char *path,
                       struct fault *ret_fault)
{
    long pid;

    store->state_path = realpath(path, NULL);
    if (!store->state_path && errno == ENOENT && mkdir(path, 0700) == 0) {
        store->state_path = realpath(path, NULL);
    }
    if (store->state_path) {
        store->state =
            open(store->state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (store->state < 0) {
        (void)os_fail_with_remedy(ret_fault, errno,
                                  "cannot open the state folder", path, NULL);
        return false;
    }
    store->state_lock = os_lock_open(store->state, LOCAL_STATE_LOCK, &pid);
    if (store->state_lock < 0 && errno == EWOULDBLOCK) {
        return fault_set(ret_fault,
                         "another bitsd (pid %ld) uses the state folder %s; "
                         "stop it, or set another state_dir",
                         pid, path);
    }
    if (store->state_lock < 0) {
        (void)os_fail_with_remedy(ret_fault, errno, "cannot lock", path,
                                  LOCAL_STATE_LOCK);
        return false;
    }
    return true;
}

bool store_local_is_open(const char *state_dir, long *ret_pid)
{
    int folder = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_open;

    if (folder < 0) {
        return false;
    }
    is_open = os_lock_is_held(folder, LOCAL_STATE_LOCK, ret_pid);
    (void)close(folder);
    return is_open;
}

static bool start(struct local_store *store,
                  const struct store_local_options *options,
                  struct fault *ret_fault)
{
    if (!open_state(store, options->state_dir, ret_fault)) {
        return false;
    }
    if (local_forbid(store, store->state_path, store->state)) {
        store->workers =
            workers_new(options->workers ? options->workers : DEFAULT_WORKERS);
    }
    if (store->workers) {
        store->folder_syncs = folder_syncs_new(store->workers);
    }
    if (!store->folder_syncs) {
        return fault_set(ret_fault, "no memory, or no threads");
    }
    store->index = index_open(
        store->state_path,
        options->max_ended_sessions ? options->max_ended_sessions : INT64_MAX,
        ret_fault);
    return store->index != NULL;
}

static void free_lists(struct local_store *store)
{
    while (store->volumes) {
        struct local_volume *volume = store->volumes;

        store->volumes = volume->next;
        free(volume);
    }
    while (store->forbidden) {
        struct local_forbidden *forbidden = store->forbidden;

        store->forbidden = forbidden->next;
        free(forbidden->path);
        free(forbidden);
    }
}

static void destroy_openings(struct local_store *store, size_t count)
{
    while (count > 0) {
        uv_mutex_destroy(&store->opening[--count]);
    }
}

static void release(struct local_store *store)
{
    index_close(store->index);
    workers_free(store->workers);
    folder_syncs_free(store->folder_syncs);
    free_lists(store);
    if (store->state_lock >= 0) {
        (void)close(store->state_lock);
    }
    if (store->state >= 0) {
        (void)close(store->state);
    }
    free(store->state_path);
    uv_cond_destroy(&store->idle);
    destroy_openings(store, LOCAL_OPENINGS);
    uv_mutex_destroy(&store->data_mutex);
    uv_mutex_destroy(&store->mutex);
    free(store);
}

static void local_close(struct store *base)
{
    struct local_store *store = local_of(base);

    uv_mutex_lock(&store->mutex);
    local_wait_until_idle(store, &store->busy);
    uv_mutex_unlock(&store->mutex);
    local_age_end(store);
    release(store);
}

static const struct store_ops local_ops = {
    .name = "local",
    .place_open = local_place_open,
    .place_visit = local_place_visit,
    .place_reconfigure = local_place_reconfigure,
    .place_is_busy = local_place_is_busy,
    .place_close = local_place_close,
    .check_name = local_check_name,
    .look = local_look_up,
    .create = local_create,
    .find = local_find,
    .learn = local_learn,
    .record = local_record,
    .touch = local_touch,
    .file_open = local_file_open,
    .begin = local_begin,
    .append = local_append,
    .file_is_sound = local_file_is_sound,
    .is_saved = local_is_saved,
    .save = local_save,
    .settle = local_settle,
    .complete = local_complete_file,
    .give_back_stalled = local_give_back_stalled,
    .file_close = local_file_close,
    .deliver = local_deliver,
    .end = local_end,
    .expired = local_expired,
    .sweep = local_sweep,
    .count = local_count,
    .list = local_list,
    .prefixes = local_prefixes,
    .expire_removed = local_expire_removed,
    .close = local_close,
};

static bool init_openings(struct local_store *store)
{
    for (size_t i = 0; i < LOCAL_OPENINGS; i++) {
        if (uv_mutex_init(&store->opening[i]) != 0) {
            destroy_openings(store, i);
            return false;
        }
    }
    return true;
}

static bool init_locks(struct local_store *store)
{
    if (uv_mutex_init(&store->mutex) != 0) {
        return false;
    }
    if (uv_mutex_init(&store->data_mutex) != 0) {
        uv_mutex_destroy(&store->mutex);
        return false;
    }
    if (uv_cond_init(&store->idle) != 0) {
        uv_mutex_destroy(&store->data_mutex);
        uv_mutex_destroy(&store->mutex);
        return false;
    }
    if (!init_openings(store)) {
        uv_cond_destroy(&store->idle);
        uv_mutex_destroy(&store->data_mutex);
        uv_mutex_destroy(&store->mutex);
        return false;
    }
    return true;
}

struct store *store_local_open(const struct store_local_options *options,
                               struct fault *ret_fault)
{
    struct local_store *store = calloc(1, sizeof(*store));

    if (!store || !init_locks(store)) {
        (void)fault_set(ret_fault, "no memory");
        free(store);
        return NULL;
    }
    store->base.ops = &local_ops;
    store->clock = options->clock ? options->clock : &os_clock_system;
    store->state_min_free_space = options->state_min_free_space;
    store->trouble = options->trouble;
    store->warning = options->warning;
    store->context = options->context;
    store->state = -1;
    store->state_lock = -1;
    if (!start(store, options, ret_fault) ||
        !local_age_start(store, ret_fault)) {
        release(store);
        return NULL;
    }
    return &store->base;
}
