/*
 * tests/contract/list_test.c: what every store promises of list(): each session
 * that has not ended, once, page by page.
 */
#include "world.h"

#define SESSIONS 7

static void create_all(struct world *world)
{
    /* Not in the order of their ids. */
    static const unsigned numbers[SESSIONS] = {4, 1, 7, 3, 6, 2, 5};

    for (size_t i = 0; i < SESSIONS; i++) {
        assert_int_equal(world_create(world, world_id(numbers[i]), "a", "bob"),
                         BITS_CAUSE_OK);
    }
}

/* Reads all pages; asserts that no session comes twice.  Returns which there
 * were, a bit for each. */
static unsigned read_pages(struct world *world, struct store_cursor cursor,
                           size_t max)
{
    struct store_session sessions[SESSIONS + 1];
    unsigned seen = 0;
    size_t count;

    do {
        count = world_list(world, &cursor, sessions, max);
        for (size_t i = 0; i < count; i++) {
            unsigned bit = 1u << sessions[i].id.bytes[15];

            assert_int_equal(seen & bit, 0);
            seen |= bit;
            store_session_done(&sessions[i]);
        }
    } while (count == max);
    return seen;
}

static void pages_of_any_size_have_each_session_once(void **state)
{
    struct world *world = *state;

    create_all(world);
    for (size_t max = 1; max <= SESSIONS + 1; max++) {
        assert_int_equal(read_pages(world, (struct store_cursor){0}, max),
                         0xfe);
    }
}

static void a_listed_session_is_as_its_row(void **state)
{
    struct world *world = *state;
    struct store_cursor cursor = {0};
    struct store_session session;
    struct store_session row;

    world_start_upload(world, world_id(1), 10);
    assert_int_equal(world_list(world, &cursor, &session, 1), 1);
    row = world_row(world, world_id(1));
    assert_string_equal(session.prefix, row.prefix);
    assert_string_equal(session.name, row.name);
    assert_int_equal(session.total, row.total);
    assert_int_equal(session.created_at, row.created_at);
    assert_int_equal(session.active_at, row.active_at);
    store_session_done(&row);
    store_session_done(&session);
}

static void delivered_sessions_are_listed_and_ended_ones_are_not(void **state)
{
    struct world *world = *state;

    create_all(world);
    world_cancel(world, world_id(3));
    assert_int_equal(world_upload(world, world_id(0), "b", 1), BITS_CAUSE_OK);
    assert_int_equal(read_pages(world, (struct store_cursor){0}, 3),
                     0xff & ~(1u << 3));
}

static void a_prefix_lists_its_own_sessions(void **state)
{
    struct world *world = *state;

    create_all(world);
    assert_int_equal(read_pages(world, (struct store_cursor){.prefix = "/"}, 2),
                     0xfe);
    assert_int_equal(
        read_pages(world, (struct store_cursor){.prefix = "/other"}, 2), 0);
}

/* As while a client of the list reads it. */
static void a_session_that_ends_between_pages_skips_no_other(void **state)
{
    struct world *world = *state;
    struct store_cursor cursor = {0};
    struct store_session sessions[3];

    create_all(world);
    assert_int_equal(world_list(world, &cursor, sessions, 3), 3);
    for (size_t i = 0; i < 3; i++) {
        store_session_done(&sessions[i]);
    }
    world_cancel(world, world_id(3));
    assert_int_equal(read_pages(world, cursor, 3), 0xf0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(pages_of_any_size_have_each_session_once),
        TEST(a_listed_session_is_as_its_row),
        TEST(delivered_sessions_are_listed_and_ended_ones_are_not),
        TEST(a_prefix_lists_its_own_sessions),
        TEST(a_session_that_ends_between_pages_skips_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
