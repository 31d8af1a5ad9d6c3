/*
 * store/memory/memory.c: opens and closes a memory, its stores and their
 * places; has the table of calls.
 */
#include "store/memory/memory.h"

#include <stdlib.h>
#include <string.h>

#include "store/memory/answering.h"
#include "store/memory/delivered.h"
#include "store/memory/holding.h"
#include "store/memory/members.h"
#include "store/memory/quota_count.h"

/* --- a memory ------------------------------------------------------------ */

struct store_memory *store_memory_new(void)
{
    struct store_memory *memory = calloc(1, sizeof(*memory));

    if (memory && uv_mutex_init_recursive(&memory->mutex) < 0) {
        free(memory);
        memory = NULL;
    }
    return memory;
}

void store_memory_free(struct store_memory *memory)
{
    struct memory_prefix *prefix;
    struct memory_used *used;

    if (!memory) {
        return;
    }
    while (memory->live.oldest) {
        memory_row_remove(memory, memory->live.oldest);
    }
    while (memory->markers.oldest) {
        memory_row_remove(memory, memory->markers.oldest);
    }
    memory_files_clear(memory);
    while ((prefix = memory->prefixes)) {
        memory->prefixes = prefix->next;
        memory_quota_done(prefix);
        free(prefix->name);
        free(prefix);
    }
    while ((used = memory->used_once)) {
        memory->used_once = used->next;
        free(used);
    }
    uv_mutex_destroy(&memory->mutex);
    free(memory);
}

/* --- places -------------------------------------------------------------- */

/* Call with the mutex held.  Returns NULL if memory ran out. */
static struct memory_prefix *prefix_of(struct store_memory *memory,
                                       const char *name)
{
    struct memory_prefix *prefix = memory->prefixes;

    while (prefix && strcmp(prefix->name, name) != 0) {
        prefix = prefix->next;
    }
    if (prefix) {
        return prefix;
    }
    prefix = calloc(1, sizeof(*prefix));
    if (prefix) {
        prefix->name = strdup(name);
    }
    if (!prefix || !prefix->name) {
        free(prefix);
        return NULL;
    }
    prefix->next = memory->prefixes;
    memory->prefixes = prefix;
    return prefix;
}

static void place_reconfigure(struct store_place *place,
                              const struct store_section *section)
{
    struct store_memory *memory = place->store->memory;

    uv_mutex_lock(&memory->mutex);
    place->prefix->section = *section;
    place->prefix->section.prefix = place->prefix->name;
    place->prefix->section.own = NULL;
    uv_mutex_unlock(&memory->mutex);
}

static enum bits_cause place_open(struct store *store,
                                  const struct store_section *section,
                                  struct store_place **ret_place,
                                  bool *ret_may_come, struct fault *ret_fault)
{
    struct store_memory *memory = memory_of(store)->memory;
    struct store_place *place = calloc(1, sizeof(*place));

    *ret_may_come = false;
    if (place) {
        place->store = memory_of(store);
        uv_mutex_lock(&memory->mutex);
        place->prefix = prefix_of(memory, section->prefix);
        uv_mutex_unlock(&memory->mutex);
    }
    if (!place || !place->prefix) {
        free(place);
        *ret_place = NULL;
        return cause_fault(ret_fault, CAUSE_OVERLOADED, "no memory");
    }
    place_reconfigure(place, section);
    *ret_place = place;
    return BITS_CAUSE_OK;
}

static bool place_is_busy(struct store_place *place)
{
    struct store_memory *memory = place->store->memory;
    bool busy;

    uv_mutex_lock(&memory->mutex);
    busy = place->busy > 0;
    uv_mutex_unlock(&memory->mutex);
    return busy;
}

static void place_close(struct store_place *place)
{
    memory_wait(place->store, &place->busy);
    free(place);
}

/* --- a store ------------------------------------------------------------- */

static void store_close(struct store *base)
{
    struct memory_store *store = memory_of(base);

    memory_wait(store, &store->busy);
    uv_cond_destroy(&store->idle);
    free(store);
}

/* Bytes here cannot be damaged, need no space in advance and leave no files
 * without a session: those members are NULL. */
static const struct store_ops memory_ops = {
    .name = "memory",
    .place_open = place_open,
    .place_reconfigure = place_reconfigure,
    .place_is_busy = place_is_busy,
    .place_close = place_close,
    .check_name = memory_check_name,
    .look = memory_look,
    .create = memory_create,
    .find = memory_find,
    .learn = memory_learn,
    .record = memory_record,
    .touch = memory_touch,
    .file_open = memory_file_open,
    .begin = memory_begin,
    .append = memory_append,
    .settle = memory_settle,
    .complete = memory_settle,
    .is_saved = memory_is_saved,
    .save = memory_save,
    .file_close = memory_file_close,
    .deliver = memory_deliver,
    .end = memory_end,
    .expired = memory_expired,
    .list = memory_list,
    .count = memory_count,
    .prefixes = memory_prefixes,
    .expire_removed = memory_expire_removed,
    .close = store_close,
};

/* The stores' own clock starts at the wall clock's time. */
static void join(struct memory_store *store)
{
    struct store_memory *memory = store->memory;
    const struct os_clock *clock = store->options.clock;

    uv_mutex_lock(&memory->mutex);
    store->number = ++memory->stores;
    if (store->number == 1) {
        memory->age =
            clock->wall(clock->context) - clock->running(clock->context);
    }
    uv_mutex_unlock(&memory->mutex);
}

struct store *store_memory_open(const struct store_memory_options *options)
{
    struct memory_store *store = calloc(1, sizeof(*store));

    if (!store) {
        return NULL;
    }
    if (uv_cond_init(&store->idle) < 0) {
        free(store);
        return NULL;
    }
    store->base.ops = &memory_ops;
    store->options = *options;
    if (!store->options.clock) {
        store->options.clock = &os_clock_system;
    }
    store->memory = options->memory;
    join(store);
    return &store->base;
}
