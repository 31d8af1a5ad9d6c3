/*
 * http1_body_fuzz.c: any bytes as the body of a request.
 *
 * Oracles: state, bytes taken and content do not depend on how the bytes
 * arrive; content comes from the input, in order, and as much of it as was
 * announced; what was read comes back when it is sent as chunks again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http1/body.h"

/* What came out of a body. */
struct outcome {
    enum http1_body_state state;
    size_t used;
    char *content;
    size_t len;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact) {
        abort();
    }
}

static char *room(size_t size)
{
    char *memory = malloc(size + 1);

    require(memory != NULL);
    return memory;
}

/* Feeds one piece from a block of its own. */
static void feed(struct http1_body *body, struct bits_text piece,
                 struct outcome *outcome)
{
    char *copy = room(piece.len);
    struct bits_text input = {copy, piece.len};

    memcpy(copy, piece.ptr, piece.len);
    while (input.len > 0 && outcome->state == HTTP1_BODY_CONTENT) {
        uint64_t left = http1_body_left(body);
        struct bits_text before = input;
        struct bits_text content;

        outcome->state = http1_body_take(body, &input, &content);
        require(input.len < before.len);
        require(input.ptr + input.len == before.ptr + before.len);
        require(content.len == 0 || (content.ptr >= before.ptr &&
                                     content.ptr + content.len <= input.ptr));
        require(left == 0 ||
                content.len == (left < before.len ? left : before.len));
        memcpy(outcome->content + outcome->len, content.ptr, content.len);
        outcome->len += content.len;
        outcome->used += before.len - input.len;
    }
    free(copy);
}

static struct outcome read_body(enum bits_framing framing, uint64_t length,
                                struct bits_text text, size_t step)
{
    struct outcome outcome = {.content = room(text.len)};
    struct bits_text nothing = {NULL, 0};
    struct bits_text content;
    struct http1_body body;

    http1_body_init(&body, framing, length);
    outcome.state = http1_body_take(&body, &nothing, &content);
    require(content.len == 0);
    while (text.len > 0 && outcome.state == HTTP1_BODY_CONTENT) {
        struct bits_text piece = {text.ptr, text.len < step ? text.len : step};

        feed(&body, piece, &outcome);
        text.ptr += piece.len;
        text.len -= piece.len;
    }
    return outcome;
}

static void require_same(const struct outcome *a, const struct outcome *b)
{
    require(a->state == b->state);
    require(a->used == b->used);
    require(a->len == b->len);
    require(memcmp(a->content, b->content, a->len) == 0);
}

/* Content that is not looked at is counted all the same. */
static void check_pass(uint64_t length, struct bits_text text, size_t step,
                       const struct outcome *outcome)
{
    enum http1_body_state state = HTTP1_BODY_CONTENT;
    struct http1_body body;
    size_t passed = 0;

    http1_body_init(&body, BITS_FRAMING_LENGTH, length);
    while (passed < text.len && state == HTTP1_BODY_CONTENT) {
        size_t piece = text.len - passed < step ? text.len - passed : step;

        state = http1_body_pass(&body, piece);
        passed += piece;
    }
    require(text.len == 0 || state == outcome->state);
    require(http1_body_left(&body) == length - outcome->used);
}

static void check_length(uint64_t length, struct bits_text text,
                         const struct outcome *outcome)
{
    size_t wanted = length < text.len ? (size_t)length : text.len;

    require(outcome->used == wanted);
    require(outcome->len == wanted);
    require(memcmp(outcome->content, text.ptr, wanted) == 0);
    require(outcome->state ==
            (length <= text.len ? HTTP1_BODY_END : HTTP1_BODY_CONTENT));
}

static void put(char **end, struct bits_text text)
{
    if (text.len > 0) {
        memcpy(*end, text.ptr, text.len);
        *end += text.len;
    }
}

/* "HH\r\n" content "\r\n" for each chunk of at most 255 bytes. */
static size_t write_chunks(const struct outcome *outcome, char *out)
{
    static const char digits[] = "0123456789aBcDeF";
    char *end = out;

    for (size_t at = 0; at < outcome->len; at += 255) {
        size_t len = outcome->len - at < 255 ? outcome->len - at : 255;

        put(&end, (struct bits_text){&digits[len / 16], 1});
        put(&end, (struct bits_text){&digits[len % 16], 1});
        put(&end, TEXT("\r\n"));
        put(&end, (struct bits_text){outcome->content + at, len});
        put(&end, TEXT("\r\n"));
    }
    put(&end, TEXT("0\r\n\r\n"));
    return (size_t)(end - out);
}

static void check_chunks(const struct outcome *outcome)
{
    char *again = room(outcome->len * 7 + 5);
    size_t size = write_chunks(outcome, again);
    struct bits_text text = {again, size};
    struct outcome second = read_body(BITS_FRAMING_CHUNKED, 0, text, size);

    require(second.state == HTTP1_BODY_END);
    require(second.used == size);
    require(second.len == outcome->len);
    require(memcmp(second.content, outcome->content, second.len) == 0);
    free(second.content);
    free(again);
}

/* The first byte says into which pieces the rest is cut, the second which
 * framing it has: 0 is chunked, else the length is one less. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum bits_framing framing;
    struct outcome whole;
    struct outcome pieces;
    struct bits_text text;
    uint64_t length;

    if (size < 2) {
        return 0;
    }
    text = (struct bits_text){(const char *)data + 2, size - 2};
    framing = data[1] == 0 ? BITS_FRAMING_CHUNKED : BITS_FRAMING_LENGTH;
    length = data[1] == 0 ? 0 : data[1] - 1u;
    whole = read_body(framing, length, text, size);
    pieces = read_body(framing, length, text, data[0] % 32u + 1);
    require_same(&whole, &pieces);
    if (framing == BITS_FRAMING_LENGTH) {
        check_length(length, text, &whole);
        check_pass(length, text, data[0] % 32u + 1, &whole);
    }
    check_chunks(&whole);
    free(whole.content);
    free(pieces.content);
    return 0;
}
