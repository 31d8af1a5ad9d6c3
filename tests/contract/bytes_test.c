/*
 * tests/contract/bytes_test.c: what every store promises of the bytes of
 * unfinished uploads.
 */
#include "world.h"

#define MIB ((uint64_t)1024 * 1024)

static void fragments_of_any_size_add_up(void **state)
{
    static const uint64_t ends[] = {1,     2,     511,   4096,   4097,
                                    10000, 65536, 65537, 200000, 200001};
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 200001);
    uint64_t from = 0;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        world_append_until(world, &session, from, ends[i]);
        from = ends[i];
        if (i % 3 == 0) {
            store_session_done(&session);
            world_reopen(world);
            session = world_row(world, world_id(1));
            assert_true(session.stored_any);
        }
    }
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    assert_int_equal(session.state, STORE_DONE);
    world_assert_file(world, "file", 200001);
    store_session_done(&session);
}

static void fragments_follow_each_other_on_one_handle(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 5 * MIB);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(world_store(world, file, i * MIB, (i + 1) * MIB,
                                     i < 4 ? WORLD_SETTLE : WORLD_COMPLETE),
                         BITS_CAUSE_OK);
    }
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    world_assert_file(world, "file", 5 * MIB);
    store_session_done(&session);
}

static void a_fragment_starts_where_the_last_one_ended(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 1000);
    uint64_t stored;
    struct store_file *file;

    world_append_until(world, &session, 0, 100);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_begin_at(world, file, 99, 10), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_begin_at(world, file, 101, 10), BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_begin_at(world, file, 100, 901),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(world_begin_at(world, file, 100, 900), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void no_more_is_appended_than_was_begun(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 1000);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    assert_int_equal(world_begin_at(world, file, 0, 3), BITS_CAUSE_OK);
    assert_int_equal(world_append(world, file, world_bytes("abcd", 4), &stored),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(stored, 0);
    assert_int_equal(world_append(world, file, world_bytes("abc", 3), &stored),
                     BITS_CAUSE_OK);
    assert_int_equal(stored, 3);
    assert_int_equal(world_append(world, file, world_bytes("d", 1), &stored),
                     BITS_CAUSE_IO_ERROR);
    assert_int_equal(stored, 3);
    world->ops->file_close(file);
    store_session_done(&session);
}

static void a_broken_fragment_keeps_what_came(void **state)
{
    struct world *world = *state;
    struct store_session session =
        world_session(world, world_id(1), "file", 1000);
    uint64_t stored;
    struct store_file *file = world_file(world, &session, &stored);

    assert_int_equal(world_begin_at(world, file, 0, 1000), BITS_CAUSE_OK);
    assert_int_equal(
        world_append(world, file, world_bytes("\1\2\3", 3), &stored),
        BITS_CAUSE_OK);
    world->ops->settle(file);
    world->ops->file_close(file);
    world_append_until(world, &session, 3, 1000);
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    world_assert_file(world, "file", 1000);
    store_session_done(&session);
}

/* --- space --------------------------------------------------------------- */

static void an_upload_that_cannot_fit_is_refused(void **state)
{
    world_assert_too_large(*state);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(fragments_of_any_size_add_up),
        TEST(fragments_follow_each_other_on_one_handle),
        TEST(a_fragment_starts_where_the_last_one_ended),
        TEST(no_more_is_appended_than_was_begun),
        TEST(a_broken_fragment_keeps_what_came),
        TEST(an_upload_that_cannot_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
