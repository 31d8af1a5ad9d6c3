/*
 * transfer_host_test.c: where packets and credentials go, and how the reply is
 * fetched: C35 to C38, C42, C44.  The URLs themselves are
 * transfer_url_test.c's.
 */
#include "transfer_world.h"

#define HOST "BITS-Host-Id: node7.example\n"
#define TIMEOUT "BITS-Host-Id-Fallback-Timeout: 100\n"

static struct bits_text text(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

static void assert_url(const struct world *world, const char *expected)
{
    static const size_t room_size = BITS_URL_ROOM;
    char room[BITS_URL_ROOM];
    struct bits_text url = bits_transfer_url(&world->transfer, room);

    assert_true(url.len < room_size);
    assert_string_equal(url.ptr, expected);
    assert_int_equal(url.len, strlen(expected));
}

/* A session on the host that the fields name; the Ping to it is under way. */
static void begin(struct world *world, const char *fields)
{
    char answer[512] = CREATED;

    assert_true(strlen(fields) < sizeof(answer) - sizeof(CREATED));
    memcpy(answer + sizeof(CREATED) - 1, fields, strlen(fields) + 1);
    world_start(world);
    exchange(world, BITS_PACKET_CREATE_SESSION, 200, answer);
    expect_packet(world, BITS_PACKET_PING);
}

/* --- The host that the server names --------------------------------------- */

/* C36 [MC-BUP 2.2.3.2, 3.1.5.1.2] */
static void all_packets_go_to_the_host_id_after_a_ping(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    assert_url(&world, "http://srv.example/up/hello.txt");
    world_answer(&world, 200, CREATED HOST);
    expect_packet(&world, BITS_PACKET_PING);
    assert_true(world_noticed(&world, BITS_NOTICE_HOST));
    assert_url(&world, "http://node7.example/up/hello.txt");
    world_answer(&world, 200, ACK);
    expect_fragment(&world, 0, 12);
    assert_url(&world, "http://node7.example/up/hello.txt");
    world_answer(&world, 200, ACK NEXT("12"));
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    assert_url(&world, "http://node7.example/up/hello.txt");
}

/* C36 */
static void an_invalid_host_id_is_ignored_with_a_warning(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200,
             CREATED "BITS-Host-Id: evil.example/x?\n");
    expect_fragment(&world, 0, 12);
    assert_false(world.action.to_host_id);
    assert_true(world_noticed(&world, BITS_NOTICE_HOST_ID_INVALID));
}

/* C37, D-23 [MC-BUP 3.1.2.3, 3.1.5.1.7, 3.1.6.3] */
static void the_fallback_clock_starts_with_the_first_error(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST TIMEOUT);
    world.now_ms += 1000000; /* no error yet */
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    expect_packet(&world, BITS_PACKET_PING);
    assert_true(world.action.to_host_id);
    world.now_ms += 100000 - 1000 - 1;
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_CONNECT,
                         0);
    expect_wait(&world, 2000);
    expect_packet(&world, BITS_PACKET_PING);
    assert_false(world.action.to_host_id);
    assert_true(world_noticed(&world, BITS_NOTICE_HOST_SILENT));
    assert_string_equal(world.saved.host_id, "");
    assert_string_equal(world.saved.session_id, "s");
}

/* C37, D-23 [MC-BUP 3.1.5.1.4] */
static void an_acknowledged_fragment_stops_the_fallback_clock(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST TIMEOUT);
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    ack_fragment(&world, 0, 12, 6);
    world.now_ms += 1000000;
    expect_fragment(&world, 6, 6);
    assert_true(world.action.to_host_id);
}

/* C37 */
static void a_ping_or_a_pause_does_not_stop_the_fallback_clock(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST TIMEOUT);
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, 0, 12);
    bits_transfer_pause(&world.transfer);
    world.now_ms += 99000;
    bits_transfer_continue(&world.transfer);
    expect_packet(&world, BITS_PACKET_PING);
    assert_false(world.action.to_host_id);
}

/* C37 */
static void the_fallback_clock_continues_in_the_next_process(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST TIMEOUT);
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    expect_packet(&world, BITS_PACKET_PING);
    world.saved.fallback_age_ms += 98999;
    world_resume(&world);
    expect_packet(&world, BITS_PACKET_PING);
    assert_true(world.action.to_host_id);
    world_resume(&world);
    world.now_ms += 1001;
    expect_packet(&world, BITS_PACKET_PING);
    assert_false(world.action.to_host_id);
}

/* C37 */
static void without_a_timeout_or_with_zero_it_never_falls_back(void **state)
{
    static const char *const fields[] = {
        HOST,
        HOST "BITS-Host-Id-Fallback-Timeout: 0\n",
        HOST "BITS-Host-Id-Fallback-Timeout: soon\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(fields); i++) {
        struct world world;

        world_init(&world, 12);
        begin(&world, fields[i]);
        world_answer(&world, 503, "");
        expect_wait(&world, 1000);
        world.now_ms += UINT64_C(1) << 40;
        expect_packet(&world, BITS_PACKET_PING);
        assert_true(world.action.to_host_id);
    }
}

/* C36 */
static void create_after_a_lost_session_goes_to_the_host_id(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST);
    world_answer(&world, 200, ACK);
    exchange(&world, BITS_PACKET_FRAGMENT, 500, NO_SESSION);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    assert_true(world.action.to_host_id);
    world_answer(&world, 200, CREATED "BITS-Host-Id: 2001:db8::9\n");
    expect_packet(&world, BITS_PACKET_PING);
    assert_url(&world, "http://[2001:db8::9]/up/hello.txt");
}

/* C38 */
static void a_certificate_that_does_not_fit_leads_back_at_once(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    begin(&world, HOST);
    bits_transfer_broken(&world.transfer, world.now_ms,
                         BITS_TRANSPORT_CERTIFICATE, 0);
    expect_packet(&world, BITS_PACKET_PING);
    assert_false(world.action.to_host_id);
    assert_true(world_noticed(&world, BITS_NOTICE_HOST_CERTIFICATE));
    bits_transfer_broken(&world.transfer, world.now_ms,
                         BITS_TRANSPORT_CERTIFICATE, 0);
    expect_failed(&world, BITS_REASON_TRANSPORT, 0x80072F8F);
}

/* --- Trust ---------------------------------------------------------------- */

/* C35, C38 */
static void credentials_do_not_go_to_an_untrusted_host(void **state)
{
    static const unsigned statuses[] = {401, 407};

    (void)state;
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct world world;

        world_init(&world, 12);
        world.options.has_credentials = true;
        world.options.has_proxy_credentials = true;
        world_start(&world);
        exchange(&world, BITS_PACKET_CREATE_SESSION, 401, "");
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        assert_true(world.action.trusted);
        assert_true(world.action.credentials);
        world_answer(&world, 200, CREATED HOST);
        expect_packet(&world, BITS_PACKET_PING);
        assert_false(world.action.trusted);
        assert_false(world.action.credentials);
        world_answer(&world, statuses[i], "");
        expect_packet(&world, BITS_PACKET_PING);
        assert_false(world.action.to_host_id);
        assert_true(world.action.credentials);
        assert_true(world_noticed(&world, BITS_NOTICE_HOST_UNTRUSTED));
    }
}

/* C35 */
static void hosts_may_be_trusted_by_name_and_the_own_one_is(void **state)
{
    static const struct {
        const char *fields;
        bool trusted;
    } rows[] = {
        {"BITS-Host-Id: NODE7.example\n", true},
        {"BITS-Host-Id: srv.EXAMPLE\n", true},
        {"BITS-Host-Id: node8.example\n", false},
        {"BITS-Host-Id: example\n", false},
    };
    struct bits_text hosts[] = {text("other.example"), text("node7.example")};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world.options.trusted_hosts = hosts;
        world.options.trusted_host_count = COUNT(hosts);
        begin(&world, rows[i].fields);
        assert_int_equal(world.action.trusted, rows[i].trusted);
    }
}

/* --- The reply ------------------------------------------------------------ */

/* C44 */
static void a_reply_is_fetched_before_close(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.expect_reply = true;
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 200,
             ACK NEXT("12") "bits-reply-url: R\\{1}\\r.bin\n");
    expect_kind(&world, BITS_ACTION_FETCH_REPLY);
    assert_url(&world, "http://srv.example/up/R/%7B1%7D/r.bin");
    assert_true(world.action.trusted);
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_kind(&world, BITS_ACTION_FETCH_REPLY);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_kind(&world, BITS_ACTION_FETCH_REPLY);
    world_answer(&world, 206, "");
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C43 */
static void the_reply_comes_from_the_host_of_the_url(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.expect_reply = true;
    begin(&world, HOST);
    world_answer(&world, 200, ACK);
    exchange(&world, BITS_PACKET_FRAGMENT, 200,
             ACK NEXT("12") "BITS-Reply-URL: r\n");
    expect_kind(&world, BITS_ACTION_FETCH_REPLY);
    assert_url(&world, "http://srv.example/up/r");
}

/* C35 */
static void a_foreign_reply_gets_no_credentials(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.expect_reply = true;
    world.options.has_credentials = true;
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 401, "");
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
    exchange(&world, BITS_PACKET_FRAGMENT, 200,
             ACK NEXT("12") "BITS-Reply-URL: http://srv.example:81/r\n");
    expect_kind(&world, BITS_ACTION_FETCH_REPLY);
    assert_false(world.action.trusted);
    assert_false(world.action.credentials);
    world_answer(&world, 401, "");
    expect_failed(&world, BITS_REASON_CREDENTIALS_MISSING, 0x80190191);
}

/* C42, C43 [MC-BUP 2.2.7.2] */
static void a_reply_that_is_missing_or_unsafe_is_final(void **state)
{
    static const struct {
        const char *fields;
        enum bits_reason reason;
    } rows[] = {
        {"", BITS_REASON_REPLY_MISSING},
        {"BITS-Reply-URL: ftp://srv/r\n", BITS_REASON_REPLY_URL},
        {"BITS-Reply-URL: //\n", BITS_REASON_REPLY_URL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char fields[128] = ACK NEXT("12");
        struct world world;

        memcpy(fields + strlen(fields), rows[i].fields,
               strlen(rows[i].fields) + 1);
        world_init(&world, 12);
        world.options.expect_reply = true;
        world_create(&world);
        exchange(&world, BITS_PACKET_FRAGMENT, 200, fields);
        expect_failed(&world, rows[i].reason, 0x80072F78);
    }
}

/* C42 */
static void an_empty_reply_url_is_not_a_reply(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.expect_reply = true;
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 200,
             ACK NEXT("12") "BITS-Reply-URL: \n");
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    assert_true(world_noticed(&world, BITS_NOTICE_NO_REPLY));
}

/* C42 */
static void a_plain_upload_ignores_a_reply_url(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 200,
             ACK NEXT("12") "BITS-Reply-URL: ftp://srv/r\n");
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
}

/* C42 */
static void an_empty_file_has_no_reply(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 0);
    world.options.expect_reply = true;
    world_create(&world);
    expect_failed(&world, BITS_REASON_REPLY_MISSING, 0x80072F78);
}

static void a_trusted_host_gets_credentials_when_it_asks(void **state)
{
    struct bits_text host = text("node7.example");
    struct world world;

    (void)state;
    world_init(&world, 12);
    world.options.has_credentials = true;
    world.options.trusted_hosts = &host;
    world.options.trusted_host_count = 1;
    begin(&world, HOST);
    assert_false(world.action.credentials);
    world_answer(&world, 401, "");
    expect_packet(&world, BITS_PACKET_PING);
    assert_true(world.action.to_host_id);
    assert_true(world.action.credentials);
}

static void a_reset_in_mid_body_starts_the_fallback_clock(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, MIB);
    begin(&world, HOST TIMEOUT);
    world_answer(&world, 200, ACK);
    expect_fragment(&world, 0, MIB);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         1);
    world.now_ms += 100000;
    expect_packet(&world, BITS_PACKET_PING);
    assert_false(world.action.to_host_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_packets_go_to_the_host_id_after_a_ping),
        cmocka_unit_test(an_invalid_host_id_is_ignored_with_a_warning),
        cmocka_unit_test(the_fallback_clock_starts_with_the_first_error),
        cmocka_unit_test(an_acknowledged_fragment_stops_the_fallback_clock),
        cmocka_unit_test(a_ping_or_a_pause_does_not_stop_the_fallback_clock),
        cmocka_unit_test(the_fallback_clock_continues_in_the_next_process),
        cmocka_unit_test(without_a_timeout_or_with_zero_it_never_falls_back),
        cmocka_unit_test(create_after_a_lost_session_goes_to_the_host_id),
        cmocka_unit_test(a_certificate_that_does_not_fit_leads_back_at_once),
        cmocka_unit_test(credentials_do_not_go_to_an_untrusted_host),
        cmocka_unit_test(hosts_may_be_trusted_by_name_and_the_own_one_is),
        cmocka_unit_test(a_reply_is_fetched_before_close),
        cmocka_unit_test(the_reply_comes_from_the_host_of_the_url),
        cmocka_unit_test(a_foreign_reply_gets_no_credentials),
        cmocka_unit_test(a_reply_that_is_missing_or_unsafe_is_final),
        cmocka_unit_test(an_empty_reply_url_is_not_a_reply),
        cmocka_unit_test(a_plain_upload_ignores_a_reply_url),
        cmocka_unit_test(an_empty_file_has_no_reply),
        cmocka_unit_test(a_trusted_host_gets_credentials_when_it_asks),
        cmocka_unit_test(a_reset_in_mid_body_starts_the_fallback_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
