/*
 * http1/response.c: see response.h.  The caller decides which fields a response
 * has and when it is sent.
 */
#include "http1/response.h"

#include <string.h>

#include "base/text.h"

/* The line end after the sentence of a text response. */
#define TEXT_END "\n"

const char *http1_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } rows[] = {
#define HTTP1_STATUS(status, reason) {status, reason},
#include "http1/statuses.def"
#undef HTTP1_STATUS
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].status == status) {
            return rows[i].reason;
        }
    }
    return "Unknown";
}

void http1_response_init(struct http1_response *response, char *data,
                         size_t capacity)
{
    *response = (struct http1_response){.data = data, .capacity = capacity};
}

bool http1_response_fits(const struct http1_response *response)
{
    return response->size <= response->capacity;
}

static void append(struct http1_response *response, struct bits_text text)
{
    if (text.len > 0 && http1_response_fits(response) &&
        text.len <= response->capacity - response->size) {
        memcpy(response->data + response->size, text.ptr, text.len);
    }
    response->size += text.len;
}

static void append_number(struct http1_response *response, uint64_t number)
{
    char digits[TEXT_U64_MAX];

    append(response, text_from_u64(number, digits));
}

void http1_response_start(struct http1_response *response, unsigned status)
{
    append(response, TEXT("HTTP/1.1 "));
    append_number(response, status);
    append(response, TEXT(" "));
    append(response, text_of(http1_reason(status)));
    append(response, TEXT("\r\n"));
}

static bool splits_a_response(struct bits_text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '\r' || c == '\n' || c == '\0') {
            return true;
        }
    }
    return false;
}

void http1_response_field(struct http1_response *response, const char *name,
                          struct bits_text value)
{
    if (splits_a_response(value)) {
        return;
    }
    append(response, text_of(name));
    append(response, TEXT(": "));
    append(response, value);
    append(response, TEXT("\r\n"));
}

void http1_response_end(struct http1_response *response)
{
    append(response, TEXT("\r\n"));
}

void http1_response_end_with_text(struct http1_response *response,
                                  const char *sentence)
{
    struct bits_text text = text_of(sentence);

    append(response, TEXT("Content-Type: text/plain\r\nContent-Length: "));
    append_number(response, text.len + strlen(TEXT_END));
    append(response, TEXT("\r\n\r\n"));
    append(response, text);
    append(response, TEXT(TEXT_END));
}
