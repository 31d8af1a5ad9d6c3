/*
 * transfer_offset_test.c: the offset that the server names, and sessions that
 * are gone: C11 to C16, C39.
 */
#include "transfer_world.h"

#include <stdio.h>

/* --- The offset ----------------------------------------------------------- */

/* C11 */
static void the_offset_is_what_the_server_says_also_when_it_goes_down(void **s)
{
    struct world world;

    (void)s;
    world_init(&world, 10 * MIB);
    world.options.fragment_max = MIB;
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    ack_fragment(&world, MIB, MIB, 2 * MIB);
    ack_fragment(&world, 2 * MIB, MIB, 100);
    assert_int_equal(bits_transfer_progress(&world.transfer).offset, 100);
    assert_int_equal(bits_transfer_progress(&world.transfer).best, 2 * MIB);
    ack_fragment(&world, 100, MIB, 100 + MIB);
    expect_fragment(&world, 100 + MIB, MIB);
}

/* C11 [MC-BUP 3.1.5.2.4] */
static void a_part_of_a_fragment_may_be_taken(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100);
    world_create(&world);
    ack_fragment(&world, 0, 100, 37);
    ack_fragment(&world, 37, 63, 100);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C11 */
static void an_ack_without_an_offset_means_all_of_it(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    world_answer(&world, 200, ACK);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C11 */
static void an_offset_that_is_not_a_number_is_a_protocol_error(void **state)
{
    static const char *const offsets[] = {"0-11", "", "12x", "-1",
                                          "18446744073709551616"};

    (void)state;
    for (size_t i = 0; i < COUNT(offsets); i++) {
        char fields[128];
        struct world world;

        snprintf(fields, sizeof(fields), ACK NEXT("%s"), offsets[i]);
        world_init(&world, 12);
        world_create(&world);
        expect_fragment(&world, 0, 12);
        world_answer(&world, 200, fields);
        expect_wait(&world, 1000);
        assert_int_equal(world.action.failure->reason, BITS_REASON_NO_OFFSET);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
        expect_fragment(&world, 0, 12);
    }
}

/* C11 */
static void an_error_leaves_the_offset_where_it_was(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 2 * MIB);
    world.options.fragment_max = MIB;
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    expect_fragment(&world, MIB, MIB);
    world_answer(&world, 500, ACK CODE("0x80070070") NEXT("2097152"));
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, MIB, MIB);
}

/* C12 [MC-BUP 3.1.1.2, 3.1.5.2.4] */
static void resumes_at_the_offset_of_a_416(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100);
    world_create(&world);
    ack_fragment(&world, 0, 100, 50);
    expect_fragment(&world, 50, 50);
    world_answer(&world, 416, NEXT("7"));
    ack_fragment(&world, 7, 93, 100);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C12 */
static void a_416_without_an_offset_is_a_protocol_error(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_OFFSET);
}

/* C12 */
static void a_416_with_the_offset_just_refused_waits(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK NEXT("0"));
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_ADVANCE);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK NEXT("0"));
    expect_wait(&world, 2000);
}

/* C13 */
static void a_416_with_every_byte_sends_the_end_again(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100000);
    world_create(&world);
    expect_fragment(&world, 0, 100000);
    world_answer(&world, 416, ACK NEXT("100000"));
    ack_fragment(&world, 100000 - 5120, 5120, 100000);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C12 */
static void three_416_with_one_offset_wait(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK NEXT("12"));
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK NEXT("12"));
    expect_fragment(&world, 0, 12);
    world_answer(&world, 416, ACK NEXT("12"));
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_ADVANCE);
}

/* C15 */
static void acks_without_an_advance_wait_with_the_third(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    ack_fragment(&world, 0, 12, 0);
    ack_fragment(&world, 0, 12, 0);
    ack_fragment(&world, 0, 12, 0);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_ADVANCE);
}

/* C15 */
static void a_server_that_loses_bytes_each_time_makes_us_wait(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100);
    world_create(&world);
    ack_fragment(&world, 0, 100, 60);
    for (unsigned i = 0; i < 2; i++) {
        ack_fragment(&world, 60, 40, 10);
        ack_fragment(&world, 10, 90, 60);
    }
    ack_fragment(&world, 60, 40, 10);
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 10, 90);
}

/* --- Sessions that are gone ----------------------------------------------- */

/* C16 */
static void an_offset_beyond_what_was_sent_drops_the_session(void **state)
{
    static const unsigned statuses[] = {200, 416};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 10 * MIB);
        world_create(&world);
        expect_fragment(&world, 0, MIB);
        world_answer(&world, statuses[i], ACK NEXT("1048577"));
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        assert_true(world_noticed(&world, BITS_NOTICE_LOST));
    }
}

/* C16 */
static void bytes_sent_in_another_session_do_not_count(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 10 * MIB);
    world.options.fragment_max = MIB;
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    ack_fragment(&world, MIB, MIB, 2 * MIB);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    ack_fragment(&world, 0, MIB, 2 * MIB);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
}

static void the_whole_file_acknowledged_too_early_is_not_believed(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 10 * MIB);
    world_create(&world);
    expect_fragment(&world, 0, MIB);
    world_answer(&world, 200, ACK NEXT("10485760"));
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
}

/* C39 [MC-BUP 3.1.5.2.1] */
static void a_lost_session_starts_over(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100);
    world_create(&world);
    ack_fragment(&world, 0, 100, 50);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    assert_true(world_noticed(&world, BITS_NOTICE_LOST));
    assert_int_equal(bits_transfer_progress(&world.transfer).offset, 0);
    world_answer(&world, 200, CREATED);
    expect_fragment(&world, 0, 100);
}

/* C39 */
static void the_third_restart_without_progress_waits(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 100);
    world_create(&world);
    ack_fragment(&world, 0, 100, 50);
    for (unsigned i = 0; i < 2; i++) {
        exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
        exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
        ack_fragment(&world, 0, 100, 49);
    }
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_FORGETFUL);
    assert_int_equal(world.action.failure->hresult, 0x8020001F);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    ack_fragment(&world, 0, 100, 51);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
}

static void a_416_with_two_offsets_is_a_protocol_error(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK NEXT("3") NEXT("4"));
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_OFFSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_offset_is_what_the_server_says_also_when_it_goes_down),
        cmocka_unit_test(a_part_of_a_fragment_may_be_taken),
        cmocka_unit_test(an_ack_without_an_offset_means_all_of_it),
        cmocka_unit_test(an_offset_that_is_not_a_number_is_a_protocol_error),
        cmocka_unit_test(an_error_leaves_the_offset_where_it_was),
        cmocka_unit_test(resumes_at_the_offset_of_a_416),
        cmocka_unit_test(a_416_without_an_offset_is_a_protocol_error),
        cmocka_unit_test(a_416_with_the_offset_just_refused_waits),
        cmocka_unit_test(a_416_with_every_byte_sends_the_end_again),
        cmocka_unit_test(three_416_with_one_offset_wait),
        cmocka_unit_test(acks_without_an_advance_wait_with_the_third),
        cmocka_unit_test(a_server_that_loses_bytes_each_time_makes_us_wait),
        cmocka_unit_test(an_offset_beyond_what_was_sent_drops_the_session),
        cmocka_unit_test(bytes_sent_in_another_session_do_not_count),
        cmocka_unit_test(the_whole_file_acknowledged_too_early_is_not_believed),
        cmocka_unit_test(a_lost_session_starts_over),
        cmocka_unit_test(the_third_restart_without_progress_waits),
        cmocka_unit_test(a_416_with_two_offsets_is_a_protocol_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
