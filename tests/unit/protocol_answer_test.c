/*
 * protocol_answer_test.c: the headers of Acks, their order and when they are
 * left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openbits/session.h>

#include "base/text.h"

#define GUID "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}"

/* All headers of an answer as lines. */
struct lines {
    char data[1024];
    size_t size;
};

static void add_line(void *context, const char *name, struct bits_text value)
{
    struct lines *lines = context;
    int added =
        snprintf(lines->data + lines->size, sizeof(lines->data) - lines->size,
                 "%s: %.*s\n", name, (int)value.len, value.ptr);

    assert_true(added > 0);
    lines->size += (size_t)added;
    assert_true(lines->size < sizeof(lines->data));
}

static void assert_lines(struct bits_answer answer, const char *expected)
{
    struct lines lines = {.size = 0};

    bits_answer_fields(&answer, add_line, &lines);
    assert_string_equal(lines.data, expected);
}

/* [MC-BUP 2.2.5] */
static void a_ping_is_answered_without_a_session(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_PING,
                             .outcome = bits_cause_outcome(BITS_CAUSE_OK),
                             .session_id = TEXT(GUID)},
        "BITS-Packet-Type: Ack\n"
        "Content-Length: 0\n");
}

/* [MC-BUP 2.2.3.1, 2.2.3.2, 4.1] */
static void a_create_names_protocol_and_session(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_CREATE_SESSION,
                             .outcome = bits_cause_outcome(BITS_CAUSE_OK),
                             .session_id = TEXT(GUID)},
        "BITS-Packet-Type: Ack\n"
        "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\n"
        "BITS-Session-Id: " GUID "\n"
        "Content-Length: 0\n"
        "Accept-Encoding: identity\n");
}

/* [MC-BUP 2.2.3.2] */
static void a_create_in_a_farm_names_the_host(void **state)
{
    struct bits_answer answer = {
        .type = BITS_PACKET_CREATE_SESSION,
        .outcome = bits_cause_outcome(BITS_CAUSE_OK),
        .session_id = TEXT(GUID),
        .host_id = TEXT("node7.example"),
        .host_id_fallback_timeout = 86400,
    };

    (void)state;
    assert_lines(answer,
                 "BITS-Packet-Type: Ack\n"
                 "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\n"
                 "BITS-Session-Id: " GUID "\n"
                 "Content-Length: 0\n"
                 "Accept-Encoding: identity\n"
                 "BITS-Host-Id: node7.example\n"
                 "BITS-Host-Id-Fallback-Timeout: 86400\n");

    answer.host_id_fallback_timeout = 0;
    assert_lines(answer,
                 "BITS-Packet-Type: Ack\n"
                 "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\n"
                 "BITS-Session-Id: " GUID "\n"
                 "Content-Length: 0\n"
                 "Accept-Encoding: identity\n"
                 "BITS-Host-Id: node7.example\n");
}

static void a_fallback_without_a_host_is_left_out(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_CREATE_SESSION,
                             .outcome = bits_cause_outcome(BITS_CAUSE_OK),
                             .session_id = TEXT(GUID),
                             .host_id_fallback_timeout = 86400},
        "BITS-Packet-Type: Ack\n"
        "BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\n"
        "BITS-Session-Id: " GUID "\n"
        "Content-Length: 0\n"
        "Accept-Encoding: identity\n");
}

/* [MC-BUP 2.2.3.2] */
static void a_failed_create_has_neither_protocol_nor_session(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_CREATE_SESSION,
                             .outcome = {.cause = BITS_CAUSE_OWN,
                                         .status = 403,
                                         .hresult = BITS_HR_ACCESS_DENIED,
                                         .context = BITS_CONTEXT_SERVER},
                             .sentence = TEXT("it exists; remove it"),
                             .session_id = TEXT(GUID),
                             .host_id = TEXT("node7.example"),
                             .host_id_fallback_timeout = 86400},
        "BITS-Packet-Type: Ack\n"
        "BITS-Error-Code: 0x80070005\n"
        "BITS-Error-Context: 0x5\n"
        "Content-Length: 0\n"
        "BITS-Error-Text: it exists; remove it\n");
}

/* [MC-BUP 2.2.7.2] */
static void a_fragment_is_told_the_next_offset(void **state)
{
    static const struct {
        uint64_t next;
        const char *lines;
    } rows[] = {
        {0, "BITS-Packet-Type: Ack\nBITS-Session-Id: " GUID
            "\nContent-Length: 0\nBITS-Received-Content-Range: 0\n"},
        {7, "BITS-Packet-Type: Ack\nBITS-Session-Id: " GUID
            "\nContent-Length: 0\nBITS-Received-Content-Range: 7\n"},
        {(uint64_t)1 << 32,
         "BITS-Packet-Type: Ack\nBITS-Session-Id: " GUID
         "\nContent-Length: 0\nBITS-Received-Content-Range: 4294967296\n"},
        {UINT64_MAX,
         "BITS-Packet-Type: Ack\nBITS-Session-Id: " GUID "\nContent-Length: 0\n"
         "BITS-Received-Content-Range: 18446744073709551615\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_lines(
            (struct bits_answer){.type = BITS_PACKET_FRAGMENT,
                                 .outcome = bits_cause_outcome(BITS_CAUSE_OK),
                                 .session_id = TEXT(GUID),
                                 .has_next = true,
                                 .next = rows[i].next},
            rows[i].lines);
    }
}

static void statuses_that_say_it_all_have_no_error_headers(void **state)
{
    static const enum bits_cause rows[] = {
        BITS_CAUSE_RANGE_GAP,
        BITS_CAUSE_FRAGMENT_TOO_LARGE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_lines(
            (struct bits_answer){.type = BITS_PACKET_FRAGMENT,
                                 .outcome = bits_cause_outcome(rows[i]),
                                 .session_id = TEXT(GUID),
                                 .has_next = true,
                                 .next = 7},
            "BITS-Packet-Type: Ack\n"
            "BITS-Session-Id: " GUID "\n"
            "Content-Length: 0\n"
            "BITS-Received-Content-Range: 7\n");
    }
}

/* Its status, code and context are data. */
static void forwards_the_answer_of_an_application(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_FRAGMENT,
                             .outcome = {.cause = BITS_CAUSE_OWN,
                                         .status = 409,
                                         .hresult = 0x80190199,
                                         .context = BITS_CONTEXT_APPLICATION,
                                         .retry_after = 30},
                             .sentence = TEXT("the application refused"),
                             .session_id = TEXT(GUID)},
        "BITS-Packet-Type: Ack\n"
        "BITS-Session-Id: " GUID "\n"
        "BITS-Error-Code: 0x80190199\n"
        "BITS-Error-Context: 0x7\n"
        "Retry-After: 30\n"
        "Content-Length: 0\n"
        "BITS-Error-Text: the application refused\n");
}

static void errors_stand_behind_the_session(void **state)
{
    (void)state;
    assert_lines((struct bits_answer){.type = BITS_PACKET_CANCEL_SESSION,
                                      .outcome = bits_cause_outcome(
                                          BITS_CAUSE_SESSION_UNKNOWN),
                                      .session_id = TEXT("any-id")},
                 "BITS-Packet-Type: Ack\n"
                 "BITS-Session-Id: any-id\n"
                 "BITS-Error-Code: 0x8020001F\n"
                 "BITS-Error-Context: 0x5\n"
                 "Content-Length: 0\n"
                 "BITS-Error-Text: no such session; it ended, expired or was "
                 "never made here, and the client starts over\n");
}

static void a_missing_session_id_is_not_echoed(void **state)
{
    (void)state;
    assert_lines((struct bits_answer){.type = BITS_PACKET_CLOSE_SESSION,
                                      .outcome = bits_cause_outcome(
                                          BITS_CAUSE_SESSION_ID_MISSING)},
                 "BITS-Packet-Type: Ack\n"
                 "BITS-Error-Code: 0x80070057\n"
                 "BITS-Error-Context: 0x5\n"
                 "Content-Length: 0\n"
                 "BITS-Error-Text: the packet needs BITS-Session-Id\n");
}

/* D-55 */
static void an_error_names_the_fault_and_stays_in_its_limit(void **state)
{
    char fault[400];
    struct lines lines = {.size = 0};
    struct bits_answer answer = {
        .type = BITS_PACKET_CREATE_SESSION,
        .outcome = bits_cause_outcome(BITS_CAUSE_TARGET_CHARACTER),
        .fault = TEXT("%5C")};
    const char *text;

    (void)state;
    assert_lines(answer, "BITS-Packet-Type: Ack\n"
                         "BITS-Error-Code: 0x80070005\n"
                         "BITS-Error-Context: 0x5\n"
                         "Content-Length: 0\n"
                         "BITS-Error-Text: a name in the URL contains a "
                         "character that is not allowed: %5C; rename the "
                         "file\n");
    memset(fault, 'f', sizeof(fault));
    answer.fault = (struct bits_text){fault, sizeof(fault)};
    bits_answer_fields(&answer, add_line, &lines);
    text = strstr(lines.data, "BITS-Error-Text: ");
    assert_non_null(text);
    assert_int_equal(strlen(text),
                     strlen("BITS-Error-Text: ") + BITS_ERROR_TEXT_MAX + 1);
}

/* A caller's text may come from a peer. */
static void an_error_is_one_line_of_ascii(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_PING,
                             .outcome = bits_cause_outcome(BITS_CAUSE_INTERNAL),
                             .sentence =
                                 TEXT("no\r\nX: y\x01; r\xc3\xa9try\x7f"),
                             .fault = TEXT("a\tb")},
        "BITS-Packet-Type: Ack\n"
        "BITS-Error-Code: 0x80004005\n"
        "BITS-Error-Context: 0x5\n"
        "Content-Length: 0\n"
        "BITS-Error-Text: no??X: y?: a?b; r??try?\n");
}

/* [MC-BUP 2.2.9, 2.2.11] */
static void a_close_repeats_the_session(void **state)
{
    (void)state;
    assert_lines(
        (struct bits_answer){.type = BITS_PACKET_CLOSE_SESSION,
                             .outcome = bits_cause_outcome(BITS_CAUSE_OK),
                             .session_id = TEXT(GUID)},
        "BITS-Packet-Type: Ack\n"
        "BITS-Session-Id: " GUID "\n"
        "Content-Length: 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_is_answered_without_a_session),
        cmocka_unit_test(a_create_names_protocol_and_session),
        cmocka_unit_test(a_create_in_a_farm_names_the_host),
        cmocka_unit_test(a_fallback_without_a_host_is_left_out),
        cmocka_unit_test(a_failed_create_has_neither_protocol_nor_session),
        cmocka_unit_test(a_fragment_is_told_the_next_offset),
        cmocka_unit_test(statuses_that_say_it_all_have_no_error_headers),
        cmocka_unit_test(forwards_the_answer_of_an_application),
        cmocka_unit_test(errors_stand_behind_the_session),
        cmocka_unit_test(a_missing_session_id_is_not_echoed),
        cmocka_unit_test(an_error_names_the_fault_and_stays_in_its_limit),
        cmocka_unit_test(an_error_is_one_line_of_ascii),
        cmocka_unit_test(a_close_repeats_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
