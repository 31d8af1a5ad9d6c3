/*
 * transfer_end_test.c: how transfers end: Close, Cancel, pause, failure, and
 * what is saved before a packet leaves: C27, C41, C45 to C48, D-25.
 */
#include "transfer_world.h"

/* --- Close ---------------------------------------------------------------- */

/* C45 */
static void close_refused_leaves_the_delivery_unknown(void **state)
{
    static const struct {
        unsigned status;
        const char *fields;
        uint32_t hresult;
    } rows[] = {
        {400, ACK CODE("0x80070057"), 0x80070057},
        {403, ACK CODE("0x80070005"), 0x80070005},
        {404, ACK CODE("0x80070002"), 0x80070002},
        {408, "", 0x80190198},
        {409, "", 0x80190199},
        {413, "", 0x8019019D},
        {416, ACK, 0x801901A0},
        {501, ACK CODE("0x80070005"), 0x80070005},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_upload(&world);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, rows[i].status,
                 rows[i].fields);
        expect_failed(&world, BITS_REASON_CLOSE_REFUSED, rows[i].hresult);
        assert_false(world.action.failure->temporary);
    }
}

static void close_is_sent_again_after_errors_that_pass(void **state)
{
    static const unsigned statuses[] = {200, 421, 425, 429, 500,
                                        501, 502, 503, 504, 505};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 12);
        world_upload(&world);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, statuses[i], "");
        expect_wait(&world, 1000);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
        expect_kind(&world, BITS_ACTION_DONE);
    }
}

/* C41, D-25 */
static void
a_close_sent_again_that_finds_no_session_leaves_it_unknown(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         0);
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    expect_failed(&world, BITS_REASON_CLOSE_LOST, 0x8020001F);
    assert_false(world.action.failure->temporary);
}

static void a_close_of_the_next_process_without_session_too(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    expect_failed(&world, BITS_REASON_CLOSE_LOST, 0x8020001F);
}

/* C41 */
static void after_an_unknown_delivery_the_next_try_is_a_create(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    expect_kind(&world, BITS_ACTION_FAILED);
    for (unsigned i = 0; i < 2; i++) {
        world_resume(&world);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
        exchange(&world, BITS_PACKET_CREATE_SESSION, 403,
                 ACK CODE("0x80070005"));
        expect_failed(&world, BITS_REASON_CLOSE_LOST, 0x80070005);
    }
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    ack_fragment(&world, 0, 12, 12);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_DONE);
}

static void a_close_sent_again_that_is_acknowledged_is_success(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_DONE);
}

/* C45 */
static void a_close_that_never_left_does_not_count(void **state)
{
    static const enum bits_transport errors[] = {
        BITS_TRANSPORT_OFFLINE,
        BITS_TRANSPORT_RESOLVE,
        BITS_TRANSPORT_CONNECT,
        BITS_TRANSPORT_TLS,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct world world;

        world_init(&world, 12);
        world_upload(&world);
        expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
        bits_transfer_broken(&world.transfer, world.now_ms, errors[i], 0);
        expect_wait(&world, 1000);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    }
}

static void a_close_held_back_or_challenged_does_not_count(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world_upload(&world);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    bits_transfer_unsent(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 401, "");
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
}

/* C41 [MC-BUP 3.1.5.2.1] */
static void a_first_close_without_session_starts_over_once(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    ack_fragment(&world, 0, 12, 12);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    expect_failed(&world, BITS_REASON_CLOSE_LOST, 0x8020001F);
    assert_false(world.action.failure->temporary);
}

/* C41 */
static void a_create_refused_after_that_leaves_it_unknown(void **state)
{
    static const struct {
        unsigned status;
        const char *fields;
        uint32_t hresult;
    } rows[] = {
        {403, ACK CODE("0x80070005"), 0x80070005},
        {409, ACK, 0x80190199},
        {403, "", 0x80190193}, /* a firewall's */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_upload(&world);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        world_resume(&world); /* also when the process ends here */
        expect_packet(&world, BITS_PACKET_PING);
        world_answer(&world, 200, ACK);
        exchange(&world, BITS_PACKET_CREATE_SESSION, rows[i].status,
                 rows[i].fields);
        expect_failed(&world, BITS_REASON_CLOSE_LOST, rows[i].hresult);
        assert_false(world.action.failure->temporary);
    }
}

static void but_not_one_found_later(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 500, NO_SESSION);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 403, ACK CODE("0x80070005"));
    expect_failed(&world, BITS_REASON_ANSWER, 0x80070005);
}

/* C45 */
static void an_empty_file_refused_is_said_so(void **state)
{
    static const unsigned statuses[] = {400, 416};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 0);
        world_create(&world);
        exchange(&world, BITS_PACKET_CLOSE_SESSION, statuses[i], ACK);
        expect_kind(&world, BITS_ACTION_FAILED);
        assert_int_equal(world.action.failure->reason,
                         BITS_REASON_EMPTY_REFUSED);
    }
}

/* --- Cancel --------------------------------------------------------------- */

/* C46 */
static void cancel_ends_with_2xx_and_without_a_session(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_CANCEL_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_CANCELLED);
    assert_false(world_noticed(&world, BITS_NOTICE_CANCEL_UNANSWERED));

    world_create(&world);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_CANCEL_SESSION, 500, NO_SESSION);
    expect_kind(&world, BITS_ACTION_CANCELLED);
    assert_false(world_noticed(&world, BITS_NOTICE_CANCEL_UNANSWERED));
}

/* C46 */
static void cancel_before_a_session_sends_nothing(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    expect_kind(&world, BITS_ACTION_CANCELLED);
}

/* C46 */
static void cancel_refused_is_over_with_a_warning(void **state)
{
    static const unsigned statuses[] = {302, 400, 403, 404, 408,
                                        409, 413, 416, 451};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 12);
        world_create(&world);
        bits_transfer_cancel(&world.transfer, world.now_ms);
        exchange(&world, BITS_PACKET_CANCEL_SESSION, statuses[i], "");
        expect_kind(&world, BITS_ACTION_CANCELLED);
        assert_true(world_noticed(&world, BITS_NOTICE_CANCEL_UNANSWERED));
    }
}

/* C46 */
static void cancel_is_repeated_for_a_day_at_most(void **state)
{
    const uint64_t day_ms = 24 * 3600 * 1000;
    struct world world;
    uint64_t start_ms;

    (void)state;
    world_init(&world, 12);
    world.options.retry = bits_retry_queue;
    world_create(&world);
    start_ms = world.now_ms;
    bits_transfer_cancel(&world.transfer, world.now_ms);
    while (world_next(&world)->kind != BITS_ACTION_CANCELLED) {
        if (world.action.kind == BITS_ACTION_WAIT) {
            world.now_ms = world.action.until_ms;
        } else {
            assert_int_equal(world.action.type, BITS_PACKET_CANCEL_SESSION);
            world_answer(&world, 503, "");
        }
    }
    assert_int_equal(world.now_ms - start_ms, day_ms);
    assert_true(world_noticed(&world, BITS_NOTICE_CANCEL_UNANSWERED));
}

static void cancel_resumes_in_the_next_process(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
    world_resume(&world);
    expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
}

static void cancel_after_a_failure_still_tells_the_server(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 403, "");
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190193);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_CANCEL_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_CANCELLED);
}

/* C46 */
static void a_delivered_upload_cannot_be_cancelled(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_upload(&world);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
    bits_transfer_cancel(&world.transfer, world.now_ms);
    expect_kind(&world, BITS_ACTION_DONE);
}

/* --- Pause, failure ------------------------------------------------------- */

/* C48 [MC-BUP 3.1.4.3] */
static void resumes_a_pause_with_a_ping(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_pause(&world.transfer);
    expect_kind(&world, BITS_ACTION_PAUSED);
    world_answer(&world, 200, ACK NEXT("12")); /* too late: it does not count */
    expect_kind(&world, BITS_ACTION_PAUSED);
    bits_transfer_continue(&world.transfer);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, 12);
}

/* C48 */
static void a_local_error_is_final_until_the_user_resumes(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_local_error(&world.transfer, BITS_HR_LOCAL_FILE_CHANGED);
    expect_failed(&world, BITS_REASON_LOCAL, 0x8020001D);
    assert_int_equal(world.action.failure->context,
                     BITS_ERROR_CONTEXT_LOCAL_FILE);
    assert_false(world.action.failure->temporary);
    bits_transfer_continue(&world.transfer);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, 12);
}

/* C27 */
static void a_refusal_names_status_hresult_and_context(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 403,
             ACK CODE("0x80190193") APPLICATION);
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190193);
    assert_int_equal(world.action.failure->status, 403);
    assert_int_equal(world.action.failure->context,
                     BITS_ERROR_CONTEXT_APPLICATION);
    assert_false(world.action.failure->temporary);
}

/* --- What is saved -------------------------------------------------------- */

/* C47 */
static void the_end_of_a_fragment_is_saved_before_it_leaves(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 3 * MIB);
    world_create(&world);
    expect_fragment(&world, 0, MIB);
    assert_string_equal(world.saved.session_id, "s");
    assert_int_equal(world.saved.sent_end, MIB);
    world_answer(&world, 200, ACK NEXT("1048576"));
    expect_fragment(&world, MIB, 2 * MIB);
    assert_int_equal(world.saved.sent_end, 3 * MIB);
    assert_int_equal(world.saved.offset, MIB);
    assert_int_equal(world.saved.best, MIB);
}

static void a_fragment_sent_again_needs_no_saving(void **state)
{
    struct world world;
    unsigned saves;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    ack_fragment(&world, 0, 12, 5);
    saves = world.saves;
    expect_fragment(&world, 5, 7);
    assert_int_equal(world.saves, saves);
}

/* C47 [MC-BUP 3.1.1, 3.1.4.3; Appendix A, note 9] */
static void a_new_process_resumes_with_a_ping(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 3 * MIB);
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    expect_fragment(&world, MIB, 2 * MIB);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, MIB, MIB);
    world_answer(&world, 416, ACK NEXT("2500000"));
    expect_fragment(&world, 2500000, 3 * MIB - 2500000);
}

/* C47 */
static void after_a_reboot_any_offset_in_the_file_is_believed(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 3 * MIB);
    world.options.fragment_max = MIB;
    world_create(&world);
    expect_fragment(&world, 0, MIB);
    world.saved.sent_end = world.options.size;
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    ack_fragment(&world, 0, MIB, 2 * MIB);
    expect_fragment(&world, 2 * MIB, MIB);
}

/* C47 */
static void a_state_that_cannot_be_true_is_refused(void **state)
{
    struct bits_transfer_state good = {
        .session_id = "s",
        .host_id = "node7.example",
        .offset = 5,
        .sent_end = 7,
        .best = 6,
    };
    struct bits_transfer_state states[10];
    struct world world;

    (void)state;
    world_init(&world, 12);
    for (size_t i = 0; i < COUNT(states); i++) {
        states[i] = good;
    }
    assert_true(
        bits_transfer_resume(&world.transfer, &world.options, &good, 0));
    states[0].offset = 8;
    states[1].sent_end = 13;
    states[2].best = 4;
    states[3].best = 13;
    states[4].complete = true;
    memset(states[5].session_id, 'a', sizeof(states[5].session_id));
    memset(states[6].host_id, 'a', sizeof(states[6].host_id));
    memset(states[7].reply_url, 'a', sizeof(states[7].reply_url));
    states[8].session_id[0] = '\n';
    states[9].host_id[0] = '/';
    for (size_t i = 0; i < COUNT(states); i++) {
        assert_false(bits_transfer_resume(&world.transfer, &world.options,
                                          &states[i], 0));
    }
    good.session_id[0] = '\0';
    assert_false(
        bits_transfer_resume(&world.transfer, &world.options, &good, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_refused_leaves_the_delivery_unknown),
        cmocka_unit_test(close_is_sent_again_after_errors_that_pass),
        cmocka_unit_test(
            a_close_sent_again_that_finds_no_session_leaves_it_unknown),
        cmocka_unit_test(a_close_of_the_next_process_without_session_too),
        cmocka_unit_test(after_an_unknown_delivery_the_next_try_is_a_create),
        cmocka_unit_test(a_close_sent_again_that_is_acknowledged_is_success),
        cmocka_unit_test(a_close_that_never_left_does_not_count),
        cmocka_unit_test(a_close_held_back_or_challenged_does_not_count),
        cmocka_unit_test(a_first_close_without_session_starts_over_once),
        cmocka_unit_test(a_create_refused_after_that_leaves_it_unknown),
        cmocka_unit_test(but_not_one_found_later),
        cmocka_unit_test(an_empty_file_refused_is_said_so),
        cmocka_unit_test(cancel_ends_with_2xx_and_without_a_session),
        cmocka_unit_test(cancel_before_a_session_sends_nothing),
        cmocka_unit_test(cancel_refused_is_over_with_a_warning),
        cmocka_unit_test(cancel_is_repeated_for_a_day_at_most),
        cmocka_unit_test(cancel_resumes_in_the_next_process),
        cmocka_unit_test(cancel_after_a_failure_still_tells_the_server),
        cmocka_unit_test(a_delivered_upload_cannot_be_cancelled),
        cmocka_unit_test(resumes_a_pause_with_a_ping),
        cmocka_unit_test(a_local_error_is_final_until_the_user_resumes),
        cmocka_unit_test(a_refusal_names_status_hresult_and_context),
        cmocka_unit_test(the_end_of_a_fragment_is_saved_before_it_leaves),
        cmocka_unit_test(a_fragment_sent_again_needs_no_saving),
        cmocka_unit_test(a_new_process_resumes_with_a_ping),
        cmocka_unit_test(after_a_reboot_any_offset_in_the_file_is_believed),
        cmocka_unit_test(a_state_that_cannot_be_true_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
