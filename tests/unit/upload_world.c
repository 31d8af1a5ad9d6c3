/*
 * tests/unit/upload_world.c: see upload_world.h.
 */
#include "upload_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "cause/cause.h"
#include "upload/service.h"

/* A test that takes longer has failed. */
#define PATIENCE_SECONDS 60

/* --- the world ----------------------------------------------------------- */

static int64_t wall(void *context)
{
    return ((struct upload_world *)context)->wall;
}

static int64_t running(void *context)
{
    return ((struct upload_world *)context)->running;
}

static enum store_when when(void *context, const char *call)
{
    struct upload_world *world = context;

    if (!world->later ||
        (strcmp(world->later, "*") != 0 && strcmp(world->later, call) != 0)) {
        return STORE_NOW;
    }
    world->asked_later++;
    return STORE_LATER;
}

static void note_event(struct log_sink *sink, const struct log_event *event)
{
    struct upload_world *world = CONTAINER_OF(sink, struct upload_world, log);

    if (strcmp(event->event, "refused") == 0) {
        (void)__atomic_add_fetch(&world->refused, 1, __ATOMIC_RELAXED);
    } else if (strcmp(event->event, "resumed") == 0) {
        (void)__atomic_add_fetch(&world->resumed, 1, __ATOMIC_RELAXED);
    }
}

static struct store_section *section_of(const struct config_upload *config)
{
    struct store_section *section = malloc(sizeof(*section));

    assert_non_null(section);
    *section = (struct store_section){
        .prefix = config->prefix,
        .max_sessions = config->max_sessions,
        .max_sessions_per_user = config->max_sessions_per_user,
        .session_timeout = config->session_timeout,
        .empty_session_timeout = config->empty_session_timeout,
    };
    return section;
}

struct upload_world *upload_world_new(struct upload_options options)
{
    struct upload_world *world = calloc(1, sizeof(*world));
    struct string_list errors = {0};

    (void)alarm(PATIENCE_SECONDS);
    assert_non_null(world);
    world->log = (struct log_sink){.level = LOG_DEBUG, .write = note_event};
    world->wall = 1800000000;
    world->running = 5000;
    world->clock =
        (struct os_clock){.wall = wall, .running = running, .context = world};
    world->memory = store_memory_new();
    assert_non_null(world->memory);
    world->store = store_memory_open(&(struct store_memory_options){
        .memory = world->memory,
        .clock = &world->clock,
        .write_behind = options.write_behind,
        .when = options.when ? options.when : when,
        .high_water = options.high_water,
        .context = options.when ? options.context : world});
    assert_non_null(world->store);
    world->ops = *world->store->ops;
    world->store->ops = &world->ops;
    world->config = config_new_simple("/nowhere", NULL, &errors);
    assert_non_null(world->config);
    world->service = upload_service_new(world->store, section_of, &world->log);
    assert_non_null(world->service);
    assert_true(upload_service_configure(world->service, world->config));
    return world;
}

void upload_world_free(struct upload_world *world)
{
    /* The test cannot answer while the service waits for its last call. */
    world->later = NULL;
    (void)upload_world_answer(world);
    upload_world_forget(world);
    assert_int_equal(world->service->table.count, 0);
    upload_service_free(world->service);
    world->store->ops->close(world->store);
    store_memory_free(world->memory);
    config_unref(world->config);
    free(world);
}

int upload_world_setup(void **state)
{
    *state = upload_world_new((struct upload_options){0});
    return 0;
}

int upload_world_teardown(void **state)
{
    upload_world_free(*state);
    return 0;
}

size_t upload_world_answer(struct upload_world *world)
{
    return store_memory_answer(world->store, SIZE_MAX);
}

void upload_world_forget(struct upload_world *world)
{
    active_table_cool(&world->service->table, 0);
}

void upload_world_take_session(struct upload_world *world,
                               const struct upload_id *id)
{
    struct store *other = store_memory_open(&(struct store_memory_options){
        .memory = world->memory, .clock = &world->clock});
    struct store_session session;
    struct bits_guid guid;
    struct store_op op;

    assert_non_null(other);
    assert_true(bits_guid_parse(
        (struct bits_text){id->text, BITS_GUID_TEXT_LEN}, &guid));
    assert_int_equal(other->ops->find(other, &guid, &session, &op), STORE_NOW);
    assert_int_equal(op.outcome.cause, BITS_CAUSE_OK);
    store_session_done(&session);
    other->ops->close(other);
}

/* --- bytes --------------------------------------------------------------- */

/* Never 0, and no period that divides a block. */
char upload_world_byte(uint64_t at)
{
    return (char)(at % 251 + 1);
}

void upload_world_assert_file(struct upload_world *world, const char *name,
                              uint64_t total)
{
    uint64_t size;
    char *data;

    assert_true(store_memory_get(world->memory, "/", name, &data, &size));
    assert_int_equal(size, total);
    for (uint64_t at = 0; at < size; at++) {
        assert_int_equal(data[at], upload_world_byte(at));
    }
    free(data);
}

/* --- a packet ------------------------------------------------------------ */

static void ready(struct upload_request *request)
{
    struct upload_client *client =
        CONTAINER_OF(request, struct upload_client, request);

    assert_false(client->ready);
    client->ready = true;
}

static void cut(struct upload_request *request)
{
    CONTAINER_OF(request, struct upload_client, request)->cut = true;
}

static const struct upload_front front = {.ready = ready, .cut = cut};

static void begin(struct upload_client *client, struct upload_world *world,
                  enum bits_packet_type type)
{
    *client = (struct upload_client){
        .world = world,
        .request = {.front = &front,
                    .packet = {.type = type,
                               .type_known = true,
                               .protocol_known = true},
                    .url = text_of("http://host/"),
                    .peer = text_of("127.0.0.1:1")},
    };
}

static void begin_in(struct upload_client *client, const struct upload_id *id,
                     const char *path)
{
    struct bits_packet *packet = &client->request.packet;

    (void)snprintf(client->path, sizeof(client->path), "/%s", path);
    client->request.target.path = text_of(client->path);
    if (id) {
        packet->session_id = text_of(id->text);
        packet->session_is_guid =
            bits_guid_parse(packet->session_id, &packet->session);
    }
    (void)upload_match(client->world->service, &client->request);
    client->verdict = upload_begin(client->world->service, &client->request);
}

void client_ping(struct upload_client *client, struct upload_world *world)
{
    begin(client, world, BITS_PACKET_PING);
    begin_in(client, NULL, "");
}

void client_create(struct upload_client *client, struct upload_world *world,
                   const char *name)
{
    begin(client, world, BITS_PACKET_CREATE_SESSION);
    begin_in(client, NULL, name);
}

void client_fragment(struct upload_client *client, struct upload_world *world,
                     const struct upload_id *id, const uint64_t range[3])
{
    struct bits_packet *packet = &client->request.packet;

    begin(client, world, BITS_PACKET_FRAGMENT);
    packet->framing = BITS_FRAMING_LENGTH;
    packet->content_length = range[1] - range[0];
    packet->range_form = BITS_RANGE_FORM_BYTES;
    packet->range = (struct bits_range){
        .first = range[0], .last = range[1] - 1, .total = range[2]};
    client->at = range[0];
    begin_in(client, id, "file");
}

void client_close(struct upload_client *client, struct upload_world *world,
                  const struct upload_id *id)
{
    begin(client, world, BITS_PACKET_CLOSE_SESSION);
    begin_in(client, id, "file");
}

void client_cancel(struct upload_client *client, struct upload_world *world,
                   const struct upload_id *id)
{
    begin(client, world, BITS_PACKET_CANCEL_SESSION);
    begin_in(client, id, "file");
}

/* The bytes are gone when the call returns, as those of a front end. */
void client_send(struct upload_client *client, size_t size)
{
    char *data = malloc(size);

    assert_non_null(data);
    assert_int_equal(client->verdict, UPLOAD_RECEIVE);
    for (size_t i = 0; i < size; i++) {
        data[i] = upload_world_byte(client->at + i);
    }
    client->at += size;
    client->verdict =
        upload_chunk(client->world->service, &client->request,
                     (struct os_bytes){.data = data, .size = size});
    free(data);
}

void client_end(struct upload_client *client, enum bits_body_end end)
{
    client->verdict = upload_end(client->world->service, &client->request, end);
}

void client_resume(struct upload_client *client)
{
    assert_int_equal(client->verdict, UPLOAD_PENDING);
    assert_true(client->ready);
    client->ready = false;
    client->verdict = upload_resume(client->world->service, &client->request);
}

void client_resume_all(struct upload_client *client)
{
    while (client->verdict == UPLOAD_PENDING && client->ready) {
        client_resume(client);
    }
}

void client_wait(struct upload_client *client)
{
    while (client->verdict == UPLOAD_PENDING) {
        if (!client->ready) {
            assert_int_not_equal(upload_world_answer(client->world), 0);
        }
        client_resume(client);
    }
}

void client_assert_answer(const struct upload_client *client,
                          enum bits_cause cause)
{
    assert_int_equal(client->verdict, UPLOAD_ANSWER);
    assert_string_equal(cause_name(client->request.answer.outcome.cause),
                        cause_name(cause));
}

void client_assert_next(const struct upload_client *client,
                        enum bits_cause cause, uint64_t next)
{
    client_assert_answer(client, cause);
    assert_true(client->request.answer.has_next);
    assert_int_equal(client->request.answer.next, next);
}

void client_release(struct upload_client *client)
{
    upload_release(client->world->service, &client->request);
}

void client_send_last(struct upload_client *client, size_t size)
{
    client_send(client, size);
    client_end(client, BITS_BODY_WHOLE);
}

void client_expect_answer(struct upload_client *client, enum bits_cause cause)
{
    client_wait(client);
    client_assert_answer(client, cause);
    client_release(client);
}

void client_expect_next(struct upload_client *client, enum bits_cause cause,
                        uint64_t next)
{
    client_wait(client);
    client_assert_next(client, cause, next);
    client_release(client);
}

/* --- whole packets ------------------------------------------------------- */

struct upload_id upload_create(struct upload_world *world, const char *name)
{
    struct upload_client client;
    struct upload_id id;

    client_create(&client, world, name);
    client_wait(&client);
    client_assert_answer(&client, BITS_CAUSE_OK);
    assert_int_equal(client.request.answer.session_id.len, BITS_GUID_TEXT_LEN);
    memcpy(id.text, client.request.answer.session_id.ptr, BITS_GUID_TEXT_LEN);
    id.text[BITS_GUID_TEXT_LEN] = '\0';
    client_release(&client);
    return id;
}

void upload_start(struct upload_world *world, struct upload_id *ret_id,
                  struct upload_client *ret_client, uint64_t total, size_t sent)
{
    *ret_id = upload_create(world, "file");
    client_fragment(ret_client, world, ret_id, RANGE(0, total, total));
    client_wait(ret_client);
    if (sent > 0) {
        client_send(ret_client, sent);
    }
}

enum bits_cause upload_fragment(struct upload_world *world,
                                const struct upload_id *id,
                                const uint64_t range[3], uint64_t *ret_next)
{
    struct upload_client client;
    enum bits_cause cause;

    client_fragment(&client, world, id, range);
    client_wait(&client);
    while (client.verdict == UPLOAD_RECEIVE && client.at < range[1]) {
        client_send(&client, range[1] - client.at > 3
                                 ? 3
                                 : (size_t)(range[1] - client.at));
        client_wait(&client);
    }
    if (client.verdict == UPLOAD_RECEIVE) {
        client_end(&client, BITS_BODY_WHOLE);
        client_wait(&client);
    }
    assert_int_equal(client.verdict, UPLOAD_ANSWER);
    cause = client.request.answer.outcome.cause;
    if (ret_next) {
        assert_true(client.request.answer.has_next);
        *ret_next = client.request.answer.next;
    }
    client_release(&client);
    return cause;
}

static enum bits_cause wait_for_cause(struct upload_client *client)
{
    enum bits_cause cause;

    client_wait(client);
    assert_int_equal(client->verdict, UPLOAD_ANSWER);
    cause = client->request.answer.outcome.cause;
    client_release(client);
    return cause;
}

enum bits_cause upload_close(struct upload_world *world,
                             const struct upload_id *id)
{
    struct upload_client client;

    client_close(&client, world, id);
    return wait_for_cause(&client);
}

enum bits_cause upload_cancel(struct upload_world *world,
                              const struct upload_id *id)
{
    struct upload_client client;

    client_cancel(&client, world, id);
    return wait_for_cause(&client);
}

void upload_assert_stored(struct upload_world *world,
                          const struct upload_id *id, uint64_t stored,
                          uint64_t total)
{
    uint64_t next;

    assert_true(stored + 1 < total);
    assert_int_equal(
        upload_fragment(world, id, RANGE(total - 1, total, total), &next),
        BITS_CAUSE_RANGE_GAP);
    assert_int_equal(next, stored);
}
