/*
 * tests/contract/wait_test.c: what else happens to a session while one of its
 * calls waits for the disk.
 */
#include "world.h"

#include "store/local/tail.h"

/* An earlier handle asks for the bytes that it knows of. */
static void a_save_of_fewer_bytes_does_not_cut_another_one_short(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = world_begin(world, &session, 9000);
    struct store_file *earlier;
    struct world_call first;
    struct world_call second;
    struct world_call third;
    struct rule *gate;
    uint64_t stored;

    assert_int_equal(world_store(world, file, 0, 4000, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    earlier = world_file(world, &session, &stored);
    assert_int_equal(stored, 4000);
    assert_int_equal(world_store(world, file, 4000, 8000, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    world_call_begin(&first);
    world_call_begin(&second);
    world_call_begin(&third);
    gate = inject("sync data once hold");
    world_called(&first, world->ops->save(earlier, &first.op));
    rule_wait_held(gate, 1);
    world_called(&second, world->ops->save(file, &second.op));
    world_called(&third, world->ops->save(earlier, &third.op));
    rule_end(gate);
    assert_int_equal(world_call_wait(world, &first), BITS_CAUSE_OK);
    assert_int_equal(world_call_wait(world, &third), BITS_CAUSE_OK);
    assert_int_equal(world_call_wait(world, &second), BITS_CAUSE_OK);
    world->ops->file_close(earlier);
    world->ops->file_close(file);
    store_session_done(&session);
    session = world_row(world, world_id(1));
    assert_int_equal(local_tail(&session)->synced, 8000);
    store_session_done(&session);
}

/* The refusal of the packet is the only line about it. */
static void a_failed_commit_of_a_dated_name_is_told_once(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file;
    struct world_call delivery;
    struct rule *move;
    struct rule *full;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world->ops->place_reconfigure(world->place, &world->section);
    file = world_begin_all(world, &session, 5000);
    world_write(world, "file", "taken");
    world_call_begin(&delivery);
    move = inject("rename once hold");
    world_called(&delivery, world->ops->deliver(world->place, &session, file,
                                                &delivery.op));
    rule_wait_held(move, 1);
    full = inject("sync index fail ENOSPC");
    rule_end(move);
    assert_int_equal(world_call_wait(world, &delivery), BITS_CAUSE_DISK_FULL);
    assert_int_equal(session.state, STORE_RETRY);
    rule_end(full);
    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world_assert_text(world, "file", "taken");
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world); /* what is told in the background has been told */
    assert_int_equal(world->troubles, 0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_save_of_fewer_bytes_does_not_cut_another_one_short),
        TEST(a_failed_commit_of_a_dated_name_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
