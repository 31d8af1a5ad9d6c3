/*
 * protocol/ack.c: the headers of an Ack in the order of the Microsoft traces
 * [MC-BUP 2.2.3, 2.2.5, 2.2.7, 2.2.9, 2.2.11].  The front end writes the status
 * line and the server's general headers.
 */
#include <openbits/session.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "protocol/headers.h"

#define HRESULT_SIZE sizeof("0x80070057")

struct sink {
    void (*emit)(void *context, const char *name, struct bits_text value);
    void *context;
};

static void put(const struct sink *sink, enum header_id id,
                struct bits_text value)
{
    sink->emit(sink->context, header_name(id), value);
}

static void put_number(const struct sink *sink, enum header_id id,
                       uint64_t number)
{
    char room[TEXT_U64_MAX];

    put(sink, id, text_from_u64(number, room));
}

static void put_error(const struct sink *sink,
                      const struct bits_outcome *outcome)
{
    char text[HRESULT_SIZE];

    snprintf(text, sizeof(text), "0x%08" PRIX32, outcome->hresult);
    put(sink, HEADER_ERROR_CODE, text_of(text));
    snprintf(text, sizeof(text), "0x%" PRIX32, outcome->context);
    put(sink, HEADER_ERROR_CONTEXT, text_of(text));
}

/* The caller's texts may contain what a peer has sent. */
static void make_printable(char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~') {
            *text = '?';
        }
    }
}

/* Text for people, after all headers of the traces (D-55).  The fault comes
 * before the remedy. */
static void put_error_text(const struct sink *sink,
                           const struct bits_answer *answer)
{
    struct bits_text sentence =
        answer->sentence.len > 0
            ? answer->sentence
            : text_of(bits_cause_sentence(answer->outcome.cause));
    const char *remedy = memchr(sentence.ptr, ';', sentence.len);
    size_t fact = remedy ? (size_t)(remedy - sentence.ptr) : sentence.len;
    char text[BITS_ERROR_TEXT_MAX + 1];

    (void)snprintf(text, sizeof(text), "%.*s%s%.*s%.*s", (int)fact,
                   sentence.ptr, answer->fault.len > 0 ? ": " : "",
                   (int)answer->fault.len,
                   answer->fault.len > 0 ? answer->fault.ptr : "",
                   (int)(sentence.len - fact), sentence.ptr + fact);
    make_printable(text);
    put(sink, HEADER_ERROR_TEXT, text_of(text));
}

static void put_host(const struct sink *sink, const struct bits_answer *answer)
{
    if (answer->host_id.len == 0) {
        return;
    }
    put(sink, HEADER_HOST_ID, answer->host_id);
    if (answer->host_id_fallback_timeout != 0) {
        put_number(sink, HEADER_HOST_ID_FALLBACK_TIMEOUT,
                   answer->host_id_fallback_timeout);
    }
}

static bool has_session(const struct bits_answer *answer, bool success)
{
    return answer->session_id.len > 0 && answer->type != BITS_PACKET_PING &&
           (answer->type != BITS_PACKET_CREATE_SESSION || success);
}

void bits_answer_fields(const struct bits_answer *answer,
                        void (*emit)(void *context, const char *name,
                                     struct bits_text value),
                        void *context)
{
    const struct sink sink = {emit, context};
    const struct bits_outcome *outcome = &answer->outcome;
    bool success = outcome->status == 200 || outcome->status == 201;
    bool failed = !success && outcome->hresult != 0;
    bool created = success && answer->type == BITS_PACKET_CREATE_SESSION;

    put(&sink, HEADER_PACKET_TYPE, TEXT("Ack"));
    if (created) {
        put(&sink, HEADER_PROTOCOL, TEXT(BITS_PROTOCOL_1_5_TEXT));
    }
    if (has_session(answer, success)) {
        put(&sink, HEADER_SESSION_ID, answer->session_id);
    }
    if (failed) {
        put_error(&sink, outcome);
    }
    if (!success && outcome->retry_after != 0) {
        put_number(&sink, HEADER_RETRY_AFTER, outcome->retry_after);
    }
    put(&sink, HEADER_CONTENT_LENGTH, TEXT("0"));
    if (answer->has_next) {
        put_number(&sink, HEADER_RECEIVED_CONTENT_RANGE, answer->next);
    }
    if (failed) {
        put_error_text(&sink, answer);
    }
    if (created) {
        put(&sink, HEADER_ACCEPT_ENCODING, TEXT("identity"));
        put_host(&sink, answer);
    }
}
