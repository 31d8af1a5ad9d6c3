/*
 * packet_test.c: the form of packets, rules V5 to V9 and their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openbits/packet.h>

#include "base/text.h"

#define GUID "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}"
#define OFFER "{7df0354d-249b-430f-820d-3d2a9bef4931}"
#define OTHER "{00000000-0000-0000-0000-000000000001}"

#define TYPE(type) "BITS-Packet-Type", type
#define SESSION "BITS-Session-Id", GUID
#define RANGE "Content-Range", "bytes 0-6/12"
#define PROTOCOLS "BITS-Supported-Protocols", OFFER

/* How the body of a request is framed. */
struct body {
    enum bits_framing framing;
    uint64_t content_length;
};

static const struct body no_body = {BITS_FRAMING_NONE, 0};
static const struct body empty_body = {BITS_FRAMING_LENGTH, 0};
static const struct body seven_bytes = {BITS_FRAMING_LENGTH, 7};
static const struct body chunks = {BITS_FRAMING_CHUNKED, 0};
static const struct body bad_length = {BITS_FRAMING_MALFORMED, 0};

/* A request: names and values in turn, up to a NULL. */
#define FIELDS_MAX 16
struct request {
    const char *fields[FIELDS_MAX];
    const struct body *body;
    enum bits_cause cause;
};

static enum bits_cause read_request(const struct request *request,
                                    struct bits_packet *ret_packet)
{
    struct bits_packet_reader reader;

    bits_packet_reader_init(&reader);
    for (size_t i = 0; request->fields[i]; i += 2) {
        bits_packet_reader_field(&reader, text_of(request->fields[i]),
                                 text_of(request->fields[i + 1]));
    }
    bits_packet_reader_body(&reader, request->body->framing,
                            request->body->content_length);
    return bits_packet_reader_end(&reader, ret_packet);
}

static void check_requests(const struct request *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bits_packet packet;

        assert_int_equal(read_request(&rows[i], &packet), rows[i].cause);
    }
}

#define CHECK_REQUESTS(rows)                                                   \
    check_requests(rows, sizeof(rows) / sizeof(rows[0]))

/* [MC-BUP 2.2.1.2, 4.1] */
static void types_are_known_in_any_case(void **state)
{
    static const struct {
        const char *text;
        enum bits_packet_type type;
    } rows[] = {
        {"Ping", BITS_PACKET_PING},
        {"PING", BITS_PACKET_PING},
        {"Create-Session", BITS_PACKET_CREATE_SESSION},
        {"CREATE-SESSION", BITS_PACKET_CREATE_SESSION},
        {"fragment", BITS_PACKET_FRAGMENT},
        {"Close-Session", BITS_PACKET_CLOSE_SESSION},
        {"cAnCeL-sEsSiOn", BITS_PACKET_CANCEL_SESSION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum bits_packet_type type;

        assert_true(bits_packet_type_parse(text_of(rows[i].text), &type));
        assert_int_equal(type, rows[i].type);
    }
    assert_string_equal(bits_packet_type_name(BITS_PACKET_PING), "Ping");
    assert_string_equal(bits_packet_type_name(BITS_PACKET_CREATE_SESSION),
                        "Create-Session");
    assert_string_equal(bits_packet_type_name(BITS_PACKET_FRAGMENT),
                        "Fragment");
    assert_string_equal(bits_packet_type_name(BITS_PACKET_CLOSE_SESSION),
                        "Close-Session");
    assert_string_equal(bits_packet_type_name(BITS_PACKET_CANCEL_SESSION),
                        "Cancel-Session");
    assert_string_equal(bits_packet_type_name((enum bits_packet_type)99),
                        "unknown");
}

/* [MC-BUP 2.2.2, 2.2.4, 2.2.6, 2.2.8, 2.2.10] */
static void every_packet_of_the_protocol_is_read(void **state)
{
    const struct request rows[] = {
        {{TYPE("Ping"), NULL}, &empty_body, BITS_CAUSE_OK},
        {{TYPE("Ping"), SESSION, NULL}, &empty_body, BITS_CAUSE_OK},
        {{TYPE("Create-Session"), PROTOCOLS, NULL}, &empty_body, BITS_CAUSE_OK},
        {{TYPE("Fragment"), SESSION, RANGE, NULL}, &seven_bytes, BITS_CAUSE_OK},
        {{TYPE("Close-Session"), SESSION, NULL}, &empty_body, BITS_CAUSE_OK},
        {{TYPE("Cancel-Session"), SESSION, NULL}, &empty_body, BITS_CAUSE_OK},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

static void a_fragment_is_read_whole(void **state)
{
    const struct request request = {
        {"accept", "*/*", "bits-packet-type", "Fragment", "BITS-SESSION-ID",
         "{5b0c3c1e-77a4-4e0b-9c2f-0d6d4b1a9e10}", "Content-Name", "hello.txt",
         "content-RANGE", "bytes 0-6/12", "Content-Length", "7", NULL},
        &seven_bytes,
        BITS_CAUSE_OK};
    struct bits_packet packet;
    struct bits_guid guid;

    (void)state;
    assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
    assert_int_equal(packet.type, BITS_PACKET_FRAGMENT);
    assert_int_equal(packet.framing, BITS_FRAMING_LENGTH);
    assert_int_equal(packet.content_length, 7);
    assert_true(text_equal(packet.session_id,
                           TEXT("{5b0c3c1e-77a4-4e0b-9c2f-0d6d4b1a9e10}")));
    assert_true(packet.session_is_guid);
    assert_true(bits_guid_parse(TEXT(GUID), &guid));
    assert_true(bits_guid_equal(&packet.session, &guid));
    assert_int_equal(packet.range_form, BITS_RANGE_FORM_BYTES);
    assert_int_equal(packet.range.first, 0);
    assert_int_equal(packet.range.last, 6);
    assert_int_equal(packet.range.total, 12);
    assert_false(packet.content_coded);
}

/* A3 [MC-BUP 2.2] */
static void unknown_fields_are_ignored(void **state)
{
    const struct request rows[] = {
        {{"X-Packet", "Fragment", TYPE("Ping"), "BITS-Later", "1", "BITS-Later",
          "2", NULL},
         &empty_body,
         BITS_CAUSE_OK},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

static void reading_accepts_a_malformed_range(void **state)
{
    const struct request request = {
        {TYPE("Fragment"), SESSION, "Content-Range", "bytes 9-8/10", NULL},
        &seven_bytes,
        BITS_CAUSE_OK};
    struct bits_packet packet;

    (void)state;
    assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
    assert_int_equal(packet.range_form, BITS_RANGE_FORM_MALFORMED);
}

/* [MC-BUP 2.2.1.2] */
static void v5_values_may_have_4096_bytes(void **state)
{
    static const struct {
        const char *name;
        size_t size;
        enum bits_cause cause;
    } rows[] = {
        {"Content-Name", 4096, BITS_CAUSE_OK},
        {"Content-Name", 4097, BITS_CAUSE_HEADER_TOO_LONG},
        {"content-whatever", 4097, BITS_CAUSE_HEADER_TOO_LONG},
        {"Content-Length", 4097, BITS_CAUSE_HEADER_TOO_LONG},
        {"BITS-Unknown", 4096, BITS_CAUSE_OK},
        {"bits-unknown", 4097, BITS_CAUSE_HEADER_TOO_LONG},
        {"Authorization", 60000, BITS_CAUSE_OK},
        {"X-BITS-Session-Id", 4097, BITS_CAUSE_OK},
    };
    static char value[60000];

    (void)state;
    memset(value, 'x', sizeof(value));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bits_packet_reader reader;
        struct bits_packet packet;

        bits_packet_reader_init(&reader);
        bits_packet_reader_field(&reader, text_of(rows[i].name),
                                 (struct bits_text){value, rows[i].size});
        bits_packet_reader_field(&reader, TEXT("BITS-Packet-Type"),
                                 TEXT("Ping"));
        assert_int_equal(bits_packet_reader_end(&reader, &packet),
                         rows[i].cause);
    }
}

static void v6_the_type_must_be_there_and_known(void **state)
{
    const struct request rows[] = {
        {{NULL}, &no_body, BITS_CAUSE_PACKET_TYPE_MISSING},
        {{SESSION, RANGE, NULL}, &seven_bytes, BITS_CAUSE_PACKET_TYPE_MISSING},
        {{TYPE(""), NULL}, &empty_body, BITS_CAUSE_PACKET_TYPE_MISSING},
        {{TYPE("Ack"), NULL}, &empty_body, BITS_CAUSE_PACKET_TYPE_UNKNOWN},
        {{TYPE("Pingg"), NULL}, &empty_body, BITS_CAUSE_PACKET_TYPE_UNKNOWN},
        {{TYPE("Pin"), NULL}, &empty_body, BITS_CAUSE_PACKET_TYPE_UNKNOWN},
        {{TYPE("Create"), NULL}, &empty_body, BITS_CAUSE_PACKET_TYPE_UNKNOWN},
        {{"BITS-Package-Type", "Ping", NULL},
         &empty_body,
         BITS_CAUSE_PACKET_TYPE_MISSING},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

/* [MC-BUP 3.2.5.2.3] */
static void v7_only_a_fragment_needs_a_length(void **state)
{
    const struct request rows[] = {
        {{TYPE("Ping"), NULL}, &no_body, BITS_CAUSE_OK},
        {{TYPE("Create-Session"), PROTOCOLS, NULL}, &no_body, BITS_CAUSE_OK},
        {{TYPE("Close-Session"), SESSION, NULL}, &no_body, BITS_CAUSE_OK},
        {{TYPE("Cancel-Session"), SESSION, NULL}, &no_body, BITS_CAUSE_OK},
        {{TYPE("Fragment"), SESSION, RANGE, NULL},
         &no_body,
         BITS_CAUSE_LENGTH_MISSING},
        {{TYPE("Fragment"), SESSION, RANGE, NULL}, &chunks, BITS_CAUSE_OK},
        {{TYPE("Ping"), NULL}, &chunks, BITS_CAUSE_OK},
        {{TYPE("Ping"), NULL}, &bad_length, BITS_CAUSE_LENGTH_MALFORMED},
        {{TYPE("Fragment"), SESSION, RANGE, NULL},
         &bad_length,
         BITS_CAUSE_LENGTH_MALFORMED},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

/* [MC-BUP 2.2.1.1] */
static void v7_a_length_counts_only_if_it_frames_the_body(void **state)
{
    static const struct body chunks_and_seven = {BITS_FRAMING_CHUNKED, 7};
    const struct request request = {
        {TYPE("Ping"), NULL}, &chunks_and_seven, BITS_CAUSE_OK};
    struct bits_packet packet;

    (void)state;
    assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
    assert_int_equal(packet.content_length, 0);
}

/* [MC-BUP 2.2.2.1, 2.2.4.1, 2.2.8.1, 2.2.10.1] */
static void v8_only_a_fragment_has_a_body(void **state)
{
    const struct request rows[] = {
        {{TYPE("Ping"), NULL}, &seven_bytes, BITS_CAUSE_BODY_UNEXPECTED},
        {{TYPE("Create-Session"), PROTOCOLS, NULL},
         &seven_bytes,
         BITS_CAUSE_BODY_UNEXPECTED},
        {{TYPE("Close-Session"), SESSION, NULL},
         &seven_bytes,
         BITS_CAUSE_BODY_UNEXPECTED},
        {{TYPE("Cancel-Session"), SESSION, NULL},
         &seven_bytes,
         BITS_CAUSE_BODY_UNEXPECTED},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

/* [MC-BUP 2.2.1.2, 2.2.2.2, 2.2.6.1] */
static void v9_mandatory_headers_must_be_there(void **state)
{
    const struct request rows[] = {
        {{TYPE("Create-Session"), NULL},
         &empty_body,
         BITS_CAUSE_PROTOCOLS_MISSING},
        {{TYPE("Create-Session"), "BITS-Supported-Protocols", "", NULL},
         &empty_body,
         BITS_CAUSE_PROTOCOLS_MISSING},
        {{TYPE("Create-Session"), "BITS-Supported-Protocols", " , ", NULL},
         &empty_body,
         BITS_CAUSE_PROTOCOLS_MISSING},
        {{TYPE("Fragment"), RANGE, NULL},
         &seven_bytes,
         BITS_CAUSE_SESSION_ID_MISSING},
        {{TYPE("Fragment"), "BITS-Session-Id", "", RANGE, NULL},
         &seven_bytes,
         BITS_CAUSE_SESSION_ID_MISSING},
        {{TYPE("Fragment"), SESSION, NULL},
         &seven_bytes,
         BITS_CAUSE_RANGE_MISSING},
        {{TYPE("Fragment"), SESSION, "Content-Range", "", NULL},
         &seven_bytes,
         BITS_CAUSE_RANGE_MISSING},
        {{TYPE("Close-Session"), NULL},
         &empty_body,
         BITS_CAUSE_SESSION_ID_MISSING},
        {{TYPE("Cancel-Session"), NULL},
         &empty_body,
         BITS_CAUSE_SESSION_ID_MISSING},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

static void v9_single_headers_may_not_be_repeated_even_if_equal(void **state)
{
    const struct request rows[] = {
        {{TYPE("Ping"), TYPE("Ping"), NULL},
         &no_body,
         BITS_CAUSE_HEADER_REPEATED},
        {{TYPE("Ping"), TYPE("Create-Session"), NULL},
         &no_body,
         BITS_CAUSE_HEADER_REPEATED},
        {{TYPE("Close-Session"), SESSION, SESSION, NULL},
         &no_body,
         BITS_CAUSE_HEADER_REPEATED},
        {{TYPE("Close-Session"), "BITS-Session-Id", "", SESSION, NULL},
         &no_body,
         BITS_CAUSE_HEADER_REPEATED},
        {{TYPE("Fragment"), SESSION, RANGE, "content-range", "bytes 0-6/12",
          NULL},
         &seven_bytes,
         BITS_CAUSE_HEADER_REPEATED},
        {{TYPE("Ping"), "Content-Name", "a", "Content-Name", "a", NULL},
         &no_body,
         BITS_CAUSE_HEADER_REPEATED},
        /* Lists, framing and what the protocol does not know may be. */
        {{TYPE("Create-Session"), PROTOCOLS, PROTOCOLS, NULL},
         &no_body,
         BITS_CAUSE_OK},
        {{TYPE("Fragment"), SESSION, RANGE, "Content-Encoding", "identity",
          "Content-Encoding", "Identity", NULL},
         &seven_bytes,
         BITS_CAUSE_OK},
        {{TYPE("Ping"), "Content-Length", "0", "Content-Length", "0", NULL},
         &empty_body,
         BITS_CAUSE_OK},
        {{TYPE("Ping"), "BITS-Other", "a", "BITS-Other", "b", NULL},
         &no_body,
         BITS_CAUSE_OK},
    };

    (void)state;
    CHECK_REQUESTS(rows);
}

/* Each row breaks every rule from one on: the first of them answers. */
static void v5_to_v9_are_asked_in_their_order(void **state)
{
    static char value[BITS_FIELD_VALUE_MAX + 2];
    const struct request rows[] = {
        {{TYPE("Nothing"), TYPE("Nothing"), "Content-Name", value, NULL},
         &bad_length,
         BITS_CAUSE_HEADER_TOO_LONG},
        {{TYPE("Nothing"), TYPE("Nothing"), NULL},
         &bad_length,
         BITS_CAUSE_PACKET_TYPE_UNKNOWN},
        {{TYPE("Fragment"), TYPE("Fragment"), NULL},
         &no_body,
         BITS_CAUSE_LENGTH_MISSING},
        {{TYPE("Close-Session"), TYPE("Ping"), NULL},
         &seven_bytes,
         BITS_CAUSE_BODY_UNEXPECTED},
        {{TYPE("Close-Session"), NULL},
         &no_body,
         BITS_CAUSE_SESSION_ID_MISSING},
    };

    (void)state;
    memset(value, 'x', sizeof(value) - 1);
    CHECK_REQUESTS(rows);
}

/* [MC-BUP 2.2.2.2] */
static void offers_are_found_in_lists_of_any_spelling(void **state)
{
    static const struct {
        const char *value;
        bool known;
    } rows[] = {
        {OFFER, true},
        {"{7DF0354D-249B-430F-820D-3D2A9BEF4931}", true},
        {OTHER " " OFFER, true},
        {OTHER "," OFFER, true},
        {OTHER ", " OFFER, true},
        {OTHER "\t" OFFER, true},
        {OTHER " ,\t, " OFFER " ,", true},
        {OFFER OTHER, false},
        {"rubbish " OFFER, true},
        {"rubbish", false},
        {OTHER, false},
        {"7df0354d-249b-430f-820d-3d2a9bef4931", false},
        {OTHER ";" OFFER, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct request request = {{TYPE("Create-Session"),
                                         "BITS-Supported-Protocols",
                                         rows[i].value, NULL},
                                        &no_body,
                                        BITS_CAUSE_OK};
        struct bits_packet packet;

        assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
        assert_int_equal(packet.protocol_known, rows[i].known);
    }
}

/* Is the protocol known when `before` lines of other entries precede it? */
static bool is_known_behind(size_t before, struct bits_text entry)
{
    struct bits_packet_reader reader;
    struct bits_packet packet;

    bits_packet_reader_init(&reader);
    bits_packet_reader_field(&reader, TEXT("BITS-Packet-Type"),
                             TEXT("Create-Session"));
    for (size_t i = 0; i < before; i++) {
        bits_packet_reader_field(&reader, TEXT("BITS-Supported-Protocols"),
                                 entry);
    }
    bits_packet_reader_field(&reader, TEXT("BITS-Supported-Protocols"),
                             TEXT(OFFER));
    assert_int_equal(bits_packet_reader_end(&reader, &packet), BITS_CAUSE_OK);
    return packet.protocol_known;
}

/* [MC-BUP Appendix A, note 6] */
static void the_first_100_offers_count_across_lines(void **state)
{
    (void)state;
    assert_true(is_known_behind(0, TEXT(OTHER)));
    assert_true(is_known_behind(99, TEXT(OTHER)));
    assert_false(is_known_behind(100, TEXT(OTHER)));
    assert_true(is_known_behind(99, TEXT("x")));
    assert_false(is_known_behind(100, TEXT("x")));
    assert_true(is_known_behind(49, TEXT("x y")));
    assert_false(is_known_behind(50, TEXT("x y")));
}

/* [MC-BUP 2.2.6.1] */
static void identity_is_the_only_accepted_coding(void **state)
{
    static const struct {
        const char *value;
        bool coded;
    } rows[] = {
        {"identity", false}, {"IDENTITY", false},      {"", false},
        {"gzip", true},      {"identity, gzip", true}, {"identity2", true},
        {"identit", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct request request = {{TYPE("Fragment"), SESSION, RANGE,
                                         "Content-Encoding", rows[i].value,
                                         NULL},
                                        &seven_bytes,
                                        BITS_CAUSE_OK};
        struct bits_packet packet;

        assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
        assert_int_equal(packet.content_coded, rows[i].coded);
    }
}

static void session_ids_of_1_to_100_visible_characters_are_echoed(void **state)
{
    static char longest[BITS_SESSION_ID_MAX + 2];
    static const struct {
        const char *value;
        bool echoed;
        bool guid;
    } rows[] = {
        {GUID, true, true},
        {"x", true, false},
        {"5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10", true, false},
        {"!~", true, false},
        {"a b", false, false},
        {"a\tb", false, false},
        {"a\x7f", false, false},
        {"\xc3\xbc", false, false},
        {longest, true, false},
        {longest, false, false},
    };

    (void)state;
    memset(longest, 'x', BITS_SESSION_ID_MAX);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct request request = {
            {TYPE("Cancel-Session"), "BITS-Session-Id", rows[i].value, NULL},
            &no_body,
            BITS_CAUSE_OK};
        struct bits_packet packet;

        if (i == sizeof(rows) / sizeof(rows[0]) - 1) {
            longest[BITS_SESSION_ID_MAX] = 'x';
        }
        assert_int_equal(read_request(&request, &packet), BITS_CAUSE_OK);
        assert_int_equal(packet.session_is_guid, rows[i].guid);
        if (rows[i].echoed) {
            assert_true(text_equal(packet.session_id, text_of(rows[i].value)));
        } else {
            assert_int_equal(packet.session_id.len, 0);
        }
    }
}

static void a_refused_packet_tells_what_its_answer_needs(void **state)
{
    const struct request known = {
        {SESSION, TYPE("Close-Session"), NULL}, &seven_bytes, BITS_CAUSE_OK};
    const struct request unknown = {
        {SESSION, TYPE("Nothing"), NULL}, &no_body, BITS_CAUSE_OK};
    const struct request twice = {
        {TYPE("Close-Session"), SESSION, "BITS-Session-Id", OTHER, NULL},
        &no_body,
        BITS_CAUSE_OK};
    struct bits_packet packet;

    (void)state;
    assert_int_equal(read_request(&known, &packet), BITS_CAUSE_BODY_UNEXPECTED);
    assert_int_equal(packet.type, BITS_PACKET_CLOSE_SESSION);
    assert_true(text_equal(packet.session_id, TEXT(GUID)));

    assert_int_equal(read_request(&unknown, &packet),
                     BITS_CAUSE_PACKET_TYPE_UNKNOWN);
    assert_int_equal(packet.type, BITS_PACKET_PING);

    /* Of two ids neither is "the" id of the request. */
    assert_int_equal(read_request(&twice, &packet), BITS_CAUSE_HEADER_REPEATED);
    assert_int_equal(packet.session_id.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_known_in_any_case),
        cmocka_unit_test(every_packet_of_the_protocol_is_read),
        cmocka_unit_test(a_fragment_is_read_whole),
        cmocka_unit_test(unknown_fields_are_ignored),
        cmocka_unit_test(reading_accepts_a_malformed_range),
        cmocka_unit_test(v5_values_may_have_4096_bytes),
        cmocka_unit_test(v6_the_type_must_be_there_and_known),
        cmocka_unit_test(v7_only_a_fragment_needs_a_length),
        cmocka_unit_test(v7_a_length_counts_only_if_it_frames_the_body),
        cmocka_unit_test(v8_only_a_fragment_has_a_body),
        cmocka_unit_test(v9_mandatory_headers_must_be_there),
        cmocka_unit_test(v9_single_headers_may_not_be_repeated_even_if_equal),
        cmocka_unit_test(v5_to_v9_are_asked_in_their_order),
        cmocka_unit_test(offers_are_found_in_lists_of_any_spelling),
        cmocka_unit_test(the_first_100_offers_count_across_lines),
        cmocka_unit_test(identity_is_the_only_accepted_coding),
        cmocka_unit_test(session_ids_of_1_to_100_visible_characters_are_echoed),
        cmocka_unit_test(a_refused_packet_tells_what_its_answer_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
