/*
 * transfer_retry_test.c: when it is tried again and when it is given up:
 * C26, C30 to C32; and credentials: C33, C34.
 */
#include "transfer_world.h"

#define HOUR_MS (UINT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)

/* The first packet after a wait or a failure is a Ping. */
static void refuse(struct world *world, const char *fields)
{
    bool stopped = world->action.kind == BITS_ACTION_WAIT ||
                   world->action.kind == BITS_ACTION_FAILED;

    expect_packet(world, stopped ? BITS_PACKET_PING : BITS_PACKET_FRAGMENT);
    world_answer(world, 503, fields);
}

/* C30 */
static void delays_double_from_1_s_to_60_s(void **state)
{
    static const unsigned delays_s[] = {1, 2, 4, 8, 16, 32, 60, 60};
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    for (size_t i = 0; i < COUNT(delays_s); i++) {
        refuse(&world, "");
        expect_wait(&world, 1000 * delays_s[i]);
    }
}

static uint32_t lowest(void *context)
{
    (void)context;
    return 0;
}

static uint32_t highest(void *context)
{
    /* The largest number that a span of 30 s, and all its halves, map to
     * their own end. */
    uint64_t *span_ms = context;

    return (uint32_t)*span_ms;
}

static void jitter_stays_between_1_s_and_60_s(void **state)
{
    static const struct {
        unsigned low_ms;
        unsigned high_ms;
    } rows[] = {
        {1000, 2000},   {2000, 4000},   {4000, 8000},   {8000, 16000},
        {16000, 32000}, {30000, 60000}, {30000, 60000},
    };
    uint64_t span_ms;
    struct world low;
    struct world high;

    (void)state;
    world_init(&low, 12);
    low.options.random = lowest;
    world_create(&low);
    world_init(&high, 12);
    high.options.random = highest;
    high.options.random_context = &span_ms;
    world_create(&high);
    for (size_t i = 0; i < COUNT(rows); i++) {
        span_ms = rows[i].high_ms - rows[i].low_ms;
        refuse(&low, "");
        expect_wait(&low, rows[i].low_ms);
        refuse(&high, "");
        expect_wait(&high, rows[i].high_ms);
    }
}

static void
the_queue_waits_ten_minutes_each_time_with_or_without_jitter(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.retry = bits_retry_queue;
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 600000);
    refuse(&world, "");
    expect_wait(&world, 600000);
    world.options.random = lowest;
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 600000);
}

static void no_delay_is_below_the_floor(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.retry = bits_retry_queue;
    world.options.retry.min_ms = 0;
    world.options.retry.max_ms = 0;
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 5000);
}

static void progress_starts_the_delays_anew(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 1000);
    refuse(&world, "");
    expect_wait(&world, 2000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    ack_fragment(&world, 0, 12, 6);
    refuse(&world, "");
    expect_wait(&world, 1000);
}

/* C32 */
static void a_wait_ends_early_when_the_network_returns(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse(&world, "");
    expect_kind(&world, BITS_ACTION_WAIT);
    bits_transfer_wake(&world.transfer);
    expect_packet(&world, BITS_PACKET_PING);
}

/* C31 */
static void retry_after_is_honoured_up_to_a_cap(void **state)
{
    static const struct {
        const char *fields;
        uint64_t delay_ms;
    } rows[] = {
        {"Retry-After: 0\n", 1000},
        {"Retry-After: 30\n", 30000},
        {"Retry-After: 599\n", 599000},
        {"Retry-After: 86400\n", 600000},
        {"Retry-After: 18446744073709551615\n", 600000},
        {"Retry-After: soon\n", 1000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_create(&world);
        refuse(&world, rows[i].fields);
        expect_wait(&world, rows[i].delay_ms);
        expect_packet(&world, BITS_PACKET_PING);
        bits_transfer_broken(&world.transfer, world.now_ms,
                             BITS_TRANSPORT_CONNECT, 0);
        expect_wait(&world, 2000); /* it counts once */
    }
}

/* Errors until it is given up; how long that took. */
static uint64_t fail_for_ever(struct world *world)
{
    uint64_t start_ms = world->now_ms;

    for (;;) {
        world_next(world);
        if (world->action.kind == BITS_ACTION_WAIT) {
            world->now_ms = world->action.until_ms;
        } else if (world->action.kind == BITS_ACTION_SEND) {
            world_answer(world, 503, "");
        } else {
            return world->now_ms - start_ms;
        }
    }
}

/* C30 */
static void given_up_after_an_hour_or_14_days_and_temporary(void **state)
{
    struct world world;
    uint64_t took_ms;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    took_ms = fail_for_ever(&world);
    assert_in_range(took_ms, HOUR_MS, HOUR_MS + 60000);
    expect_failed(&world, BITS_REASON_ANSWER, 0x801901F7);
    assert_true(world.action.failure->temporary);
    world.options.retry = bits_retry_queue;
    world_create(&world);
    assert_int_equal(fail_for_ever(&world), 14 * DAY_MS);
}

static void the_time_counts_from_the_first_error_after_progress(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 1000);
    world.now_ms += HOUR_MS - 2000;
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    ack_fragment(&world, 0, 12, 6);
    world.now_ms += HOUR_MS;
    refuse(&world, "");
    expect_wait(&world, 1000);
    assert_in_range(fail_for_ever(&world), HOUR_MS - 1000, HOUR_MS + 60000);
}

/* C30 */
static void the_retry_time_continues_in_the_next_process(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    refuse(&world, "");
    expect_wait(&world, 1000);
    assert_true(world.saved.stalled);
    world.saved.stalled_ms += HOUR_MS - 1;
    world.now_ms = 5; /* another boot */
    world_resume(&world);
    world.now_ms += 1;
    refuse(&world, "");
    expect_kind(&world, BITS_ACTION_FAILED);
}

/* C30 */
static void a_time_of_zero_makes_every_error_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.retry.give_up_ms = 0;
    world_create(&world);
    refuse(&world, "");
    expect_failed(&world, BITS_REASON_ANSWER, 0x801901F7);
    assert_true(world.action.failure->temporary);
    bits_transfer_continue(&world.transfer);
    expect_packet(&world, BITS_PACKET_PING);
}

/* C26 */
static void every_way_of_silence_has_its_hresult(void **state)
{
    static const struct {
        enum bits_transport error;
        uint32_t hresult;
        bool temporary;
    } rows[] = {
        {BITS_TRANSPORT_OFFLINE, 0x80200010, true},
        {BITS_TRANSPORT_RESOLVE, 0x80072EE7, true},
        {BITS_TRANSPORT_CONNECT, 0x80072EFD, true},
        {BITS_TRANSPORT_TLS, 0x80072F7D, true},
        {BITS_TRANSPORT_CERTIFICATE, 0x80072F8F, false},
        {BITS_TRANSPORT_CLIENT_CERTIFICATE, 0x80072F0C, false},
        {BITS_TRANSPORT_TIMEOUT, 0x800705B4, true},
        {BITS_TRANSPORT_BROKEN, 0x80072EFE, true},
        {BITS_TRANSPORT_NOT_HTTP, 0x80072F78, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_start(&world);
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        bits_transfer_broken(&world.transfer, world.now_ms, rows[i].error, 0);
        expect_kind(&world,
                    rows[i].temporary ? BITS_ACTION_WAIT : BITS_ACTION_FAILED);
        assert_int_equal(world.action.failure->hresult, rows[i].hresult);
        assert_int_equal(world.action.failure->reason, BITS_REASON_TRANSPORT);
        assert_int_equal(world.action.failure->context,
                         BITS_ERROR_CONTEXT_TRANSPORT);
        assert_int_equal(world.action.failure->temporary, rows[i].temporary);
        assert_non_null(bits_error_find(rows[i].hresult));
    }
}

/* --- Credentials ---------------------------------------------------------- */

/* C33 [MC-BUP 3.1.5.1.7] */
static void a_401_or_407_repeats_the_packet_with_credentials(void **state)
{
    static const unsigned statuses[] = {401, 407};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        bool proxy = statuses[i] == 407;
        struct world world;

        world_init(&world, 12);
        world.options.has_credentials = !proxy;
        world.options.has_proxy_credentials = proxy;
        world_start(&world);
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        assert_false(world.action.credentials);
        assert_false(world.action.proxy_credentials);
        world_answer(&world, statuses[i], "");
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        assert_int_equal(world.action.credentials, !proxy);
        assert_int_equal(world.action.proxy_credentials, proxy);
        assert_true(world.action.challenged);
        world_answer(&world, 200, CREATED);
        expect_fragment(&world, 0, 12);
        assert_int_equal(world.action.credentials, !proxy);
        assert_false(world.action.challenged);
    }
}

/* C33 */
static void credentials_refused_or_missing_are_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 401, "");
    exchange(&world, BITS_PACKET_CREATE_SESSION, 401, "");
    expect_failed(&world, BITS_REASON_CREDENTIALS_REFUSED, 0x80190191);
    assert_false(world.action.failure->temporary);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 407, "");
    expect_failed(&world, BITS_REASON_CREDENTIALS_MISSING, 0x80190197);
}

/* C34 */
static void a_401_to_a_fragment_sends_one_ping_first(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 401, "");
    expect_packet(&world, BITS_PACKET_PING);
    assert_true(world.action.credentials);
    assert_true(world.action.challenged);
    world_answer(&world, 200, ACK);
    expect_fragment(&world, 0, 12);
    assert_true(world.action.credentials);
    world_answer(&world, 401, "");
    expect_failed(&world, BITS_REASON_CREDENTIALS_REFUSED, 0x80190191);
}

/* C33 */
static void credentials_that_expire_are_read_anew_each_time(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world_create(&world);
    for (uint64_t offset = 0; offset < 3; offset++) {
        exchange(&world, BITS_PACKET_FRAGMENT, 401, "");
        expect_packet(&world, BITS_PACKET_PING);
        assert_true(world.action.challenged);
        world_answer(&world, 200, ACK);
        ack_fragment(&world, offset, 12 - offset, offset + 1);
    }
}

/* C34 */
static void a_packet_held_back_goes_after_a_ping(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_unsent(&world.transfer, world.now_ms);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, 12);
}

/* C34 */
static void connections_that_never_last_make_us_wait(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    for (unsigned i = 0; i < 2; i++) {
        expect_fragment(&world, 0, 12);
        bits_transfer_unsent(&world.transfer, world.now_ms);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
    }
    expect_fragment(&world, 0, 12);
    bits_transfer_unsent(&world.transfer, world.now_ms);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_UNSTEADY);
}

static void going_on_after_giving_up_starts_the_time_anew(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    fail_for_ever(&world);
    bits_transfer_continue(&world.transfer);
    refuse(&world, "");
    expect_wait(&world, 1000);
}

static void half_an_answer_is_not_an_answer(void **state)
{
    const struct bits_text name = {"Retry-After", 11};
    const struct bits_text value = {"30", 2};
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_answer_status(&world.transfer, 503);
    bits_transfer_answer_field(&world.transfer, name, value);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         12);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_TRANSPORT);
    assert_int_equal(world.action.failure->status, 0);
}

static void a_416_counts_as_credentials_taken(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world_create(&world);
    ack_fragment(&world, 0, 12, 6);
    exchange(&world, BITS_PACKET_FRAGMENT, 401, "");
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    exchange(&world, BITS_PACKET_FRAGMENT, 416, ACK NEXT("5"));
    exchange(&world, BITS_PACKET_FRAGMENT, 401, "");
    expect_packet(&world, BITS_PACKET_PING);
}

static void packets_held_back_now_and_then_do_not_add_up(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    for (uint64_t offset = 0; offset < 4; offset++) {
        expect_fragment(&world, offset, 12 - offset);
        bits_transfer_unsent(&world.transfer, world.now_ms);
        exchange(&world, BITS_PACKET_PING, 200, ACK);
        ack_fragment(&world, offset, 12 - offset, offset + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_from_1_s_to_60_s),
        cmocka_unit_test(jitter_stays_between_1_s_and_60_s),
        cmocka_unit_test(
            the_queue_waits_ten_minutes_each_time_with_or_without_jitter),
        cmocka_unit_test(no_delay_is_below_the_floor),
        cmocka_unit_test(progress_starts_the_delays_anew),
        cmocka_unit_test(a_wait_ends_early_when_the_network_returns),
        cmocka_unit_test(retry_after_is_honoured_up_to_a_cap),
        cmocka_unit_test(given_up_after_an_hour_or_14_days_and_temporary),
        cmocka_unit_test(the_time_counts_from_the_first_error_after_progress),
        cmocka_unit_test(the_retry_time_continues_in_the_next_process),
        cmocka_unit_test(a_time_of_zero_makes_every_error_final),
        cmocka_unit_test(every_way_of_silence_has_its_hresult),
        cmocka_unit_test(a_401_or_407_repeats_the_packet_with_credentials),
        cmocka_unit_test(credentials_refused_or_missing_are_final),
        cmocka_unit_test(a_401_to_a_fragment_sends_one_ping_first),
        cmocka_unit_test(credentials_that_expire_are_read_anew_each_time),
        cmocka_unit_test(a_packet_held_back_goes_after_a_ping),
        cmocka_unit_test(connections_that_never_last_make_us_wait),
        cmocka_unit_test(going_on_after_giving_up_starts_the_time_anew),
        cmocka_unit_test(half_an_answer_is_not_an_answer),
        cmocka_unit_test(a_416_counts_as_credentials_taken),
        cmocka_unit_test(packets_held_back_now_and_then_do_not_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
