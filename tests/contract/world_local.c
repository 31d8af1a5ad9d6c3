/*
 * tests/contract/world_local.c: a world whose store is on disks; see world.h.
 */
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A test that waits longer has failed. */
#define TROUBLE_WAIT_NS ((uint64_t)60 * 1000 * 1000 * 1000)

/* --- the store ------------------------------------------------------------ */

static void trouble(void *context, enum bits_cause cause, const char *detail)
{
    struct world *world = context;

    (void)cause;
    (void)detail;
    uv_mutex_lock(&world->trouble_mutex);
    world->troubles++;
    uv_cond_broadcast(&world->trouble_told);
    uv_mutex_unlock(&world->trouble_mutex);
}

void world_wait_troubles(struct world *world, unsigned least)
{
    uint64_t end = uv_hrtime() + TROUBLE_WAIT_NS;
    uint64_t now = uv_hrtime();
    bool enough;

    uv_mutex_lock(&world->trouble_mutex);
    while (world->troubles < least && now < end) {
        (void)uv_cond_timedwait(&world->trouble_told, &world->trouble_mutex,
                                end - now);
        now = uv_hrtime();
    }
    enough = world->troubles >= least;
    uv_mutex_unlock(&world->trouble_mutex);
    if (!enough) {
        fail_msg("the store has not told of %u failures", least);
    }
}

static void warning(void *context, const char *event, const char *words)
{
    struct world *world = context;

    (void)event;
    (void)words;
    (void)__atomic_add_fetch(&world->warnings, 1, __ATOMIC_SEQ_CST);
}

static struct store *open_store(struct world *world, struct fault *ret_fault)
{
    struct store_local_options options = {
        .state_dir = world->state,
        .workers = world->workers ? world->workers : 8,
        .max_ended_sessions = world->max_ended_sessions,
        .clock = &world->clock,
        .trouble = trouble,
        .warning = warning,
        .context = world,
    };

    return store_local_open(&options, ret_fault);
}

/* --- its files ------------------------------------------------------------ */

static void path_of(struct world *world, const char *name, char *path,
                    size_t size)
{
    (void)snprintf(path, size, "%s/%s", world->root, name);
}

static void write_file(struct world *world, const char *name, const char *text)
{
    char path[512];
    int fd;

    path_of(world, name, path, sizeof(path));
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void make_folder(struct world *world, const char *name)
{
    char path[512];

    path_of(world, name, path, sizeof(path));
    assert_int_equal(mkdir(path, 0755), 0);
}

static void remove_file(struct world *world, const char *name)
{
    char path[512];

    path_of(world, name, path, sizeof(path));
    assert_int_equal(remove(path), 0);
}

static char *read_file(struct world *world, const char *name, size_t *ret_size)
{
    char path[512];
    struct stat info;
    char *bytes;
    int fd;

    path_of(world, name, path, sizeof(path));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    assert_int_equal(fstat(fd, &info), 0);
    *ret_size = (size_t)info.st_size;
    bytes = malloc(*ret_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, *ret_size), (ssize_t)*ret_size);
    (void)close(fd);
    bytes[*ret_size] = '\0';
    return bytes;
}

static size_t count_files(struct world *world, const char *name)
{
    char path[512];
    struct dirent *entry;
    size_t count = 0;
    DIR *stream;

    path_of(world, name, path, sizeof(path));
    stream = opendir(path);
    assert_non_null(stream);
    while ((entry = readdir(stream))) {
        count += entry->d_type == DT_REG;
    }
    (void)closedir(stream);
    return count;
}

static size_t count_staged(struct world *world)
{
    size_t count = 0;
    char name[16];

    for (unsigned i = 0; i < 256; i++) {
        (void)snprintf(name, sizeof(name), ".bitsd/%02x", i);
        count += count_files(world, name);
    }
    return count;
}

const struct world_backend world_local = {
    .open = open_store,
    .write = write_file,
    .remove = remove_file,
    .read = read_file,
    .make_folder = make_folder,
    .count_files = count_files,
    .count_staged = count_staged,
};

/* --- for tests of this store alone ---------------------------------------- */

bool world_exists(struct world *world, const char *name)
{
    char path[512];
    struct stat info;

    path_of(world, name, path, sizeof(path));
    return lstat(path, &info) == 0;
}

void world_staged_path(struct world *world, struct bits_guid id, char *path,
                       size_t size)
{
    char text[BITS_GUID_TEXT_LEN + 1];

    bits_guid_format(&id, text);
    (void)snprintf(path, size, "%s/.bitsd/%02x/%.36s", world->root, id.bytes[4],
                   text + 1);
}
