/*
 * http1/line.c: see line.h.
 */
#include "http1/line.h"

#include "base/text.h"
#include "http1/bytes.h"

bool http1_offend(struct http1_offence *ret_offence, unsigned status,
                  const char *reason)
{
    *ret_offence = (struct http1_offence){status, reason};
    return false;
}

/* How a client begins that expects TLS. */
#define TLS_HANDSHAKE 0x16

bool http1_check_start(struct bits_text start,
                       struct http1_offence *ret_offence)
{
    if (start.len > 0 && start.ptr[0] == TLS_HANDSHAKE) {
        return http1_offend(ret_offence, 400,
                            "the client speaks TLS and this port does not; use "
                            "http://, or write tls behind its address in "
                            "listen");
    }
    for (size_t i = 0; i < start.len; i++) {
        if (start.ptr[i] == ' ' && i > 0) {
            return true;
        }
        if (!http1_is_token_byte(start.ptr[i])) {
            return http1_offend(ret_offence, 400,
                                "the request does not begin with a method "
                                "and a blank");
        }
        if (i == HTTP1_METHOD_MAX) {
            return http1_offend(ret_offence, 400, "the method is too long");
        }
    }
    return true;
}

/* Removes the line end. */
static bool strip_line_end(struct bits_text *line,
                           struct http1_offence *ret_offence)
{
    if (line->len < 2 || line->ptr[line->len - 2] != '\r') {
        return http1_offend(ret_offence, 400, "a line ends in a bare LF");
    }
    line->len -= 2;
    return true;
}

static bool check_target(struct bits_text target,
                         struct http1_offence *ret_offence)
{
    if (target.len > HTTP1_TARGET_MAX) {
        return http1_offend(ret_offence, 414,
                            "the request target is longer than 8 KiB");
    }
    if (target.len == 0) {
        return http1_offend(ret_offence, 400,
                            "the parts of the request line are not separated "
                            "by one blank each");
    }
    for (size_t i = 0; i < target.len; i++) {
        if (!http1_is_value_byte(target.ptr[i]) || target.ptr[i] == '\t') {
            return http1_offend(ret_offence, 400,
                                "the request target holds a control byte");
        }
    }
    return true;
}

static bool take_digit(struct bits_text *text, char *ret_digit)
{
    if (text->len == 0 || text->ptr[0] < '0' || text->ptr[0] > '9') {
        return false;
    }
    *ret_digit = text->ptr[0];
    return text_take_char(text, text->ptr[0]);
}

/* The rest after the target: HTTP-version, and nothing else. */
static bool read_version(struct bits_text version, unsigned *ret_minor,
                         struct http1_offence *ret_offence)
{
    const struct bits_text name = TEXT("HTTP/");
    struct bits_text start = {version.ptr, name.len};
    char major;
    char minor;

    if (version.len < name.len || !text_equal(start, name)) {
        return http1_offend(ret_offence, 400, "no HTTP version");
    }
    version.ptr += name.len;
    version.len -= name.len;
    if (!take_digit(&version, &major) || !text_take_char(&version, '.') ||
        !take_digit(&version, &minor) || version.len != 0) {
        return http1_offend(ret_offence, 400, "the HTTP version is malformed");
    }
    if (major != '1' || minor > '1') {
        return http1_offend(ret_offence, 505,
                            "the HTTP version is neither 1.0 nor 1.1");
    }
    *ret_minor = (unsigned)(minor - '0');
    return true;
}

bool http1_read_request_line(struct bits_text line, struct http1_head *ret_head,
                             struct http1_offence *ret_offence)
{
    if (line.len > HTTP1_REQUEST_LINE_MAX) {
        return http1_offend(ret_offence, 414, "the request line is too long");
    }
    if (!strip_line_end(&line, ret_offence)) {
        return false;
    }
    if (!text_take_until(&line, ' ', &ret_head->method) ||
        !text_take_until(&line, ' ', &ret_head->target)) {
        return http1_offend(ret_offence, 400,
                            "the request line has no three parts");
    }
    return check_target(ret_head->target, ret_offence) &&
           read_version(line, &ret_head->minor, ret_offence);
}

bool http1_check_field_line(struct bits_text line,
                            struct http1_offence *ret_offence)
{
    struct bits_text name;

    if (!strip_line_end(&line, ret_offence)) {
        return false;
    }
    if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t')) {
        return http1_offend(ret_offence, 400, "a field line is folded");
    }
    if (!text_take_until(&line, ':', &name)) {
        return http1_offend(ret_offence, 400, "a field line has no colon");
    }
    if (!http1_is_token(name)) {
        return http1_offend(ret_offence, 400,
                            "a field name is not a token (a blank before the "
                            "colon is not allowed either)");
    }
    for (size_t i = 0; i < line.len; i++) {
        if (!http1_is_value_byte(line.ptr[i])) {
            return http1_offend(ret_offence, 400,
                                "a field value holds a control byte");
        }
    }
    return true;
}
