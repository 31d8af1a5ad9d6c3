/*
 * http1_head_fuzz.c: any bytes as the head of a request.
 *
 * Oracles: the verdict does not depend on how the head arrives; a head that is
 * taken holds no byte that another reader could see as a line end, and comes
 * out the same when it is written again in the plainest spelling.  The
 * sanitizers watch over-reads: every piece is a block of its own.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http1/field.h"
#include "http1/head.h"

struct verdict {
    enum http1_result result;
    struct http1_head head;
    size_t used;
    struct http1_offence offence;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact) {
        abort();
    }
}

static char *copy_of(const char *data, size_t size)
{
    char *copy = malloc(size);

    require(size == 0 || copy);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

static struct verdict parse(const char *data, size_t size, size_t scanned)
{
    struct verdict verdict = {0};

    verdict.result =
        http1_head_parse((struct bits_text){data, size}, scanned, &verdict.head,
                         &verdict.used, &verdict.offence);
    return verdict;
}

static void require_same_meaning(const struct http1_head *a,
                                 const struct http1_head *b)
{
    require(text_equal(a->method, b->method));
    require(text_equal(a->target, b->target));
    require(text_equal(a->host, b->host));
    require(a->minor == b->minor);
    require(a->framing == b->framing);
    require(a->content_length == b->content_length);
    require(a->keep_alive == b->keep_alive);
    require(a->expect_continue == b->expect_continue);
}

static void require_same(const struct verdict *a, const struct verdict *b)
{
    require(a->result == b->result);
    require(a->used == b->used);
    require(a->offence.status == b->offence.status);
    require((a->offence.reason == NULL) == (b->offence.reason == NULL));
    require(!a->offence.reason ||
            strcmp(a->offence.reason, b->offence.reason) == 0);
    require_same_meaning(&a->head, &b->head);
    require(text_equal(a->head.fields, b->head.fields));
}

/* The same bytes in pieces of `step`: it must be PARTIAL until the verdict. */
static void try_pieces(const char *data, size_t size, size_t step,
                       const struct verdict *whole)
{
    size_t scanned = 0;

    while (scanned < size) {
        size_t len = size - scanned < step ? size : scanned + step;
        char *piece = copy_of(data, len);
        struct verdict verdict = parse(piece, len, scanned);
        bool over = verdict.result != HTTP1_PARTIAL;

        require(whole->result != HTTP1_DONE || over == (len >= whole->used));
        if (over || len == size) {
            require_same(whole, &verdict);
        }
        free(piece);
        if (over) {
            return;
        }
        scanned = len;
    }
}

static void check_bytes(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        require(c != '\n' || (i > 0 && text.ptr[i - 1] == '\r'));
        require(c != '\r' || (i + 1 < text.len && text.ptr[i + 1] == '\n'));
        require(c == '\r' || c == '\n' || c == '\t' || c < 0 || c >= ' ');
    }
}

static void put(char **end, struct bits_text text)
{
    if (text.len > 0) {
        memcpy(*end, text.ptr, text.len);
        *end += text.len;
    }
}

/* Room for a head of `used` bytes in which each field, of three bytes at
 * least, grew by a blank. */
static size_t room_for(size_t used)
{
    return used * 2;
}

static size_t write_again(const struct http1_head *head, char *out)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;
    char *end = out;

    put(&end, head->method);
    put(&end, TEXT(" "));
    put(&end, head->target);
    put(&end, head->minor ? TEXT(" HTTP/1.1\r\n") : TEXT(" HTTP/1.0\r\n"));
    while (http1_next_field(&cursor, &name, &value)) {
        put(&end, name);
        put(&end, TEXT(": "));
        put(&end, value);
        put(&end, TEXT("\r\n"));
    }
    require(cursor.len == 0);
    put(&end, TEXT("\r\n"));
    return (size_t)(end - out);
}

static void require_same_fields(struct bits_text a, struct bits_text b)
{
    struct bits_text a_name;
    struct bits_text a_value;
    struct bits_text b_name;
    struct bits_text b_value;

    while (http1_next_field(&a, &a_name, &a_value)) {
        require(http1_next_field(&b, &b_name, &b_value));
        require(text_equal(a_name, b_name));
        require(text_equal(a_value, b_value));
    }
    require(!http1_next_field(&b, &b_name, &b_value));
}

static void check_head(const char *data, const struct verdict *verdict)
{
    char *again = malloc(room_for(verdict->used));
    struct verdict second;
    size_t size;

    require(again != NULL);
    check_bytes((struct bits_text){data, verdict->used});
    size = write_again(&verdict->head, again);
    second = parse(again, size, 0);
    require(second.result == HTTP1_DONE);
    require(second.used == size);
    require_same_meaning(&verdict->head, &second.head);
    require_same_fields(verdict->head.fields, second.head.fields);
    free(again);
}

/* The first byte says into which pieces the rest is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text;
    struct verdict whole;
    size_t step;

    if (size < 2) {
        return 0;
    }
    text = (const char *)data + 1;
    size--;
    whole = parse(text, size, 0);
    step = size > 4096 ? size / 64 + data[0] : (size_t)data[0] % 64 + 1;
    try_pieces(text, size, step, &whole);
    if (whole.result == HTTP1_DONE) {
        check_head(text, &whole);
    }
    return 0;
}
