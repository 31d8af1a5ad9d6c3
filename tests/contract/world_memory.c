/*
 * tests/contract/world_memory.c: a world whose store is in memory; see world.h.
 */
#include "world.h"

#include <stdlib.h>

#include "base/text.h"

/* Of all files of a world; see the tests of space. */
#define MAX_BYTES ((uint64_t)256 * 1024 * 1024)

static enum store_when always_later(void *context, const char *call)
{
    (void)context;
    (void)call;
    return STORE_LATER;
}

static struct store *open_store(struct world *world, struct fault *ret_fault)
{
    (void)ret_fault;
    if (!world->memory) {
        world->memory = store_memory_new();
        assert_non_null(world->memory);
    }
    return store_memory_open(&(struct store_memory_options){
        .memory = world->memory,
        .clock = &world->clock,
        .max_bytes = MAX_BYTES,
        .max_ended_sessions = world->max_ended_sessions,
        .when = world->backend == &world_later ? always_later : NULL,
    });
}

static void free_files(struct world *world)
{
    store_memory_free(world->memory);
}

static void write_file(struct world *world, const char *name, const char *text)
{
    assert_true(store_memory_put(world->memory, world->section.prefix, name,
                                 text_of(text)));
}

static void remove_file(struct world *world, const char *name)
{
    assert_true(
        store_memory_remove(world->memory, world->section.prefix, name));
}

static char *read_file(struct world *world, const char *name, size_t *ret_size)
{
    char *data;
    uint64_t size = 0;

    (void)store_memory_get(world->memory, world->section.prefix, name, &data,
                           &size);
    *ret_size = (size_t)size;
    return data;
}

/* There are no folders. */
static void make_folder(struct world *world, const char *name)
{
    (void)world;
    (void)name;
}

static size_t count_files(struct world *world, const char *name)
{
    assert_string_equal(name, "");
    return store_memory_measure(world->memory).delivered;
}

static size_t count_staged(struct world *world)
{
    return store_memory_measure(world->memory).unfinished;
}

#define BACKEND                                                                \
    {                                                                          \
        .open = open_store, .free = free_files, .write = write_file,           \
        .remove = remove_file, .read = read_file, .make_folder = make_folder,  \
        .count_files = count_files, .count_staged = count_staged,              \
    }

const struct world_backend world_memory = BACKEND;
const struct world_backend world_later = BACKEND;
