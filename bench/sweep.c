/*
 * bench/sweep.c: how long the store's housekeeping takes.
 *
 *     sweep STATE_DIR ROOT RELEASES
 *
 * Opens the store of a stopped bitsd and does what bitsd does in twelve hours:
 * looks for expired sessions (some steps of it) and reads each of the staging
 * folders.  Then turns the clock past the time-out and releases up to RELEASES
 * expired sessions as bitsd does.  Prints a line of JSON.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/compiler.h"
#include "bitsd/sections.h"
#include "config/config.h"
#include "samples.h"
#include "store/local/local.h"

#define LATER (15 * 24 * 60 * 60)
#define EXPIRY_STEPS 100
#define BATCH 64
#define FOLDERS 256 /* a step of the sweep looks into one */

struct hand {
    struct store_op op;
    uv_sem_t done;
};

static int64_t wall(void *context)
{
    return os_clock_system.wall(NULL) + atomic_load((atomic_int *)context);
}

static int64_t running(void *context)
{
    return os_clock_system.running(NULL) + atomic_load((atomic_int *)context);
}

static void op_done(struct store_op *op)
{
    uv_sem_post(&CONTAINER_OF(op, struct hand, op)->done);
}

static void started(struct hand *hand, enum store_when when)
{
    if (when == STORE_NOW) {
        op_done(&hand->op);
    }
}

static void wait_for(struct hand *hand)
{
    uv_sem_wait(&hand->done);
    if (hand->op.outcome.cause != BITS_CAUSE_OK) {
        (void)fprintf(stderr, "sweep: %s\n", hand->op.fault.text);
        exit(1);
    }
}

static void time_expiry(struct store *store, struct store_place *place,
                        struct hand *hand, struct samples *samples)
{
    for (int i = 0; i < EXPIRY_STEPS; i++) {
        struct store_session found[BATCH];
        struct store_page page = {.sessions = found, .max = BATCH};
        uint64_t start = samples_now();

        hand->op = (struct store_op){.done = op_done};
        started(hand, store->ops->expired(place, &page, &hand->op));
        wait_for(hand);
        samples_add(samples, samples_now() - start);
        for (size_t k = 0; k < page.count; k++) {
            store_session_done(&found[k]);
        }
    }
}

/* Ends a batch of expired sessions.  Returns how many there were. */
static size_t release_batch(struct store *store, struct store_place *place,
                            struct hand hands[BATCH])
{
    const struct store_ending expiry = {.expiry = true};
    struct store_session found[BATCH];
    struct store_page page = {.sessions = found, .max = BATCH};

    hands[0].op = (struct store_op){.done = op_done};
    started(&hands[0], store->ops->expired(place, &page, &hands[0].op));
    wait_for(&hands[0]);
    for (size_t i = 0; i < page.count; i++) {
        hands[i].op = (struct store_op){.done = op_done};
        started(&hands[i],
                store->ops->end(place, &found[i], &expiry, &hands[i].op));
    }
    for (size_t i = 0; i < page.count; i++) {
        wait_for(&hands[i]);
        store_session_done(&found[i]);
    }
    return page.count;
}

static void time_release(struct store *store, struct store_place *place,
                         size_t most)
{
    struct hand hands[BATCH];
    uint64_t start = samples_now();
    size_t released = 0;
    size_t count = 1;

    for (size_t i = 0; i < BATCH; i++) {
        (void)uv_sem_init(&hands[i].done, 0);
    }
    while (count > 0 && released < most) {
        count = release_batch(store, place, hands);
        released += count;
    }
    (void)printf("\"release\": {\"seconds\": %.6f, \"sessions\": %zu}}\n",
                 (double)(samples_now() - start) / 1e9, released);
    for (size_t i = 0; i < BATCH; i++) {
        uv_sem_destroy(&hands[i].done);
    }
}

static void time_folders(struct store *store, struct store_place *place,
                         struct hand *hand, struct samples *samples)
{
    for (unsigned i = 0; i < FOLDERS; i++) {
        uint64_t start = samples_now();

        hand->op = (struct store_op){.done = op_done};
        started(hand, store->ops->sweep(place, &hand->op));
        wait_for(hand);
        samples_add(samples, samples_now() - start);
    }
}

static void report(const char *name, struct samples *samples, const char *end)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < samples->count; i++) {
        sum += samples->ns[i];
    }
    samples_sort(samples);
    (void)printf("\"%s\": {\"seconds\": %.6f, \"p50_us\": %.1f}%s", name,
                 (double)sum / 1e9, samples_at(samples, 500), end);
    samples_done(samples);
}

static void measure(struct store *store, struct store_place *place)
{
    struct hand hand;
    struct samples expiry = {NULL, 0, 0};
    struct samples folders = {NULL, 0, 0};

    (void)uv_sem_init(&hand.done, 0);
    time_expiry(store, place, &hand, &expiry);
    time_folders(store, place, &hand, &folders);
    uv_sem_destroy(&hand.done);
    (void)printf("{");
    report("expiry", &expiry, ", ");
    report("folders", &folders, ", ");
}

int main(int argc, char **argv)
{
    atomic_int seconds_later = 0;
    const struct os_clock clock = {wall, running, &seconds_later};
    struct store_local_options options = {.clock = &clock};
    struct fault fault = {.text = ""};
    struct string_list errors = {NULL, 0};
    struct config *config;
    struct store_section *section;
    struct store *store;
    struct store_place *place;
    bool may_come;

    if (argc != 4) {
        (void)fputs("usage: sweep STATE_DIR ROOT RELEASES\n", stderr);
        return 2;
    }
    options.state_dir = argv[1];
    config = config_new_simple(
        argv[2], &(struct config_overrides){.state_dir = argv[1]}, &errors);
    section = config ? section_for_local(&config->uploads[0]) : NULL;
    store = section ? store_local_open(&options, &fault) : NULL;
    if (!store || store->ops->place_open(store, section, &place, &may_come,
                                         &fault) != BITS_CAUSE_OK) {
        (void)fprintf(stderr, "sweep: %s\n", fault.text);
        return 1;
    }
    measure(store, place);
    atomic_store(&seconds_later, LATER);
    time_release(store, place, strtoul(argv[3], NULL, 10));
    store->ops->place_close(place);
    store->ops->close(store);
    free(section);
    config_unref(config);
    return 0;
}
