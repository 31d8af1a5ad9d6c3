/*
 * tests/contract/removed_test.c: sessions of sections that the configuration no
 * longer has.
 */
#include "world.h"

#define DAY ((int64_t)24 * 3600)

struct expiry {
    struct store_listing listing;
    struct world_call call;
};

static bool is_kept(struct store_listing *listing, const char *prefix)
{
    (void)listing;
    (void)prefix;
    return false;
}

static void begin_expiry(struct world *world, struct expiry *expiry)
{
    expiry->listing = (struct store_listing){.is_kept = is_kept};
    world_call_begin(&expiry->call);
    world->ops->expire_removed(world->store, &expiry->listing,
                               &expiry->call.op);
}

static void wait_for_expiry(struct world *world, struct expiry *expiry,
                            uint64_t count)
{
    assert_int_equal(world_call_wait(world, &expiry->call), BITS_CAUSE_OK);
    assert_int_equal(world->op.stored, count);
}

static void remove_section(struct world *world)
{
    world->ops->place_close(world->place);
    world->place = NULL;
}

static void restore_section(struct world *world, int64_t session_timeout)
{
    world->section.session_timeout = (uint64_t)session_timeout;
    assert_int_equal(world_place_open(world), BITS_CAUSE_OK);
}

static void a_session_expires_with_its_file(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct expiry expiry;

    world_start_upload(world, world_id(1), 10);
    remove_section(world);
    world_pass(world, 14 * DAY * 9 / 8 - 1);
    begin_expiry(world, &expiry);
    wait_for_expiry(world, &expiry, 0);
    assert_int_equal(world_count_staged(world), 1);
    world_pass(world, 1);
    begin_expiry(world, &expiry);
    wait_for_expiry(world, &expiry, 1);
    assert_int_equal(world_count_staged(world), 0);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
}

/* Its bytes are about to go, so no client may be told of them. */
static void a_section_that_comes_back_resumes_no_expired_session(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct expiry expiry;
    struct rule *gate = inject("unlink data once hold");

    world_start_upload(world, world_id(1), 10);
    remove_section(world);
    world_pass(world, 14 * DAY * 9 / 8);
    begin_expiry(world, &expiry);
    rule_wait_held(gate, 1);
    restore_section(world, 100 * DAY);
    assert_int_equal(world_find(world, world_id(1), &session),
                     BITS_CAUSE_SESSION_UNKNOWN);
    rule_end(gate);
    wait_for_expiry(world, &expiry, 1);
    assert_int_equal(world_count_staged(world), 0);
}

int main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_session_expires_with_its_file),
        TEST(a_section_that_comes_back_resumes_no_expired_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
