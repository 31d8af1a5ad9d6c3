/*
 * tests/contract/world.c: see world.h.
 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"

static int64_t world_wall(void *context)
{
    return ((struct world *)context)->wall;
}

static int64_t world_running(void *context)
{
    return ((struct world *)context)->running;
}

/* The one place that names the stores. */
static const struct world_backend *backend_of_environment(void)
{
    static const struct {
        const char *name;
        const struct world_backend *backend;
    } rows[] = {
        {"local", &world_local},
        {"memory", &world_memory},
        {"later", &world_later},
    };
    const char *name = getenv("WORLD_STORE");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(name ? name : "local", rows[i].name) == 0) {
            return rows[i].backend;
        }
    }
    fail_msg("WORLD_STORE is not the name of a store");
    return NULL;
}

struct store *world_store_open(struct world *world, struct fault *ret_fault)
{
    return world->backend->open(world, ret_fault);
}

/* --- the world ----------------------------------------------------------- */

static void set_section(struct world *world)
{
    world->section = (struct store_section){
        .prefix = "/",
        .max_sessions = UINT64_MAX,
        .max_sessions_per_user = UINT64_MAX,
        .session_timeout = 14 * 24 * 3600,
        .empty_session_timeout = 24 * 3600,
        .on_exists = STORE_EXISTS_REFUSE,
        .durability = STORE_DURABLE_FINAL,
        .own = &world->own,
    };
    world->own = (struct local_section){
        .root = world->root,
        .file_mode = 0640,
        .folder_mode = 0750,
        .inherit_rights = true,
        .create_folders_depth = 8,
        .max_folder_depth = 64,
        .min_free_space = {.bytes = 0, .percent = 100},
    };
}

struct world *world_new(const char *base)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    (void)umask(0); /* as in bitsd */
    (void)snprintf(world->folder, sizeof(world->folder), "%s/store-XXXXXX",
                   base ? base : "/var/tmp");
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->root, sizeof(world->root), "%s/root", world->folder);
    (void)snprintf(world->state, sizeof(world->state), "%s/state",
                   world->folder);
    assert_int_equal(mkdir(world->root, 0755), 0);
    world->wall = 1800000000;
    world->running = 5000;
    world->clock = (struct os_clock){
        .wall = world_wall, .running = world_running, .context = world};
    set_section(world);
    world->backend = backend_of_environment();
    world->patience_ms = WORLD_PATIENCE_MS;
    assert_int_equal(uv_mutex_init(&world->trouble_mutex), 0);
    assert_int_equal(uv_cond_init(&world->trouble_told), 0);
    return world;
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void world_free(struct world *world)
{
    if (world->backend->free) {
        world->backend->free(world);
    }
    (void)nftw(world->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    uv_cond_destroy(&world->trouble_told);
    uv_mutex_destroy(&world->trouble_mutex);
    free(world);
}

enum bits_cause world_place_open(struct world *world)
{
    world->own.temp_dir = world->staging;
    if (!world->staging[0]) {
        (void)snprintf(world->staging, sizeof(world->staging), "%s/.bitsd",
                       world->own.root);
    }
    return world->ops->place_open(world->store, &world->section, &world->place,
                                  &world->may_come, &world->fault);
}

void world_open(struct world *world)
{
    world->store = world_store_open(world, &world->fault);
    if (!world->store) {
        fail_msg("%s", world->fault.text);
    }
    world->ops = world->store->ops;
    if (world_place_open(world) != BITS_CAUSE_OK) {
        fail_msg("%s", world->fault.text);
    }
}

void world_close(struct world *world)
{
    if (world->place) {
        world->ops->place_close(world->place);
    }
    if (world->store) {
        world->ops->close(world->store);
    }
    world->place = NULL;
    world->store = NULL;
}

void world_reopen(struct world *world)
{
    world_close(world);
    world_open(world);
}

int world_setup(void **state)
{
    struct world *world = world_new(NULL);

    world_open(world);
    *state = world;
    return 0;
}

int world_setup_not_durable(void **state)
{
    struct world *world = world_new(NULL);

    world->section.durability = STORE_DURABLE_NONE;
    world_open(world);
    *state = world;
    return 0;
}

static void close_store(void *argument)
{
    struct world *world = argument;

    world_close(world);
    __atomic_store_n(&world->closed, true, __ATOMIC_SEQ_CST);
}

/* A test that failed may have left a file open, for which closing waits for
 * ever. */
static bool close_in_time(struct world *world)
{
    if (!world->closing) {
        world->closing = true;
        assert_int_equal(uv_thread_create(&world->closer, close_store, world),
                         0);
    }
    for (unsigned ms = 0; !__atomic_load_n(&world->closed, __ATOMIC_SEQ_CST);
         ms++) {
        if (ms == world->patience_ms) {
            return false;
        }
        uv_sleep(1);
    }
    (void)uv_thread_join(&world->closer);
    return true;
}

int world_teardown(void **state)
{
    struct world *world = *state;

    inject_nothing();
    if (!close_in_time(world)) {
        print_error("%s is still in use: a file is open\n", world->folder);
        return -1;
    }
    world_free(world);
    return 0;
}

void world_reconfigure(struct world *world)
{
    world->ops->place_reconfigure(world->place, &world->section);
}

void world_pass(struct world *world, int64_t seconds)
{
    world->wall += seconds;
    world->running += seconds;
}

/* --- sessions and bytes -------------------------------------------------- */

struct bits_guid world_id(unsigned number)
{
    struct bits_guid id = {{1}};

    for (unsigned i = 0; i < sizeof(number); i++) {
        id.bytes[15 - i] = (uint8_t)(number >> (8 * i));
    }
    id.bytes[4] = (uint8_t)number;
    return id;
}

struct store_session world_row(struct world *world, struct bits_guid id)
{
    struct store_session session;

    assert_int_equal(world_find(world, id, &session), BITS_CAUSE_OK);
    return session;
}

struct store_file *world_file(struct world *world,
                              struct store_session *session,
                              uint64_t *ret_stored)
{
    struct store_file *file = NULL;

    if (world_file_open(world, session, &file, ret_stored) != BITS_CAUSE_OK) {
        fail_msg("%s", world->fault.text);
    }
    return file;
}

unsigned char world_byte(uint64_t at)
{
    /* Never 0, and no period that divides a block. */
    return (unsigned char)(at % 251 + 1);
}

struct store_session world_session(struct world *world, struct bits_guid id,
                                   const char *name, uint64_t total)
{
    struct store_session session;

    assert_int_equal(world_create(world, id, name, ""), BITS_CAUSE_OK);
    session = world_row(world, id);
    session.fragment_seen = true;
    session.total_known = true;
    session.total = total;
    assert_int_equal(world_learn(world, &session), BITS_CAUSE_OK);
    return session;
}

struct store_file *world_begin(struct world *world,
                               struct store_session *session, uint64_t total)
{
    uint64_t stored;

    assert_int_equal(world_create(world, world_id(1), "file", ""),
                     BITS_CAUSE_OK);
    *session = world_row(world, world_id(1));
    session->fragment_seen = true;
    session->total_known = true;
    session->total = total;
    return world_file(world, session, &stored);
}

struct store_file *world_begin_all(struct world *world,
                                   struct store_session *session,
                                   uint64_t total)
{
    struct store_file *file = world_begin(world, session, total);

    assert_int_equal(world_store(world, file, 0, total, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    return file;
}

void world_assert_too_large(struct world *world)
{
    struct store_session session =
        world_session(world, world_id(1), "file", UINT64_MAX / 4);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    assert_int_equal(world_begin_at(world, file, 0, 10), CAUSE_WILL_NOT_FIT);
    world->ops->file_close(file);
    store_session_done(&session);
}

struct os_bytes world_bytes(const void *data, size_t size)
{
    return (struct os_bytes){.data = data, .size = size};
}

static struct os_bytes piped(struct os_pipe *pipe, const void *data,
                             size_t size)
{
    assert_int_equal(write(pipe->write_fd, data, size), size);
    pipe->held = size;
    return (struct os_bytes){.pipe = pipe, .size = size};
}

enum bits_cause world_store(struct world *world, struct store_file *file,
                            uint64_t from, uint64_t to, enum world_after after)
{
    static const size_t chunk = 32 * 1024;
    unsigned char *bytes = malloc(chunk);
    struct os_pipe pipe;
    enum bits_cause cause = world_begin_at(world, file, from, to - from);
    uint64_t stored = from;

    assert_non_null(bytes);
    assert_int_equal(os_pipe_open(&pipe, chunk), 0);
    for (unsigned i = 0; cause == BITS_CAUSE_OK && stored < to; i++) {
        size_t size = to - stored < chunk ? (size_t)(to - stored) : chunk;

        for (size_t at = 0; at < size; at++) {
            bytes[at] = world_byte(stored + at);
        }
        cause = world_append(world, file,
                             i % 2 ? piped(&pipe, bytes, size)
                                   : world_bytes(bytes, size),
                             &stored);
    }
    os_pipe_close(&pipe);
    free(bytes);
    if (after == WORLD_COMPLETE) {
        world->ops->complete(file);
    } else {
        world->ops->settle(file);
    }
    return cause;
}

struct store_file *world_begin_stored(struct world *world,
                                      struct store_session *session,
                                      uint64_t total, uint64_t stored,
                                      enum world_after after)
{
    struct store_file *file;
    uint64_t before;

    *session = world_session(world, world_id(1), "file", total);
    file = world_file(world, session, &before);
    assert_int_equal(world_store(world, file, 0, stored, after), BITS_CAUSE_OK);
    return file;
}

void world_deliver(struct world *world, struct store_session *session,
                   struct store_file *file, uint64_t from)
{
    assert_int_equal(
        world_store(world, file, from, session->total, WORLD_COMPLETE),
        BITS_CAUSE_OK);
    assert_int_equal(world_finish(world, session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    world_assert_file(world, session->name, session->total);
}

enum bits_cause world_upload(struct world *world, struct bits_guid id,
                             const char *name, uint64_t total)
{
    struct store_session session;
    struct store_file *file;
    enum bits_cause cause = world_create(world, id, name, "");
    uint64_t stored;

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    session = world_row(world, id);
    session.fragment_seen = true;
    session.total_known = true;
    session.total = total;
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, 0);
    cause = world_store(world, file, 0, total, WORLD_COMPLETE);
    if (cause == BITS_CAUSE_OK) {
        cause = world_finish(world, &session, file);
    }
    world->ops->file_close(file);
    store_session_done(&session);
    return cause;
}

/* --- files --------------------------------------------------------------- */

void world_write(struct world *world, const char *name, const char *text)
{
    world->backend->write(world, name, text);
}

void world_mkdir(struct world *world, const char *name)
{
    world->backend->make_folder(world, name);
}

void world_remove(struct world *world, const char *name)
{
    world->backend->remove(world, name);
}

static char *read_file(struct world *world, const char *name, size_t *ret_size)
{
    char *bytes = world->backend->read(world, name, ret_size);

    if (!bytes) {
        fail_msg("%s cannot be read", name);
    }
    return bytes;
}

void world_assert_file(struct world *world, const char *name, uint64_t total)
{
    size_t size;
    char *bytes = read_file(world, name, &size);

    assert_int_equal(size, total);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)bytes[i] != world_byte(i)) {
            fail_msg("%s: byte %zu differs", name, i);
        }
    }
    free(bytes);
}

void world_assert_text(struct world *world, const char *name, const char *text)
{
    size_t size;
    char *bytes = read_file(world, name, &size);

    assert_string_equal(bytes, text);
    free(bytes);
}

size_t world_count_files(struct world *world, const char *name)
{
    return world->backend->count_files(world, name);
}

size_t world_count_staged(struct world *world)
{
    return world->backend->count_staged(world);
}
