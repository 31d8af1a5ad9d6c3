/*
 * http1/meaning.c: see meaning.h.
 *
 * If two programs read one head differently, an attacker can make them disagree
 * about where the next request begins.  So each field that determines the
 * framing or the host may appear once and in one spelling only.
 */
#include "http1/meaning.h"

#include <string.h>

#include "base/text.h"
#include "http1/field.h"

/* The fields seen so far. */
struct tally {
    struct http1_head *head;
    bool has_host;
    bool has_length;
    bool has_coding;
    bool close;
    bool keep_alive;
    bool expects_other;
};

/* A byte of uri-host and port [RFC 3986 3.2.2], except the comma, which would
 * make a list of the value. */
static bool is_host_byte(char c)
{
    static const char marks[] = "-._~%!$&'()*+;=:[]";
    char lower = text_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           memchr(marks, c, sizeof(marks) - 1);
}

/* NULL, or what is wrong with it. */
static const char *host_fault(struct bits_text value)
{
    if (value.len > HTTP1_HOST_MAX) {
        return "Host is longer than 261 bytes";
    }
    for (size_t i = 0; i < value.len; i++) {
        if (!is_host_byte(value.ptr[i])) {
            return "Host is not a host and port";
        }
    }
    return NULL;
}

bool http1_is_host(struct bits_text text)
{
    return text.len > 0 && !host_fault(text);
}

static bool read_host(struct tally *tally, struct bits_text value,
                      struct http1_offence *ret_offence)
{
    const char *fault = host_fault(value);

    if (tally->has_host) {
        return http1_offend(ret_offence, 400, "there are two Host fields");
    }
    if (fault) {
        return http1_offend(ret_offence, 400, fault);
    }
    tally->has_host = true;
    tally->head->host = value;
    return true;
}

static bool read_length(struct tally *tally, struct bits_text value,
                        struct http1_offence *ret_offence)
{
    struct http1_head *head = tally->head;

    if (tally->has_length ||
        (value.len > 0 && memchr(value.ptr, ',', value.len))) {
        return http1_offend(ret_offence, 400, "there are two Content-Lengths");
    }
    tally->has_length = true;
    head->framing = text_to_u64(value, &head->content_length)
                        ? BITS_FRAMING_LENGTH
                        : BITS_FRAMING_MALFORMED;
    return true;
}

static bool read_coding(struct tally *tally, struct bits_text value,
                        struct http1_offence *ret_offence)
{
    if (tally->head->minor == 0) {
        return http1_offend(ret_offence, 400,
                            "HTTP/1.0 has no Transfer-Encoding");
    }
    if (tally->has_coding || !text_equal_nocase(value, TEXT("chunked"))) {
        return http1_offend(ret_offence, 400,
                            "Transfer-Encoding is not exactly chunked");
    }
    tally->has_coding = true;
    tally->head->framing = BITS_FRAMING_CHUNKED;
    return true;
}

static void read_connection(struct tally *tally, struct bits_text value)
{
    struct bits_text option;

    while (text_take_item(&value, &option)) {
        if (text_equal_nocase(option, TEXT("close"))) {
            tally->close = true;
        } else if (text_equal_nocase(option, TEXT("keep-alive"))) {
            tally->keep_alive = true;
        }
    }
}

static void read_expect(struct tally *tally, struct bits_text value)
{
    struct bits_text expectation;

    while (text_take_item(&value, &expectation)) {
        if (!text_equal_nocase(expectation, TEXT("100-continue"))) {
            tally->expects_other = true;
        } else if (tally->head->minor >= 1) {
            /* An HTTP/1.0 client does not know status 100 (D-46). */
            tally->head->expect_continue = true;
        }
    }
}

static bool read_field(struct tally *tally, struct bits_text name,
                       struct bits_text value,
                       struct http1_offence *ret_offence)
{
    if (text_equal_nocase(name, TEXT("Host"))) {
        return read_host(tally, value, ret_offence);
    }
    if (text_equal_nocase(name, TEXT("Content-Length"))) {
        return read_length(tally, value, ret_offence);
    }
    if (text_equal_nocase(name, TEXT("Transfer-Encoding"))) {
        return read_coding(tally, value, ret_offence);
    }
    if (text_equal_nocase(name, TEXT("Connection"))) {
        read_connection(tally, value);
    } else if (text_equal_nocase(name, TEXT("Expect"))) {
        read_expect(tally, value);
    }
    return true;
}

/* Checks that need all fields. */
static bool conclude(const struct tally *tally,
                     struct http1_offence *ret_offence)
{
    struct http1_head *head = tally->head;

    if (tally->has_length && tally->has_coding) {
        return http1_offend(ret_offence, 400,
                            "there are Content-Length and Transfer-Encoding");
    }
    if (!tally->has_host && head->minor >= 1) {
        return http1_offend(ret_offence, 400, "there is no Host field");
    }
    if (tally->expects_other) {
        return http1_offend(ret_offence, 417,
                            "Expect is not exactly 100-continue");
    }
    head->keep_alive = !tally->close && (head->minor >= 1 || tally->keep_alive);
    return true;
}

bool http1_read_meaning(struct http1_head *head,
                        struct http1_offence *ret_offence)
{
    struct tally tally = {.head = head};
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (!read_field(&tally, name, value, ret_offence)) {
            return false;
        }
    }
    return conclude(&tally, ret_offence);
}
