/*
 * transfer_doubt_test.c: refusals of a Fragment that do not say what they mean:
 * C40, C49, C50.
 */
#include "transfer_world.h"

/* What follows a Cancel of the old session. */
static void expect_new_session(struct world *world)
{
    exchange(world, BITS_PACKET_CANCEL_SESSION, 200, ACK);
    exchange(world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    assert_true(world_noticed(world, BITS_NOTICE_LOST));
}

static void resume_at(struct world *world, uint64_t size, uint64_t offset)
{
    world_init(world, size);
    world->options.fragment_start = offset;
    world_create(world);
    ack_fragment(world, 0, offset, offset);
    expect_packet(world, BITS_PACKET_FRAGMENT);
    world_resume(world);
    exchange(world, BITS_PACKET_PING, 200, ACK);
}

/* A page of a proxy for the next Fragment, a wait and a Ping. */
static void refuse_by_page(struct world *world, unsigned status)
{
    exchange(world, BITS_PACKET_FRAGMENT, status, "Server: proxy\n");
    expect_kind(world, BITS_ACTION_WAIT);
    assert_int_equal(world->action.failure->status, status);
    world->now_ms = world->action.until_ms;
    exchange(world, BITS_PACKET_PING, 200, ACK);
}

/* --- A lost session, or a proxy's page ------------------------------------ */

/* C40 */
static void a_resumed_session_is_given_up_on_an_ack_only(void **state)
{
    static const struct {
        unsigned status;
        const char *fields;
        bool again;
    } rows[] = {
        {400, ACK, true},
        {404, ACK, true},
        {500, ACK, true},
        {400, ACK CODE("0x1"), true},
        {400, "", false},
        {404, "", false},
        {500, "", false},
        {500, ACK CODE("0x80070070"), false},
        {400, ACK CODE("0x80070057"), false},
        {403, ACK, false},
        {502, ACK, false},
        {503, ACK, false},
        {504, ACK, false},
        {500, ACK APPLICATION, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        resume_at(&world, 12, 5);
        exchange(&world, BITS_PACKET_FRAGMENT, rows[i].status, rows[i].fields);
        world_next(&world);
        assert_int_equal(world.action.kind == BITS_ACTION_SEND &&
                             world.action.type == BITS_PACKET_CANCEL_SESSION,
                         rows[i].again);
        if (rows[i].again) {
            world_answer(&world, 200, ACK);
            exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
            exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
            expect_failed(&world, BITS_REASON_ANSWER, 0x80190190);
        }
    }
}

/* C40 */
static void one_page_of_a_proxy_keeps_the_progress(void **state)
{
    static const unsigned statuses[] = {400, 404, 500};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        resume_at(&world, 12, 5);
        refuse_by_page(&world, statuses[i]);
        ack_fragment(&world, 5, 5, 10);
        expect_packet(&world, BITS_PACKET_FRAGMENT);
    }
}

/* C40 */
static void the_second_page_behind_a_ping_counts_like_an_ack(void **state)
{
    static const unsigned statuses[] = {400, 404, 500};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        resume_at(&world, 12, 5);
        refuse_by_page(&world, statuses[i]);
        exchange(&world, BITS_PACKET_FRAGMENT, statuses[i], "");
        expect_new_session(&world);
        ack_fragment(&world, 0, 5, 5);
    }
}

static void two_pages_with_an_ack_in_between_are_two_first_ones(void **state)
{
    struct world world;

    (void)state;
    resume_at(&world, 12, 5);
    refuse_by_page(&world, 500);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK NEXT("3"));
    ack_fragment(&world, 3, 5, 7);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, "");
    expect_kind(&world, BITS_ACTION_WAIT);
}

/* C40 */
static void the_cancel_of_a_session_given_up_is_tried_once(void **state)
{
    for (unsigned i = 0; i < 4; i++) {
        struct world world;

        (void)state;
        resume_at(&world, 12, 5);
        exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
        expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
        switch (i) {
        case 0:
            world_answer(&world, 500, NO_SESSION);
            break;
        case 1:
            world_answer(&world, 401, "");
            break;
        case 2:
            bits_transfer_broken(&world.transfer, world.now_ms,
                                 BITS_TRANSPORT_BROKEN, 0);
            break;
        default:
            bits_transfer_unsent(&world.transfer, world.now_ms);
            break;
        }
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    }
}

static void a_user_may_cancel_what_is_given_up(void **state)
{
    struct world world;

    (void)state;
    resume_at(&world, 12, 5);
    exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
    expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_CANCEL_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_CANCELLED);
}

static void a_session_given_up_in_vain_is_resumed_by_the_next(void **state)
{
    struct world world;

    (void)state;
    resume_at(&world, 12, 5);
    exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
    expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 5, 5);
}

static void a_fresh_session_is_not_a_resumed_one(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_CONNECT,
                         0);
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190190);
}

static void break_connection(struct world *world, uint64_t delay_ms)
{
    bits_transfer_broken(&world->transfer, world->now_ms, BITS_TRANSPORT_BROKEN,
                         0);
    expect_wait(world, delay_ms);
    exchange(world, BITS_PACKET_PING, 200, ACK);
}

/* C40 */
static void a_broken_connection_may_hide_a_restart_of_the_server(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    break_connection(&world, 1000);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, ACK);
    expect_new_session(&world);
    expect_fragment(&world, 0, 12);
    break_connection(&world, 2000);
    exchange(&world, BITS_PACKET_FRAGMENT, 400,
             ACK); /* the one Create is spent */
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190190);
}

/* C40 */
static void a_400_after_a_wait_is_a_lost_session(void **state)
{
    static const unsigned statuses[] = {502, 503, 504};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 12);
        world_create(&world);
        ack_fragment(&world, 0, 12, 5);
        refuse_by_page(&world, statuses[i]);
        exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
        expect_new_session(&world);
        ack_fragment(&world, 0, 12, 12);
    }
}

/* C40 */
static void a_404_to_a_repeated_fragment_is_a_lost_session(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    ack_fragment(&world, 0, 12, 5);
    expect_packet(&world, BITS_PACKET_FRAGMENT);
    bits_transfer_repeated(&world.transfer);
    world_answer(&world, 404, ACK);
    expect_new_session(&world);
}

static void a_create_that_left_twice_makes_no_resumed_session(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    bits_transfer_repeated(&world.transfer);
    world_answer(&world, 200, CREATED);
    exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190190);
}

/* C40 */
static void an_error_after_a_good_fragment_is_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    break_connection(&world, 1000);
    ack_fragment(&world, 0, 12, 6);
    exchange(&world, BITS_PACKET_FRAGMENT, 400, ACK);
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190190);
}

/* --- A limit of body size that does not show as 413 ----------------------- */

/* C49 */
static void the_second_500_or_502_behind_a_ping_halves(void **state)
{
    static const unsigned statuses[] = {500, 502};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 10 * MIB);
        world_create(&world);
        refuse_by_page(&world, statuses[i]);
        expect_fragment(&world, 0, MIB);
        world_answer(&world, statuses[i], "");
        ack_fragment(&world, 0, MIB / 2, MIB / 2);
        /* That settles it: what was refused is the ceiling. */
        ack_fragment(&world, MIB / 2, MIB / 2, MIB);
        expect_fragment(&world, MIB, MIB / 2);
        assert_int_equal(world.saved.ceiling, MIB);
    }
}

/* C49 */
static void a_small_limit_is_reached_in_steps_in_one_session(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, MIB);
    world_create(&world);
    for (uint64_t length = MIB; length > 128 * KIB; length /= 2) {
        refuse_by_page(&world, 500);
        expect_fragment(&world, 0, length);
        world_answer(&world, 500, "");
    }
    ack_fragment(&world, 0, 128 * KIB, 128 * KIB);
    assert_false(world_noticed(&world, BITS_NOTICE_LOST));
}

/* A server that is out of order answers so, too. */
static void a_size_that_passes_after_a_wait_was_not_the_cause(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 10 * MIB);
    world_create(&world);
    refuse_by_page(&world, 502);
    exchange(&world, BITS_PACKET_FRAGMENT, 502, "");
    refuse_by_page(&world, 502);
    ack_fragment(&world, 0, MIB / 2, MIB / 2);
    expect_fragment(&world, MIB / 2, MIB);
    assert_int_equal(world.saved.ceiling, 0);
}

static void an_acknowledged_500_and_other_pages_do_not_halve(void **state)
{
    static const struct {
        unsigned status;
        const char *fields;
    } rows[] = {
        {500, ACK CODE("0x80004005")},
        {500, ACK CODE("0x80070070")},
        {502, ACK},
        {503, ""},
        {504, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, MIB);
        world_create(&world);
        for (unsigned round = 0; round < 3; round++) {
            expect_fragment(&world, 0, MIB);
            world_answer(&world, rows[i].status, rows[i].fields);
            expect_kind(&world, BITS_ACTION_WAIT);
            world.now_ms = world.action.until_ms;
            exchange(&world, BITS_PACKET_PING, 200, ACK);
        }
    }
}

static void pages_of_two_kinds_do_not_add_up(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, MIB);
    world_create(&world);
    refuse_by_page(&world, 502);
    refuse_by_page(&world, 500);
    refuse_by_page(&world, 502);
    expect_fragment(&world, 0, MIB);
}

/* C49, C40: nothing smaller is left to try. */
static void the_smallest_refused_by_500_gives_the_session_up(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse_by_page(&world, 500);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, "");
    expect_new_session(&world);
    refuse_by_page(&world, 500);
    refuse_by_page(&world, 500);
    expect_fragment(&world, 0, 12);
}

static void the_smallest_refused_by_502_waits(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    for (unsigned i = 0; i < 4; i++) {
        refuse_by_page(&world, 502);
    }
    expect_fragment(&world, 0, 12);
}

/* --- 416 without an offset ------------------------------------------------ */

static void refuse_blindly(struct world *world, const char *fields,
                           enum bits_reason reason)
{
    exchange(world, BITS_PACKET_FRAGMENT, 416, fields);
    expect_kind(world, BITS_ACTION_WAIT);
    assert_int_equal(world->action.failure->reason, reason);
    world->now_ms = world->action.until_ms;
    exchange(world, BITS_PACKET_PING, 200, ACK);
}

/* Up to a Fragment of 1 MiB whose Ack is lost. */
static void lose_an_ack(struct world *world, uint64_t size)
{
    world_init(world, size);
    world->options.fragment_max = MIB;
    world_create(world);
    ack_fragment(world, 0, MIB, MIB);
    expect_fragment(world, MIB, MIB);
    break_connection(world, 1000);
}

/* C50 */
static void the_second_416_without_an_offset_tries_what_was_sent(void **state)
{
    static const struct {
        const char *fields;
        enum bits_reason reason;
    } rows[] = {
        {ACK, BITS_REASON_NO_OFFSET},
        {ACK NEXT("x"), BITS_REASON_NO_OFFSET},
        {ACK NEXT("1") NEXT("2"), BITS_REASON_NO_OFFSET},
        {"", BITS_REASON_NO_OFFSET_NO_ACK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        lose_an_ack(&world, 5 * MIB);
        refuse_blindly(&world, rows[i].fields, rows[i].reason);
        expect_fragment(&world, MIB, MIB);
        world_answer(&world, 416, rows[i].fields);
        ack_fragment(&world, 2 * MIB, MIB, 3 * MIB);
        expect_fragment(&world, 3 * MIB, MIB);
    }
}

/* C50 */
static void a_guess_that_breaks_is_sent_again_and_not_moved(void **state)
{
    struct world world;

    (void)state;
    lose_an_ack(&world, 5 * MIB);
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK);
    expect_fragment(&world, 2 * MIB, MIB);
    break_connection(&world, 4000);
    expect_fragment(&world, 2 * MIB, MIB);
    world_answer(&world, 200, ACK); /* as of servers that name no offset */
    expect_fragment(&world, 3 * MIB, MIB);
}

/* C50 */
static void a_guess_that_is_refused_makes_one_new_session(void **state)
{
    struct world world;

    (void)state;
    lose_an_ack(&world, 5 * MIB);
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK);
    expect_fragment(&world, 2 * MIB, MIB);
    world_answer(&world, 416, ACK);
    expect_new_session(&world);
    expect_fragment(&world, 0, MIB);
    world_answer(&world, 200, ACK);
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK);
    expect_fragment(&world, 2 * MIB, MIB);
    world_answer(&world, 416, ACK); /* no second one */
    expect_kind(&world, BITS_ACTION_WAIT);
}

/* C50: Close would be a guess that may cost the file. */
static void behind_the_last_byte_there_is_nothing_to_guess(void **state)
{
    struct world world;

    (void)state;
    lose_an_ack(&world, 2 * MIB);
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK);
    expect_new_session(&world);
    expect_fragment(&world, 0, MIB);
}

static void an_offset_in_between_ends_the_guessing(void **state)
{
    struct world world;

    (void)state;
    lose_an_ack(&world, 5 * MIB);
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK NEXT("7"));
    refuse_blindly(&world, ACK, BITS_REASON_NO_OFFSET);
    expect_fragment(&world, 7, MIB);
}

/* C5 */
static void the_misspelt_header_names_the_offset(void **state)
{
    static const struct {
        const char *fields;
        uint64_t next;
    } rows[] = {
        {ACK "BITS-Recieved-Content-Range: 7\n", 7},
        {ACK "BITS-Recieved-Content-Range: 7\n" NEXT("9"), 9},
        {ACK NEXT("9") "BITS-Recieved-Content-Range: 7\n", 9},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_create(&world);
        exchange(&world, BITS_PACKET_FRAGMENT, 416, rows[i].fields);
        expect_fragment(&world, rows[i].next, 12 - rows[i].next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resumed_session_is_given_up_on_an_ack_only),
        cmocka_unit_test(one_page_of_a_proxy_keeps_the_progress),
        cmocka_unit_test(the_second_page_behind_a_ping_counts_like_an_ack),
        cmocka_unit_test(two_pages_with_an_ack_in_between_are_two_first_ones),
        cmocka_unit_test(the_cancel_of_a_session_given_up_is_tried_once),
        cmocka_unit_test(a_user_may_cancel_what_is_given_up),
        cmocka_unit_test(a_session_given_up_in_vain_is_resumed_by_the_next),
        cmocka_unit_test(a_fresh_session_is_not_a_resumed_one),
        cmocka_unit_test(a_broken_connection_may_hide_a_restart_of_the_server),
        cmocka_unit_test(a_400_after_a_wait_is_a_lost_session),
        cmocka_unit_test(a_404_to_a_repeated_fragment_is_a_lost_session),
        cmocka_unit_test(a_create_that_left_twice_makes_no_resumed_session),
        cmocka_unit_test(an_error_after_a_good_fragment_is_final),
        cmocka_unit_test(the_second_500_or_502_behind_a_ping_halves),
        cmocka_unit_test(a_small_limit_is_reached_in_steps_in_one_session),
        cmocka_unit_test(a_size_that_passes_after_a_wait_was_not_the_cause),
        cmocka_unit_test(an_acknowledged_500_and_other_pages_do_not_halve),
        cmocka_unit_test(pages_of_two_kinds_do_not_add_up),
        cmocka_unit_test(the_smallest_refused_by_500_gives_the_session_up),
        cmocka_unit_test(the_smallest_refused_by_502_waits),
        cmocka_unit_test(the_second_416_without_an_offset_tries_what_was_sent),
        cmocka_unit_test(a_guess_that_breaks_is_sent_again_and_not_moved),
        cmocka_unit_test(a_guess_that_is_refused_makes_one_new_session),
        cmocka_unit_test(behind_the_last_byte_there_is_nothing_to_guess),
        cmocka_unit_test(an_offset_in_between_ends_the_guessing),
        cmocka_unit_test(the_misspelt_header_names_the_offset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
