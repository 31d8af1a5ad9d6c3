/*
 * http1/head.c: iterates over the lines of a head.
 *
 * Each line is checked once, when its end has arrived.  So malformed input is
 * refused early, and the cost of a head does not depend on how it is split.
 * line.c checks single lines, meaning.c all of them together.
 */
#include "http1/head.h"

#include <string.h>

#include "base/text.h"
#include "http1/meaning.h"

#define BLANK_LINE "\r\n"
#define BLANK_LINE_LEN (sizeof(BLANK_LINE) - 1)

/* The number of bytes of blank lines to skip before the request line. */
static size_t skip_blank_lines(struct bits_text data)
{
    size_t start = 0;

    for (int i = 0; i < HTTP1_BLANK_LINES_MAX; i++) {
        if (data.len - start < BLANK_LINE_LEN ||
            memcmp(data.ptr + start, BLANK_LINE, BLANK_LINE_LEN) != 0) {
            break;
        }
        start += BLANK_LINE_LEN;
    }
    return start;
}

/* A CR at the end of the data may be the start of a blank line to skip. */
static bool may_become_blank_line(struct bits_text rest, size_t skipped)
{
    return rest.len == 1 && rest.ptr[0] == '\r' &&
           skipped < HTTP1_BLANK_LINES_MAX * BLANK_LINE_LEN;
}

static bool is_blank_line(struct bits_text line)
{
    return text_equal(line, TEXT(BLANK_LINE));
}

/* The line, line end included, that ends at the LF at *end. */
static struct bits_text line_before(struct bits_text head, const char *end)
{
    size_t before = (size_t)(end - head.ptr);
    const char *previous = before ? memrchr(head.ptr, '\n', before) : NULL;
    const char *start = previous ? previous + 1 : head.ptr;

    return (struct bits_text){start, (size_t)(end - start) + 1};
}

/* Refuses a request line that is too long before its end has arrived. */
static bool check_unfinished(struct bits_text head, size_t scanned,
                             struct http1_offence *ret_offence)
{
    if (head.len < HTTP1_REQUEST_LINE_MAX ||
        scanned >= HTTP1_REQUEST_LINE_MAX ||
        memchr(head.ptr, '\n', HTTP1_REQUEST_LINE_MAX)) {
        return true;
    }
    return http1_offend(ret_offence, 414, "the request line is too long");
}

/* Checks the lines of head that end after its first `scanned` bytes, up to the
 * blank line.  DONE: *ret_len is the length of the head. */
static enum http1_result walk(struct bits_text head, size_t scanned,
                              size_t *ret_len,
                              struct http1_offence *ret_offence)
{
    struct http1_head unused;

    while (scanned < head.len) {
        const char *end = memchr(head.ptr + scanned, '\n', head.len - scanned);
        struct bits_text line;
        bool sound;

        if (!end) {
            break;
        }
        line = line_before(head, end);
        scanned = (size_t)(end - head.ptr) + 1;
        if (is_blank_line(line)) {
            *ret_len = scanned;
            return HTTP1_DONE;
        }
        sound = line.ptr == head.ptr
                    ? http1_read_request_line(line, &unused, ret_offence)
                    : http1_check_field_line(line, ret_offence);
        if (!sound) {
            return HTTP1_REFUSED;
        }
    }
    return check_unfinished(head, scanned, ret_offence) ? HTTP1_PARTIAL
                                                        : HTTP1_REFUSED;
}

/* Reads a complete head whose lines were checked. */
static bool read_whole(struct bits_text text, struct http1_head *ret_head,
                       struct http1_offence *ret_offence)
{
    const char *end = memchr(text.ptr, '\n', text.len);
    size_t first = (size_t)(end - text.ptr) + 1;
    struct bits_text line = {text.ptr, first};

    *ret_head = (struct http1_head){.framing = BITS_FRAMING_NONE};
    ret_head->fields =
        (struct bits_text){text.ptr + first, text.len - first - BLANK_LINE_LEN};
    return http1_read_request_line(line, ret_head, ret_offence) &&
           http1_read_meaning(ret_head, ret_offence);
}

/* http1_head_parse() after the skipped blank lines. */
static enum http1_result parse(struct bits_text text, size_t scanned,
                               struct http1_head *ret_head, size_t *ret_len,
                               struct http1_offence *ret_offence)
{
    enum http1_result result;

    if (!http1_check_start(text, ret_offence)) {
        return HTTP1_REFUSED;
    }
    result = walk(text, scanned, ret_len, ret_offence);
    if (result != HTTP1_DONE) {
        return result;
    }
    text.len = *ret_len;
    return read_whole(text, ret_head, ret_offence) ? HTTP1_DONE : HTTP1_REFUSED;
}

enum http1_result http1_head_parse(struct bits_text data, size_t scanned,
                                   struct http1_head *ret_head,
                                   size_t *ret_used,
                                   struct http1_offence *ret_offence)
{
    size_t skipped = skip_blank_lines(data);
    struct bits_text rest = {NULL, 0};
    struct http1_offence offence;
    struct http1_head head;
    enum http1_result result;
    size_t len;

    if (skipped < data.len) {
        rest = (struct bits_text){data.ptr + skipped, data.len - skipped};
    }
    if (rest.len == 0 || may_become_blank_line(rest, skipped)) {
        return HTTP1_PARTIAL;
    }
    scanned = scanned > skipped ? scanned - skipped : 0;
    result = parse(rest, scanned, &head, &len, &offence);
    if (result == HTTP1_DONE) {
        *ret_head = head;
        *ret_used = skipped + len;
    } else if (result == HTTP1_REFUSED) {
        *ret_offence = offence;
    }
    return result;
}
