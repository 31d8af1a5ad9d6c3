/*
 * transfer_size_test.c: how large fragments are: C6 to C10.
 */
#include "transfer_world.h"

#define FILE_SIZE (64 * MIB)

/* The next fragment begins here, is so long, and is taken within so much. */
static void take(struct world *world, uint64_t length, uint64_t took_ms)
{
    uint64_t offset = bits_transfer_progress(&world->transfer).offset;
    char fields[64];

    expect_fragment(world, offset, length);
    world->now_ms += took_ms;
    world_answer(world, 200, next_field(offset + length, fields));
}

static void refuse(struct world *world, uint64_t length, unsigned status,
                   const char *fields)
{
    expect_fragment(world, bits_transfer_progress(&world->transfer).offset,
                    length);
    world_answer(world, status, fields);
}

static void begin(struct world *world)
{
    world_init(world, FILE_SIZE);
    world_create(world);
}

/* C6 [MC-BUP 3.1.5.1.4; Appendix A, note 10] */
static void fragments_grow_from_1_to_8_mib(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    take(&world, MIB, 0);
    take(&world, 2 * MIB, 5000);
    take(&world, 4 * MIB, 0);
    take(&world, 8 * MIB, 0);
    take(&world, 8 * MIB, 0);
}

/* C6 */
static void fragments_aim_at_ten_seconds(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    take(&world, MIB, 5001);
    take(&world, MIB, 19999);
    take(&world, MIB, 20000);
    take(&world, MIB / 2, 90000);
    take(&world, MIB / 4, 1);
    take(&world, MIB / 2, 1);
}

/* C6 */
static void slow_lines_never_go_below_5_kib(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, FILE_SIZE);
    world.options.fragment_start = 12 * KIB;
    world_create(&world);
    take(&world, 12 * KIB, 60000);
    take(&world, 6 * KIB, 60000);
    take(&world, 5 * KIB, 60000);
    take(&world, 5 * KIB, 60000);
}

static uint64_t ceiling_of(const struct world *world)
{
    struct bits_transfer_state state;

    bits_transfer_get_state(&world->transfer, world->now_ms, &state);
    return state.ceiling;
}

/* C7 */
static void a_413_is_the_ceiling_and_growth_stays_below(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    take(&world, MIB, 0);
    refuse(&world, 2 * MIB, 413, "");
    take(&world, MIB, 0);
    take(&world, MIB, 0);
    assert_int_equal(ceiling_of(&world), 2 * MIB);
}

/* C7 */
static void the_ceiling_outlives_the_process(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    refuse(&world, MIB, 413, "Server: nginx\n");
    expect_fragment(&world, 0, MIB / 2);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    take(&world, MIB / 2, 0);
    take(&world, MIB / 2, 0);
}

static void a_new_session_has_no_ceiling(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    refuse(&world, MIB, 413, "");
    refuse(&world, MIB / 2, 500, NO_SESSION);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    take(&world, MIB / 2, 0);
    take(&world, MIB, 0);
}

/* C7 [MC-BUP 3.1.5.2.4; Appendix A, note 16] */
static void a_413_at_5_kib_is_final(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    for (uint64_t length = MIB; length > 5 * KIB; length /= 2) {
        refuse(&world, length, 413, "");
    }
    refuse(&world, 5 * KIB, 413, "");
    expect_failed(&world, BITS_REASON_FRAGMENT_REFUSED, 0x8019019D);
}

static void a_413_for_a_short_tail_is_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse(&world, 12, 413, "");
    expect_failed(&world, BITS_REASON_FRAGMENT_REFUSED, 0x8019019D);
}

static void an_end_sent_again_shrinks_like_any_fragment(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 24);
    world.options.fragment_start = 8;
    world.options.fragment_max = 16;
    world_create(&world);
    take(&world, 8, 0);
    refuse(&world, 16, 416, ACK NEXT("24"));
    expect_fragment(&world, 8, 16);
    world_answer(&world, 413, "");
    expect_fragment(&world, 16, 8);
    world_answer(&world, 413, "");
    expect_failed(&world, BITS_REASON_FRAGMENT_REFUSED, 0x8019019D);
}

/* C10 */
static void a_reset_in_mid_body_halves_at_once_without_a_ceiling(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    expect_fragment(&world, 0, MIB);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         100000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    take(&world, MIB / 2, 0);
    take(&world, MIB, 0);
    assert_int_equal(ceiling_of(&world), 0);
}

static void a_reset_of_the_smallest_fragment_waits(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, FILE_SIZE);
    world.options.fragment_start = 5 * KIB;
    world_create(&world);
    expect_fragment(&world, 0, 5 * KIB);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         1);
    expect_wait(&world, 1000);
}

/* C10 */
static void other_breaks_in_mid_body_halve_and_wait(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    expect_fragment(&world, 0, MIB);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_TIMEOUT,
                         100000);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->hresult, 0x800705B4);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, MIB / 2);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_CONNECT,
                         0);
    expect_wait(&world, 2000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, MIB / 2);
}

/* C9 */
static void a_404_without_an_ack_is_a_request_filter(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    refuse(&world, MIB, 404, "Server: Microsoft-IIS/10.0\n");
    take(&world, MIB / 2, 0);
    refuse(&world, MIB / 2, 404, ACK CODE("0x80070003"));
    expect_failed(&world, BITS_REASON_ANSWER, 0x80070003);
}

static void a_404_without_an_ack_at_5_kib_is_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, FILE_SIZE);
    world.options.fragment_start = 5 * KIB;
    world_create(&world);
    refuse(&world, 5 * KIB, 404, "");
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190194);
}

/* C8 */
static void too_large_has_one_try_at_5_kib(void **state)
{
    struct world world;

    (void)state;
    begin(&world);
    refuse(&world, MIB, 500, ACK CODE("0x80200020"));
    refuse(&world, 5 * KIB, 500, ACK CODE("0x80200020"));
    expect_failed(&world, BITS_REASON_ANSWER, 0x80200020);
    begin(&world);
    refuse(&world, MIB, 500, ACK CODE("0x80200020"));
    take(&world, 5 * KIB, 0);
    take(&world, 10 * KIB, 0);
}

static void the_user_may_choose_one_size(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, FILE_SIZE);
    world.options.fragment_start = 1000;
    world.options.fragment_max = 1000;
    world_create(&world);
    take(&world, 1000, 0);
    take(&world, 1000, 60000);
    refuse(&world, 1000, 413, "");
    expect_failed(&world, BITS_REASON_FRAGMENT_REFUSED, 0x8019019D);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_grow_from_1_to_8_mib),
        cmocka_unit_test(fragments_aim_at_ten_seconds),
        cmocka_unit_test(slow_lines_never_go_below_5_kib),
        cmocka_unit_test(a_413_is_the_ceiling_and_growth_stays_below),
        cmocka_unit_test(the_ceiling_outlives_the_process),
        cmocka_unit_test(a_new_session_has_no_ceiling),
        cmocka_unit_test(a_413_at_5_kib_is_final),
        cmocka_unit_test(a_413_for_a_short_tail_is_final),
        cmocka_unit_test(an_end_sent_again_shrinks_like_any_fragment),
        cmocka_unit_test(a_reset_in_mid_body_halves_at_once_without_a_ceiling),
        cmocka_unit_test(a_reset_of_the_smallest_fragment_waits),
        cmocka_unit_test(other_breaks_in_mid_body_halve_and_wait),
        cmocka_unit_test(a_404_without_an_ack_is_a_request_filter),
        cmocka_unit_test(a_404_without_an_ack_at_5_kib_is_final),
        cmocka_unit_test(too_large_has_one_try_at_5_kib),
        cmocka_unit_test(the_user_may_choose_one_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
