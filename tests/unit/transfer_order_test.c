/*
 * transfer_order_test.c: the order of packets, their headers, and first
 * contact: C1 to C4, C28, C29.
 */
#include "transfer_world.h"

#include <stdio.h>

/* --- Order ---------------------------------------------------------------- */

/* C1 [MC-BUP 3.1.5.1] */
static void create_fragments_close(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 3 * MIB + 5);
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    assert_true(world_noticed(&world, BITS_NOTICE_CREATED));
    assert_false(world_noticed(&world, BITS_NOTICE_PROGRESS));
    ack_fragment(&world, MIB, 2 * MIB, 3 * MIB);
    assert_true(world_noticed(&world, BITS_NOTICE_PROGRESS));
    ack_fragment(&world, 3 * MIB, 5, 3 * MIB + 5);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_DONE);
    expect_kind(&world, BITS_ACTION_DONE);
    assert_int_equal(bits_transfer_progress(&world.transfer).offset,
                     3 * MIB + 5);
}

/* C1 */
static void an_empty_file_is_create_and_close(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 0);
    world_create(&world);
    exchange(&world, BITS_PACKET_CLOSE_SESSION, 200, ACK);
    expect_kind(&world, BITS_ACTION_DONE);
}

static void one_request_at_a_time(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    expect_kind(&world, BITS_ACTION_AWAIT);
    expect_kind(&world, BITS_ACTION_AWAIT);
}

/* C3 */
static void a_session_id_is_whatever_the_server_says(void **state)
{
    static const char *const ids[] = {
        "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
        "5b0c3c1e-77a4-4e0b-9c2f-0d6d4b1a9e10",
        "-4242424242",
        "~",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        char fields[128];
        struct world world;

        snprintf(fields, sizeof(fields),
                 "bits-packet-type: ack\n"
                 "bits-session-id: %s\n",
                 ids[i]);
        world_init(&world, 12);
        world_start(&world);
        exchange(&world, BITS_PACKET_CREATE_SESSION, 201, fields);
        expect_fragment(&world, 0, 12);
        assert_string_equal(bits_transfer_progress(&world.transfer).session_id,
                            ids[i]);
    }
}

/* C3 */
static void a_create_ack_without_a_session_id_is_an_error(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200, ACK);
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NO_SESSION_ID);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
}

/* C3 */
static void another_protocol_than_ours_is_final(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200,
             CREATED "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4932}\n");
    expect_failed(&world, BITS_REASON_PROTOCOL, 0x80200022);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 200,
             CREATED "BITS-Protocol: {7DF0354D-249B-430F-820D-3D2A9BEF4931}\n");
    expect_fragment(&world, 0, 12);
}

/* --- Headers -------------------------------------------------------------- */

struct lines {
    char text[1024];
    size_t size;
};

static void print(void *context, const char *name, struct bits_text value)
{
    struct lines *lines = context;

    lines->size += (size_t)snprintf(
        lines->text + lines->size, sizeof(lines->text) - lines->size,
        "%s: %.*s\n", name, (int)value.len, value.ptr);
}

static void assert_fields(const struct world *world, const char *expected)
{
    struct lines lines = {.size = 0};

    bits_transfer_fields(&world->transfer, print, &lines);
    assert_string_equal(lines.text, expected);
}

/* C2 [MC-BUP 2.2.1.1, 4.1] */
static void headers_are_those_of_the_traces_in_their_order(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    expect_packet(&world, BITS_PACKET_CREATE_SESSION);
    assert_fields(&world, "BITS-Packet-Type: Create-Session\n"
                          "BITS-Supported-Protocols: "
                          "{7df0354d-249b-430f-820d-3d2a9bef4931}\n"
                          "Content-Name: hello.txt\n"
                          "Content-Length: 0\n");
    world_answer(&world, 200, CREATED);
    expect_fragment(&world, 0, 12);
    assert_fields(&world, "BITS-Packet-Type: Fragment\n"
                          "BITS-Session-Id: s\n"
                          "Content-Name: hello.txt\n"
                          "Content-Range: bytes 0-11/12\n"
                          "Content-Length: 12\n");
    world_answer(&world, 503, "");
    expect_wait(&world, 1000);
    expect_packet(&world, BITS_PACKET_PING);
    assert_fields(&world, "BITS-Packet-Type: Ping\n"
                          "Content-Length: 0\n");
    world_answer(&world, 200, ACK);
    ack_fragment(&world, 0, 12, 12);
    expect_packet(&world, BITS_PACKET_CLOSE_SESSION);
    assert_fields(&world, "BITS-Packet-Type: Close-Session\n"
                          "BITS-Session-Id: s\n"
                          "Content-Length: 0\n");
    bits_transfer_cancel(&world.transfer, world.now_ms);
    expect_packet(&world, BITS_PACKET_CANCEL_SESSION);
    assert_fields(&world, "BITS-Packet-Type: Cancel-Session\n"
                          "BITS-Session-Id: s\n"
                          "Content-Length: 0\n");
}

static void ranges_have_the_whole_64_bits(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, UINT64_MAX);
    world_start(&world);
    world.options.size = UINT64_MAX;
    world.saved = (struct bits_transfer_state){
        .session_id = "s",
        .offset = UINT64_MAX - 1,
        .sent_end = UINT64_MAX,
        .best = UINT64_MAX - 1,
    };
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, UINT64_MAX - 1, 1);
    assert_fields(&world, "BITS-Packet-Type: Fragment\n"
                          "BITS-Session-Id: s\n"
                          "Content-Name: hello.txt\n"
                          "Content-Range: bytes 18446744073709551614-"
                          "18446744073709551614/18446744073709551615\n"
                          "Content-Length: 1\n");
}

/* C2 [MC-BUP 2.2.1.1] */
static void names_are_made_harmless_or_left_out(void **state)
{
    static const struct {
        const char *name;
        const char *line;
    } rows[] = {
        {"a b.txt", "Content-Name: a b.txt\n"},
        {"a\\b/c:d*e?f\"g<h>i|j\r\n", "Content-Name: a_b_c_d_e_f_g_h_i_j__\n"},
        {"n\xc3\xa4me.txt", ""},
        {"\x7f", ""},
        {"", ""},
        {"  ", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[256];
        struct world world;

        world_init(&world, 0);
        world.options.content_name =
            (struct bits_text){rows[i].name, strlen(rows[i].name)};
        world_start(&world);
        expect_packet(&world, BITS_PACKET_CREATE_SESSION);
        snprintf(expected, sizeof(expected),
                 "BITS-Packet-Type: Create-Session\n"
                 "BITS-Supported-Protocols: "
                 "{7df0354d-249b-430f-820d-3d2a9bef4931}\n%s"
                 "Content-Length: 0\n",
                 rows[i].line);
        assert_fields(&world, expected);
    }
}

/* C4 */
static void expect_is_for_the_first_fragment_and_after_growth(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 64 * MIB);
    world.options.fragment_max = 2 * MIB;
    world_create(&world);
    ack_fragment(&world, 0, MIB, MIB);
    assert_true(world.action.expect);
    ack_fragment(&world, MIB, 2 * MIB, 3 * MIB);
    assert_true(world.action.expect);
    ack_fragment(&world, 3 * MIB, 2 * MIB, 5 * MIB);
    assert_false(world.action.expect);
}

/* C4 */
static void bodies_below_1_mib_go_without_expect(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    assert_false(world.action.expect);

    world_init(&world, 64 * MIB);
    world.options.fragment_start = MIB / 2;
    world_create(&world);
    ack_fragment(&world, 0, MIB / 2, MIB / 2);
    assert_false(world.action.expect);
    ack_fragment(&world, MIB / 2, MIB, 3 * MIB / 2);
    assert_true(world.action.expect);
}

/* C4: it told the size apart, or cut the line, before the body was whole. */
static void
a_server_that_refuses_bodies_gets_expect_with_small_ones(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 64 * MIB);
    world.options.fragment_start = MIB / 2;
    world_create(&world);
    expect_fragment(&world, 0, MIB / 2);
    world_answer(&world, 413, "");
    ack_fragment(&world, 0, MIB / 4, MIB / 4);
    assert_true(world.action.expect);
    ack_fragment(&world, MIB / 4, MIB / 4, MIB / 2);
    assert_false(world.action.expect);

    expect_fragment(&world, MIB / 2, MIB / 4);
    bits_transfer_broken(&world.transfer, world.now_ms, BITS_TRANSPORT_BROKEN,
                         1);
    exchange(&world, BITS_PACKET_PING, 200, ACK);
    expect_fragment(&world, MIB / 2, MIB / 8);
    assert_true(world.action.expect);
}

/* C4 */
static void a_417_repeats_without_expect_and_for_ever(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 64 * MIB);
    world_create(&world);
    expect_fragment(&world, 0, MIB);
    world_answer(&world, 417, "");
    ack_fragment(&world, 0, MIB, MIB);
    assert_false(world.action.expect);
    expect_fragment(&world, MIB, 2 * MIB);
    assert_false(world.action.expect);
    world_answer(&world, 417, "");
    expect_failed(&world, BITS_REASON_ANSWER, 0x801901A1);
}

/* --- First contact -------------------------------------------------------- */

/* C29 */
static void a_stranger_at_first_contact_is_final_in_the_foreground(void **state)
{
    static const struct {
        unsigned status;
        uint32_t hresult;
        bool final_in_queue;
    } rows[] = {
        {200, 0x80072F78, false},
        {404, 0x80190194, true},
        {405, 0x80190195, true},
        {501, 0x801901F5, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct world world;

        world_init(&world, 12);
        world_start(&world);
        exchange(&world, BITS_PACKET_CREATE_SESSION, rows[i].status, "");
        expect_failed(&world, BITS_REASON_NOT_BITS, rows[i].hresult);
        assert_false(world.action.failure->temporary);
        world.options.foreground = false;
        world_start(&world);
        exchange(&world, BITS_PACKET_CREATE_SESSION, rows[i].status, "");
        expect_kind(&world, rows[i].final_in_queue ? BITS_ACTION_FAILED
                                                   : BITS_ACTION_WAIT);
        assert_int_equal(world.action.failure->reason, BITS_REASON_NOT_BITS);
    }
}

static void success_without_an_ack_later_on_is_transient(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    exchange(&world, BITS_PACKET_FRAGMENT, 200, NEXT("12"));
    expect_wait(&world, 1000);
    assert_int_equal(world.action.failure->reason, BITS_REASON_NOT_ACK);
    assert_int_equal(world.action.failure->hresult, 0x80072F78);
}

/* C28 */
static void redirects_are_not_followed_and_name_their_goal(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 308,
             "Location: https://srv.example/up/hello.txt\n");
    expect_failed(&world, BITS_REASON_REDIRECTED, 0x80190134);
    assert_string_equal(world.action.failure->location,
                        "https://srv.example/up/hello.txt");
}

/* D-55 */
static void a_refusal_carries_the_servers_words(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 403,
             "BITS-Packet-Type: Ack\nBITS-Error-Code: 0x80070005\n"
             "BITS-Error-Text: the file exists\n");
    expect_failed(&world, BITS_REASON_ANSWER, 0x80070005);
    assert_string_equal(world.action.failure->text, "the file exists");
    world_init(&world, 12);
    world_start(&world);
    exchange(&world, BITS_PACKET_CREATE_SESSION, 403,
             "BITS-Error-Text: a page of a proxy\n");
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190193);
    assert_string_equal(world.action.failure->text, "");
}

static void a_transfer_with_a_session_has_met_its_server(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    world_resume(&world);
    exchange(&world, BITS_PACKET_PING, 404, "");
    expect_failed(&world, BITS_REASON_ANSWER, 0x80190194);
}

/* C26 */
static void an_answer_without_a_status_line_is_not_an_answer(void **state)
{
    struct world world;

    (void)state;
    world_init(&world, 12);
    world_create(&world);
    expect_fragment(&world, 0, 12);
    bits_transfer_answer_end(&world.transfer, world.now_ms);
    expect_wait(&world, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_fragments_close),
        cmocka_unit_test(an_empty_file_is_create_and_close),
        cmocka_unit_test(one_request_at_a_time),
        cmocka_unit_test(a_session_id_is_whatever_the_server_says),
        cmocka_unit_test(a_create_ack_without_a_session_id_is_an_error),
        cmocka_unit_test(another_protocol_than_ours_is_final),
        cmocka_unit_test(headers_are_those_of_the_traces_in_their_order),
        cmocka_unit_test(ranges_have_the_whole_64_bits),
        cmocka_unit_test(names_are_made_harmless_or_left_out),
        cmocka_unit_test(expect_is_for_the_first_fragment_and_after_growth),
        cmocka_unit_test(bodies_below_1_mib_go_without_expect),
        cmocka_unit_test(
            a_server_that_refuses_bodies_gets_expect_with_small_ones),
        cmocka_unit_test(a_417_repeats_without_expect_and_for_ever),
        cmocka_unit_test(
            a_stranger_at_first_contact_is_final_in_the_foreground),
        cmocka_unit_test(success_without_an_ack_later_on_is_transient),
        cmocka_unit_test(redirects_are_not_followed_and_name_their_goal),
        cmocka_unit_test(a_refusal_carries_the_servers_words),
        cmocka_unit_test(a_transfer_with_a_session_has_met_its_server),
        cmocka_unit_test(an_answer_without_a_status_line_is_not_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
