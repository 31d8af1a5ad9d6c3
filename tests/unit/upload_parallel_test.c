/*
 * tests/unit/upload_parallel_test.c: clients on many threads, of which two at a
 * time send the same upload, while another thread answers for the store; best
 * run under ThreadSanitizer.
 */
#include "upload_world.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/compiler.h"
#include "base/text.h"
#include "cause/cause.h"

#define PAIRS 4
#define UPLOADS 12
#define CHUNK 1000
#define TOTAL ((uint64_t)20 * CHUNK)

/* So many Fragments of one client may be taken over in a row. */
#define TRIES 10000

struct answerer {
    struct upload_world *world;
    uv_thread_t thread;
    uv_sem_t waits; /* calls that wait or are about to */
    atomic_uint calls;
    atomic_bool stops;
};

/* Two of three calls are answered later. */
static enum store_when mixed(void *context, const char *call)
{
    struct answerer *answerer = context;

    (void)call;
    if (atomic_fetch_add(&answerer->calls, 1) % 3 == 0) {
        return STORE_NOW;
    }
    uv_sem_post(&answerer->waits);
    return STORE_LATER;
}

static void run_answerer(void *argument)
{
    struct answerer *answerer = argument;

    for (uv_sem_wait(&answerer->waits); !answerer->stops;
         uv_sem_wait(&answerer->waits)) {
        while (store_memory_answer(answerer->world->store, 1) == 0) {
            /* The call returns at any moment. */
        }
    }
}

/* --- a client that blocks ------------------------------------------------ */

struct sender {
    struct upload_request request;
    struct upload_world *world;
    uv_sem_t ready; /* or cut */
    atomic_bool cut;
    enum upload_verdict verdict;
};

static void note_ready(struct upload_request *request)
{
    uv_sem_post(&CONTAINER_OF(request, struct sender, request)->ready);
}

/* A request that waits hears nothing more. */
static void note_cut(struct upload_request *request)
{
    struct sender *sender = CONTAINER_OF(request, struct sender, request);

    sender->cut = true;
    uv_sem_post(&sender->ready);
}

static const struct upload_front front = {.ready = note_ready, .cut = note_cut};

static void wait_for_verdict(struct sender *sender)
{
    while (sender->verdict == UPLOAD_PENDING) {
        uv_sem_wait(&sender->ready);
        sender->verdict = sender->cut ? UPLOAD_CUT
                                      : upload_resume(sender->world->service,
                                                      &sender->request);
    }
}

static void sender_begin(struct sender *sender, struct upload_world *world,
                         struct bits_packet packet, const char *path)
{
    *sender = (struct sender){.world = world,
                              .request = {.front = &front,
                                          .packet = packet,
                                          .target = {.path = text_of(path)},
                                          .peer = text_of("127.0.0.1:1")}};
    sender->request.packet.type_known = true;
    assert_int_equal(uv_sem_init(&sender->ready, 0), 0);
    (void)upload_match(world->service, &sender->request);
    sender->verdict = upload_begin(world->service, &sender->request);
    wait_for_verdict(sender);
}

static void sender_end(struct sender *sender)
{
    upload_release(sender->world->service, &sender->request);
    uv_sem_destroy(&sender->ready);
}

static struct bits_guid create(struct upload_world *world, const char *path)
{
    struct sender sender;
    struct bits_guid id;

    sender_begin(&sender, world,
                 (struct bits_packet){.type = BITS_PACKET_CREATE_SESSION,
                                      .protocol_known = true},
                 path);
    assert_int_equal(sender.verdict, UPLOAD_ANSWER);
    assert_int_equal(sender.request.answer.outcome.cause, BITS_CAUSE_OK);
    assert_true(bits_guid_parse(sender.request.answer.session_id, &id));
    sender_end(&sender);
    return id;
}

/* Sends the whole file as one Fragment, whatever the server has of it.  False:
 * it was taken over. */
static bool send_all(struct upload_world *world, struct bits_guid id,
                     const char *path)
{
    const struct bits_packet packet = {
        .type = BITS_PACKET_FRAGMENT,
        .framing = BITS_FRAMING_LENGTH,
        .content_length = TOTAL,
        .range_form = BITS_RANGE_FORM_BYTES,
        .range = {.first = 0, .last = TOTAL - 1, .total = TOTAL},
        .session_is_guid = true,
        .session = id,
    };
    char bytes[CHUNK];
    struct sender sender;
    bool done;

    sender_begin(&sender, world, packet, path);
    for (uint64_t at = 0; at < TOTAL && sender.verdict == UPLOAD_RECEIVE;
         at += CHUNK) {
        for (size_t i = 0; i < CHUNK; i++) {
            bytes[i] = upload_world_byte(at + i);
        }
        sender.verdict =
            upload_chunk(world->service, &sender.request,
                         (struct os_bytes){.data = bytes, .size = CHUNK});
        memset(bytes, 0, sizeof(bytes));
        wait_for_verdict(&sender);
    }
    if (sender.verdict == UPLOAD_RECEIVE) {
        sender.verdict =
            upload_end(world->service, &sender.request, BITS_BODY_WHOLE);
        wait_for_verdict(&sender);
    }
    done = sender.verdict == UPLOAD_ANSWER;
    if (done) {
        assert_int_equal(sender.request.answer.outcome.cause, BITS_CAUSE_OK);
        assert_int_equal(sender.request.answer.next, TOTAL);
    }
    sender_end(&sender);
    return done;
}

/* --- pairs --------------------------------------------------------------- */

struct pair {
    struct upload_world *world;
    unsigned number;
    struct bits_guid ids[UPLOADS];
    uv_thread_t threads[2];
};

static void path_of(const struct pair *pair, unsigned upload, char path[32])
{
    (void)snprintf(path, 32, "/%u-%u", pair->number, upload);
}

static void run_sender(void *argument)
{
    struct pair *pair = argument;
    char path[32];

    for (unsigned i = 0; i < UPLOADS; i++) {
        unsigned tries = 0;

        path_of(pair, i, path);
        while (!send_all(pair->world, pair->ids[i], path)) {
            assert_int_not_equal(++tries, TRIES);
        }
    }
}

static void pair_start(struct pair *pair, struct upload_world *world,
                       unsigned number)
{
    char path[32];

    *pair = (struct pair){.world = world, .number = number};
    for (unsigned i = 0; i < UPLOADS; i++) {
        path_of(pair, i, path);
        pair->ids[i] = create(world, path);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(uv_thread_create(&pair->threads[i], run_sender, pair),
                         0);
    }
}

static void pair_end(struct pair *pair)
{
    char path[32];

    for (int i = 0; i < 2; i++) {
        assert_int_equal(uv_thread_join(&pair->threads[i]), 0);
    }
    for (unsigned i = 0; i < UPLOADS; i++) {
        path_of(pair, i, path);
        upload_world_assert_file(pair->world, path + 1, TOTAL);
    }
}

static void pairs_of_clients_upload_each_file_once(void **state)
{
    struct answerer answerer = {.calls = 0};
    struct pair pairs[PAIRS];

    (void)state;
    assert_int_equal(uv_sem_init(&answerer.waits, 0), 0);
    answerer.world = upload_world_new((struct upload_options){
        .write_behind = true, .when = mixed, .context = &answerer});
    assert_int_equal(
        uv_thread_create(&answerer.thread, run_answerer, &answerer), 0);
    for (unsigned i = 0; i < PAIRS; i++) {
        pair_start(&pairs[i], answerer.world, i);
    }
    for (unsigned i = 0; i < PAIRS; i++) {
        pair_end(&pairs[i]);
    }
    assert_int_equal(store_memory_measure(answerer.world->memory).delivered,
                     PAIRS * UPLOADS);
    answerer.stops = true;
    uv_sem_post(&answerer.waits);
    assert_int_equal(uv_thread_join(&answerer.thread), 0);
    upload_world_free(answerer.world);
    uv_sem_destroy(&answerer.waits);
}

/* --- a client that leaves ------------------------------------------------- */

static struct store_op *begun;

static enum store_when hold_begin(struct store_file *file, uint64_t stored,
                                  uint64_t length, struct store_op *op)
{
    (void)file;
    (void)stored;
    (void)length;
    begun = op;
    return STORE_LATER;
}

static void refuse_begin(void *argument)
{
    (void)argument;
    begun->outcome = cause_outcome(BITS_CAUSE_IO_ERROR);
    begun->fault.text[0] = '\0';
    begun->done(begun);
}

static atomic_bool told;

/* Orders nothing, so that ThreadSanitizer sees what only the service orders. */
static void note_told(struct upload_request *request)
{
    (void)request;
    atomic_store_explicit(&told, true, memory_order_relaxed);
}

static const struct upload_front hasty = {.ready = note_told, .cut = note_told};

/* Its connection closes before it hears that the store has answered. */
static void a_client_leaves_when_the_store_refuses_its_body(void **state)
{
    struct upload_world *world = upload_world_new((struct upload_options){0});
    struct upload_id id = upload_create(world, "file");
    struct upload_client client;
    uv_thread_t thread;

    (void)state;
    told = false;
    world->ops.begin = hold_begin;
    client_fragment(&client, world, &id, RANGE(0, 9, 9));
    assert_int_equal(client.verdict, UPLOAD_PENDING);
    client.request.front = &hasty;
    assert_int_equal(uv_thread_create(&thread, refuse_begin, NULL), 0);
    while (!atomic_load_explicit(&told, memory_order_relaxed)) {
        /* The thread has not come so far. */
    }
    client_release(&client);
    assert_int_equal(uv_thread_join(&thread), 0);
    upload_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_clients_upload_each_file_once),
        cmocka_unit_test(a_client_leaves_when_the_store_refuses_its_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
