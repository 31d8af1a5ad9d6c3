/*
 * http1_response_test.c: the bytes of response heads, and what must not get
 * into one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "cause/cause.h"
#include "http1/response.h"

static void expect_bytes(const struct http1_response *response,
                         struct bits_text wanted)
{
    assert_true(http1_response_fits(response));
    assert_int_equal(response->size, wanted.len);
    assert_memory_equal(response->data, wanted.ptr, wanted.len);
}

static char room[512];

static void start(struct http1_response *response, unsigned status)
{
    http1_response_init(response, room, sizeof(room));
    http1_response_start(response, status);
}

static void a_response_is_written_line_by_line(void **state)
{
    struct http1_response response;

    (void)state;
    start(&response, 416);
    http1_response_field(&response, "BITS-Packet-Type", TEXT("Ack"));
    http1_response_field(&response, "X-Empty", (struct bits_text){NULL, 0});
    http1_response_end(&response);
    expect_bytes(&response,
                 TEXT("HTTP/1.1 416 Requested Range Not Satisfiable\r\n"
                      "BITS-Packet-Type: Ack\r\nX-Empty: \r\n\r\n"));
    start(&response, 100);
    http1_response_end(&response);
    expect_bytes(&response, TEXT("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void a_sentence_becomes_a_counted_body(void **state)
{
    struct http1_response response;

    (void)state;
    start(&response, 405);
    http1_response_field(&response, "Allow", TEXT("BITS_POST"));
    http1_response_end_with_text(&response, "Use BITS_POST.");
    expect_bytes(&response,
                 TEXT("HTTP/1.1 405 Method Not Allowed\r\nAllow: BITS_POST\r\n"
                      "Content-Type: text/plain\r\nContent-Length: 15\r\n\r\n"
                      "Use BITS_POST.\n"));
}

static void a_value_that_would_split_the_response_is_left_out(void **state)
{
    static const struct bits_text values[] = {
        TEXT_INIT("a\r\nX: y"),
        TEXT_INIT("a\n"),
        TEXT_INIT("\r"),
        TEXT_INIT("a\0b"),
    };
    struct http1_response response;

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        start(&response, 200);
        http1_response_field(&response, "BITS-Session-Id", values[i]);
        http1_response_end(&response);
        expect_bytes(&response, TEXT("HTTP/1.1 200 OK\r\n\r\n"));
    }
}

/* "HTTP/1.1 200 OK\r\n", "X: " and the line end of the field. */
#define AROUND_VALUE (17 + 3 + 2)

static void write_value(struct http1_response *response, size_t size)
{
    static char value[4096];

    memset(value, 'v', sizeof(value));
    start(response, 200);
    http1_response_field(response, "X", (struct bits_text){value, size});
}

static void bytes_that_do_not_fit_are_counted(void **state)
{
    struct http1_response response;

    (void)state;
    write_value(&response, sizeof(room) - AROUND_VALUE);
    assert_true(http1_response_fits(&response));
    assert_int_equal(response.size, sizeof(room));
    http1_response_end(&response);
    assert_false(http1_response_fits(&response));
    assert_int_equal(response.size, sizeof(room) + 2);

    write_value(&response, sizeof(room) - AROUND_VALUE + 1);
    assert_false(http1_response_fits(&response));

    /* What comes behind it would fit, and is counted all the same. */
    write_value(&response, 4000);
    http1_response_end(&response);
    assert_false(http1_response_fits(&response));
    assert_int_equal(response.size, AROUND_VALUE + 4000 + 2);
}

static void statuses_have_their_phrases(void **state)
{
    (void)state;
    assert_string_equal(http1_reason(200), "OK");
    assert_string_equal(http1_reason(400), "Bad Request");
    assert_string_equal(http1_reason(414), "Request-URI Too Long");
    assert_string_equal(http1_reason(505), "HTTP Version Not Supported");
    assert_string_equal(http1_reason(299), "Unknown");
    assert_string_equal(http1_reason(0), "Unknown");
}

static void assert_phrase(enum bits_cause cause)
{
    if (strcmp(http1_reason(cause_status(cause)), "Unknown") == 0) {
        fail_msg("http1/statuses.def lacks %u, the status of %s",
                 cause_status(cause), cause_name(cause));
    }
}

static void each_cause_has_a_status_with_a_phrase(void **state)
{
    (void)state;
    for (int i = 0; i < BITS_CAUSE_COUNT; i++) {
        assert_phrase((enum bits_cause)i);
    }
    for (int i = BITS_CAUSE_OWN; i < CAUSE_BEHIND_LAST; i++) {
        assert_phrase((enum bits_cause)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_is_written_line_by_line),
        cmocka_unit_test(a_sentence_becomes_a_counted_body),
        cmocka_unit_test(a_value_that_would_split_the_response_is_left_out),
        cmocka_unit_test(bytes_that_do_not_fit_are_counted),
        cmocka_unit_test(statuses_have_their_phrases),
        cmocka_unit_test(each_cause_has_a_status_with_a_phrase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
