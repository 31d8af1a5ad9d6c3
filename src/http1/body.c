/*
 * http1/body.c: see body.h.
 *
 * Chunked coding is read one byte of framing at a time, so that the result does
 * not depend on how the bytes arrive; content is returned in runs.  Strict
 * where two readers could disagree: a size is digits only, a line ends in CRLF
 * only, no line holds control bytes.
 */
#include "http1/body.h"

#include "base/text.h"
#include "http1/bytes.h"

void http1_body_init(struct http1_body *body, enum bits_framing framing,
                     uint64_t content_length)
{
    *body = (struct http1_body){
        .framing = framing,
        .left = framing == BITS_FRAMING_LENGTH ? content_length : 0,
        .chunk_state = HTTP1_CHUNK_SIZE_START,
    };
}

static struct bits_text take_content(struct http1_body *body,
                                     struct bits_text *input)
{
    struct bits_text content = *input;

    if (content.len > body->left) {
        content.len = (size_t)body->left;
    }
    if (content.len > 0) {
        input->ptr += content.len;
        input->len -= content.len;
        body->left -= content.len;
    }
    return content;
}

/* The next state if c is the byte `wanted`. */
static enum http1_chunk_state expect(char c, char wanted,
                                     enum http1_chunk_state next)
{
    return c == wanted ? next : HTTP1_CHUNK_BROKEN;
}

static enum http1_chunk_state add_size_digit(struct http1_body *body, char c)
{
    int digit = text_hex_digit(c);

    if (digit < 0 || __builtin_mul_overflow(body->left, 16u, &body->left)) {
        return HTTP1_CHUNK_BROKEN;
    }
    body->left += (unsigned)digit;
    return HTTP1_CHUNK_SIZE;
}

static enum http1_chunk_state after_size(struct http1_body *body, char c)
{
    if (c == '\r') {
        return HTTP1_CHUNK_SIZE_LF;
    }
    return c == ';' ? HTTP1_CHUNK_EXTENSION : add_size_digit(body, c);
}

/* Skips text without a meaning, up to its CR. */
static enum http1_chunk_state skip_text(char c, enum http1_chunk_state same,
                                        enum http1_chunk_state after_cr)
{
    if (c == '\r') {
        return after_cr;
    }
    return http1_is_value_byte(c) ? same : HTTP1_CHUNK_BROKEN;
}

static enum http1_chunk_state after_name(char c)
{
    if (c == ':') {
        return HTTP1_CHUNK_TRAILER_VALUE;
    }
    return http1_is_token_byte(c) ? HTTP1_CHUNK_TRAILER_NAME
                                  : HTTP1_CHUNK_BROKEN;
}

static enum http1_chunk_state start_trailer(char c)
{
    if (c == '\r') {
        return HTTP1_CHUNK_END_LF;
    }
    return http1_is_token_byte(c) ? HTTP1_CHUNK_TRAILER_NAME
                                  : HTTP1_CHUNK_BROKEN;
}

static enum http1_chunk_state start_content(const struct http1_body *body,
                                            char c)
{
    return expect(c, '\n',
                  body->left > 0 ? HTTP1_CHUNK_CONTENT
                                 : HTTP1_CHUNK_TRAILER_START);
}

static enum http1_chunk_state next_state(struct http1_body *body, char c)
{
    switch (body->chunk_state) {
    case HTTP1_CHUNK_SIZE_START:
        return add_size_digit(body, c);
    case HTTP1_CHUNK_SIZE:
        return after_size(body, c);
    case HTTP1_CHUNK_EXTENSION:
        return skip_text(c, HTTP1_CHUNK_EXTENSION, HTTP1_CHUNK_SIZE_LF);
    case HTTP1_CHUNK_SIZE_LF:
        return start_content(body, c);
    case HTTP1_CHUNK_CONTENT_CR:
        return expect(c, '\r', HTTP1_CHUNK_CONTENT_LF);
    case HTTP1_CHUNK_CONTENT_LF:
        return expect(c, '\n', HTTP1_CHUNK_SIZE_START);
    case HTTP1_CHUNK_TRAILER_START:
        return start_trailer(c);
    case HTTP1_CHUNK_TRAILER_NAME:
        return after_name(c);
    case HTTP1_CHUNK_TRAILER_VALUE:
        return skip_text(c, HTTP1_CHUNK_TRAILER_VALUE, HTTP1_CHUNK_TRAILER_LF);
    case HTTP1_CHUNK_TRAILER_LF:
        return expect(c, '\n', HTTP1_CHUNK_TRAILER_START);
    case HTTP1_CHUNK_END_LF:
        return expect(c, '\n', HTTP1_CHUNK_END);
    case HTTP1_CHUNK_CONTENT:
    case HTTP1_CHUNK_END:
    case HTTP1_CHUNK_BROKEN:
        break;
    }
    return HTTP1_CHUNK_BROKEN;
}

static bool starts_line(enum http1_chunk_state state)
{
    return state == HTTP1_CHUNK_SIZE_START || state == HTTP1_CHUNK_CONTENT_CR ||
           state == HTTP1_CHUNK_TRAILER_START;
}

static bool is_trailer(enum http1_chunk_state state)
{
    return state >= HTTP1_CHUNK_TRAILER_NAME && state <= HTTP1_CHUNK_TRAILER_LF;
}

/* Takes one byte of framing. */
static void step(struct http1_body *body, char c)
{
    enum http1_chunk_state before = body->chunk_state;

    body->chunk_state = next_state(body, c);
    body->line = starts_line(before) ? 1 : body->line + 1;
    if (is_trailer(before) || is_trailer(body->chunk_state)) {
        body->trailers++;
    }
    if (body->line > HTTP1_CHUNK_LINE_MAX ||
        body->trailers > HTTP1_TRAILERS_MAX) {
        body->chunk_state = HTTP1_CHUNK_BROKEN;
    }
}

static bool is_over(const struct http1_body *body)
{
    return body->chunk_state == HTTP1_CHUNK_END ||
           body->chunk_state == HTTP1_CHUNK_BROKEN;
}

static enum http1_body_state take_chunked(struct http1_body *body,
                                          struct bits_text *input,
                                          struct bits_text *ret_content)
{
    while (!is_over(body) && input->len > 0) {
        if (body->chunk_state == HTTP1_CHUNK_CONTENT) {
            *ret_content = take_content(body, input);
            if (body->left == 0) {
                body->chunk_state = HTTP1_CHUNK_CONTENT_CR;
            }
            return HTTP1_BODY_CONTENT;
        }
        step(body, input->ptr[0]);
        input->ptr++;
        input->len--;
    }
    if (body->chunk_state == HTTP1_CHUNK_BROKEN) {
        return HTTP1_BODY_BROKEN;
    }
    return body->chunk_state == HTTP1_CHUNK_END ? HTTP1_BODY_END
                                                : HTTP1_BODY_CONTENT;
}

enum http1_body_state http1_body_take(struct http1_body *body,
                                      struct bits_text *input,
                                      struct bits_text *ret_content)
{
    *ret_content = (struct bits_text){input->ptr, 0};
    if (body->framing == BITS_FRAMING_CHUNKED) {
        return take_chunked(body, input, ret_content);
    }
    *ret_content = take_content(body, input);
    return body->left > 0 ? HTTP1_BODY_CONTENT : HTTP1_BODY_END;
}

enum http1_body_state http1_body_pass(struct http1_body *body, size_t size)
{
    body->left -= size < body->left ? size : body->left;
    return body->left > 0 ? HTTP1_BODY_CONTENT : HTTP1_BODY_END;
}

uint64_t http1_body_left(const struct http1_body *body)
{
    bool certain = body->framing == BITS_FRAMING_LENGTH ||
                   (body->framing == BITS_FRAMING_CHUNKED &&
                    body->chunk_state == HTTP1_CHUNK_CONTENT);

    return certain ? body->left : 0;
}
