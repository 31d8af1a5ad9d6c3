/*
 * tests/unit/store_memory_test.c: what the store in memory has beside the
 * contract: two stores on one memory, bytes that are not saved, answers on
 * demand, a limit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cause/cause.h"
#include "store/memory/memory.h"

/* A process of a cluster. */
struct node {
    struct store *store;
    const struct store_ops *ops;
    struct store_place *place;
};

struct cluster {
    struct store_memory *memory;
    struct node nodes[2];
};

static const struct bits_guid id = {{1, 2, 3}};

static const struct store_section section = {
    .prefix = "/",
    .max_sessions = UINT64_MAX,
    .max_sessions_per_user = UINT64_MAX,
    .session_timeout = 1000,
    .empty_session_timeout = 1000,
};

static void node_open(struct node *node, struct store_memory_options options)
{
    struct fault fault;
    bool may_come;

    node->store = store_memory_open(&options);
    assert_non_null(node->store);
    node->ops = node->store->ops;
    assert_int_equal(node->ops->place_open(node->store, &section, &node->place,
                                           &may_come, &fault),
                     BITS_CAUSE_OK);
}

static void node_close(struct node *node)
{
    node->ops->place_close(node->place);
    node->ops->close(node->store);
}

static struct cluster cluster_new(struct store_memory_options options)
{
    struct cluster cluster = {.memory = store_memory_new()};

    assert_non_null(cluster.memory);
    options.memory = cluster.memory;
    node_open(&cluster.nodes[0], options);
    node_open(&cluster.nodes[1], options);
    return cluster;
}

static void cluster_free(struct cluster *cluster)
{
    node_close(&cluster->nodes[0]);
    node_close(&cluster->nodes[1]);
    store_memory_free(cluster->memory);
}

/* --- calls that are answered now ----------------------------------------- */

static void create(struct node *node)
{
    struct store_session session = {.id = id,
                                    .prefix = strdup("/"),
                                    .name = strdup("file"),
                                    .user = strdup(""),
                                    .address = strdup(""),
                                    .delivered_as = strdup("")};
    struct store_op op;

    assert_int_equal(node->ops->create(node->place, &session, NULL, &op),
                     STORE_NOW);
    assert_int_equal(op.outcome.cause, BITS_CAUSE_OK);
    store_session_done(&session);
}

static struct store_session find(struct node *node)
{
    struct store_session session;
    struct store_op op;

    assert_int_equal(node->ops->find(node->store, &id, &session, &op),
                     STORE_NOW);
    assert_int_equal(op.outcome.cause, BITS_CAUSE_OK);
    session.total_known = true;
    session.total = 10;
    return session;
}

static enum bits_cause learn(struct node *node, struct store_session *session)
{
    struct store_op op;

    assert_int_equal(node->ops->learn(node->place, session, &op), STORE_NOW);
    return op.outcome.cause;
}

static struct store_file *file_open(struct node *node,
                                    struct store_session *session,
                                    uint64_t *ret_stored)
{
    struct store_file *file;
    struct store_op op;

    assert_int_equal(node->ops->file_open(node->place, session, &file, &op),
                     STORE_NOW);
    assert_int_equal(op.outcome.cause, BITS_CAUSE_OK);
    *ret_stored = op.stored;
    return file;
}

static enum bits_cause begin(struct node *node, struct store_file *file,
                             uint64_t stored, uint64_t length)
{
    struct store_op op;

    assert_int_equal(node->ops->begin(file, stored, length, &op), STORE_NOW);
    return op.outcome.cause;
}

/* A new session with its file open for a fragment of 10 bytes. */
static struct store_file *start(struct node *node,
                                struct store_session *ret_session)
{
    struct store_file *file;
    uint64_t stored;

    create(node);
    *ret_session = find(node);
    file = file_open(node, ret_session, &stored);
    assert_int_equal(begin(node, file, 0, 10), BITS_CAUSE_OK);
    return file;
}

static enum bits_cause append(struct node *node, struct store_file *file,
                              const char *text)
{
    struct store_op op;

    assert_int_equal(
        node->ops->append(
            file, (struct os_bytes){.data = text, .size = strlen(text)}, &op),
        STORE_NOW);
    return op.outcome.cause;
}

/* --- two stores on one memory -------------------------------------------- */

static void the_last_store_that_finds_a_session_has_it(void **state)
{
    struct cluster cluster = cluster_new((struct store_memory_options){0});
    struct node *one = &cluster.nodes[0];
    struct node *other = &cluster.nodes[1];
    struct store_session first;
    struct store_session second;

    (void)state;
    create(one);
    first = find(one);
    assert_int_equal(learn(one, &first), BITS_CAUSE_OK);
    second = find(other);
    assert_true(second.fence > first.fence);
    assert_int_equal(learn(one, &first), CAUSE_FENCED);
    assert_int_equal(learn(other, &second), BITS_CAUSE_OK);
    store_session_done(&first);
    first = find(one);
    assert_int_equal(learn(one, &first), BITS_CAUSE_OK);
    assert_int_equal(learn(other, &second), CAUSE_FENCED);
    store_session_done(&first);
    store_session_done(&second);
    cluster_free(&cluster);
}

/* The file was open before. */
static void a_store_that_lost_a_session_changes_nothing(void **state)
{
    const struct store_ending ending = {.by = BITS_PACKET_CANCEL_SESSION};
    struct cluster cluster = cluster_new((struct store_memory_options){0});
    struct node *one = &cluster.nodes[0];
    struct node *other = &cluster.nodes[1];
    struct store_session first;
    struct store_session second;
    struct store_file *file;
    struct store_op op;
    uint64_t stored;

    (void)state;
    file = start(one, &first);
    assert_int_equal(append(one, file, "abc"), BITS_CAUSE_OK);
    second = find(other);
    assert_int_equal(append(one, file, "def"), CAUSE_FENCED);
    assert_int_equal(begin(one, file, 3, 7), CAUSE_FENCED);
    (void)one->ops->save(file, &op);
    assert_int_equal(op.outcome.cause, CAUSE_FENCED);
    (void)one->ops->deliver(one->place, &first, file, &op);
    assert_int_equal(op.outcome.cause, CAUSE_FENCED);
    (void)one->ops->end(one->place, &first, &ending, &op);
    assert_int_equal(op.outcome.cause, CAUSE_FENCED);
    one->ops->file_close(file);
    file = file_open(other, &second, &stored);
    assert_int_equal(stored, 3);
    other->ops->file_close(file);
    store_session_done(&first);
    store_session_done(&second);
    cluster_free(&cluster);
}

/* --- bytes that are not saved -------------------------------------------- */

static void another_store_finds_saved_bytes_only(void **state)
{
    struct cluster cluster =
        cluster_new((struct store_memory_options){.write_behind = true});
    struct node *one = &cluster.nodes[0];
    struct node *other = &cluster.nodes[1];
    struct store_session first;
    struct store_session second;
    struct store_file *file;
    struct store_op op;
    uint64_t stored;

    (void)state;
    file = start(one, &first);
    assert_false(one->ops->is_saved(one->place, NULL));
    assert_int_equal(append(one, file, "abc"), BITS_CAUSE_OK);
    assert_false(one->ops->is_saved(one->place, file));
    (void)one->ops->save(file, &op);
    assert_int_equal(op.outcome.cause, BITS_CAUSE_OK);
    assert_true(one->ops->is_saved(one->place, file));
    assert_int_equal(append(one, file, "def"), BITS_CAUSE_OK);
    second = find(other);
    one->ops->file_close(file);
    file = file_open(other, &second, &stored);
    assert_int_equal(stored, 3);
    assert_int_equal(store_memory_measure(cluster.memory).bytes, 3);
    other->ops->file_close(file);
    store_session_done(&first);
    store_session_done(&second);
    cluster_free(&cluster);
}

/* --- max_bytes ----------------------------------------------------------- */

static void files_have_at_most_max_bytes(void **state)
{
    struct cluster cluster =
        cluster_new((struct store_memory_options){.max_bytes = 10});
    struct node *node = &cluster.nodes[0];
    struct store_session session;
    struct store_file *file = start(node, &session);

    (void)state;
    assert_true(store_memory_put(cluster.memory, "/", "other",
                                 (struct bits_text){"123", 3}));
    assert_int_equal(append(node, file, "12345678"), BITS_CAUSE_DISK_FULL);
    assert_int_equal(append(node, file, "1234567"), BITS_CAUSE_OK);
    assert_int_equal(begin(node, file, 7, 3), CAUSE_WILL_NOT_FIT);
    assert_true(store_memory_remove(cluster.memory, "/", "other"));
    assert_int_equal(begin(node, file, 7, 3), BITS_CAUSE_OK);
    node->ops->file_close(file);
    store_session_done(&session);
    cluster_free(&cluster);
}

/* --- delivered files ----------------------------------------------------- */

static void files_are_kept_by_prefix_and_name(void **state)
{
    struct store_memory *memory = store_memory_new();
    uint64_t size;
    char *data;

    (void)state;
    assert_non_null(memory);
    assert_true(store_memory_put(memory, "/", "a", text_of("one")));
    assert_true(store_memory_put(memory, "/", "b", text_of("")));
    assert_true(store_memory_put(memory, "/other", "a", text_of("two")));
    assert_true(store_memory_put(memory, "/", "a", text_of("three")));
    assert_int_equal(store_memory_measure(memory).delivered, 3);
    assert_int_equal(store_memory_measure(memory).bytes, 8);
    assert_true(store_memory_get(memory, "/", "a", &data, &size));
    assert_string_equal(data, "three");
    assert_int_equal(size, 5);
    free(data);
    assert_true(store_memory_get(memory, "/", "b", &data, &size));
    assert_int_equal(size, 0);
    free(data);
    assert_true(store_memory_remove(memory, "/", "a"));
    assert_false(store_memory_remove(memory, "/", "a"));
    assert_false(store_memory_get(memory, "/", "a", &data, &size));
    store_memory_free(memory);
}

/* --- later --------------------------------------------------------------- */

static enum store_when always_later(void *context, const char *call)
{
    (void)context;
    (void)call;
    return STORE_LATER;
}

static unsigned answered;

static void note_answer(struct store_op *op)
{
    assert_int_equal(op->outcome.cause, BITS_CAUSE_OK);
    answered++;
}

static void calls_are_answered_in_order_when_asked_for(void **state)
{
    struct cluster cluster =
        cluster_new((struct store_memory_options){.when = always_later});
    struct node *node = &cluster.nodes[0];
    struct store_op ops[3];
    uint64_t counts[3] = {77, 77, 77};

    (void)state;
    answered = 0;
    for (int i = 0; i < 3; i++) {
        ops[i] = (struct store_op){.done = note_answer};
        assert_int_equal(
            node->ops->count(node->store, "/", &counts[i], &ops[i]),
            STORE_LATER);
    }
    assert_int_equal(store_memory_answer(node->store, 2), 2);
    assert_int_equal(answered, 2);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 77);
    assert_int_equal(store_memory_answer(node->store, SIZE_MAX), 1);
    assert_int_equal(store_memory_answer(node->store, SIZE_MAX), 0);
    cluster_free(&cluster);
}

static void closing_answers_what_waits(void **state)
{
    struct cluster cluster =
        cluster_new((struct store_memory_options){.when = always_later});
    struct node *node = &cluster.nodes[0];
    struct store_op ops[2] = {{.done = note_answer}, {.done = note_answer}};
    uint64_t count;

    (void)state;
    answered = 0;
    assert_int_equal(node->ops->check_name(node->place, "a", 0, &ops[0]),
                     STORE_LATER);
    assert_true(node->ops->place_is_busy(node->place));
    assert_int_equal(node->ops->count(node->store, "/", &count, &ops[1]),
                     STORE_LATER);
    node->ops->place_close(node->place);
    assert_int_equal(answered, 1);
    node->ops->close(node->store);
    assert_int_equal(answered, 2);
    node_close(&cluster.nodes[1]);
    store_memory_free(cluster.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_store_that_finds_a_session_has_it),
        cmocka_unit_test(a_store_that_lost_a_session_changes_nothing),
        cmocka_unit_test(another_store_finds_saved_bytes_only),
        cmocka_unit_test(files_have_at_most_max_bytes),
        cmocka_unit_test(files_are_kept_by_prefix_and_name),
        cmocka_unit_test(calls_are_answered_in_order_when_asked_for),
        cmocka_unit_test(closing_answers_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
