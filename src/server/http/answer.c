/*
 * server/http/answer.c: see answer.h.
 */
#include "server/http/answer.h"

#include "base/text.h"

static void write_connection(struct http1_response *response,
                             enum http_connection connection)
{
    switch (connection) {
    case HTTP_STAYS:
        break;
    case HTTP_STAYS_1_0:
        http1_response_field(response, "Connection", TEXT("keep-alive"));
        break;
    case HTTP_CLOSES:
        http1_response_field(response, "Connection", TEXT("close"));
        break;
    }
}

static void write_number(struct http1_response *response, const char *name,
                         uint64_t number)
{
    char room[TEXT_U64_MAX];

    http1_response_field(response, name, text_from_u64(number, room));
}

static void write_size(struct http1_response *response, uint64_t size)
{
    write_number(response, "Content-Length", size);
}

void http_answer_write(struct http_answer *answer,
                       enum http_connection connection, const char *date,
                       struct http1_response *response)
{
    http1_response_start(response, answer->status);
    http1_response_field(response, "Date", text_of(date));
    http1_response_field(response, "Server", TEXT("bitsd"));
    http1_response_field(response, "Pragma", TEXT("no-cache"));
    http1_response_field(response, "Cache-Control", TEXT("no-store"));
    write_connection(response, connection);
    if (answer->allow) {
        http1_response_field(response, "Allow", text_of(answer->allow));
    }
    if (answer->reply) {
        http1_response_field(response, "WWW-Authenticate",
                             text_of(answer->reply));
    }
    for (unsigned i = 0; answer->challenges[i]; i++) {
        http1_response_field(response, "WWW-Authenticate",
                             text_of(answer->challenges[i]));
    }
    if (answer->retry_after > 0) {
        write_number(response, "Retry-After", answer->retry_after);
    }
    switch (answer->kind) {
    case HTTP_ANSWER_TEXT:
        http1_response_end_with_text(response, answer->sentence);
        break;
    case HTTP_ANSWER_FIELDS:
        answer->write(answer, response);
        http1_response_end(response);
        break;
    case HTTP_ANSWER_HEAD:
        if (answer->status == 200) {
            write_size(response, answer->size);
        }
        http1_response_end(response);
        break;
    case HTTP_ANSWER_FILE:
        http1_response_field(response, "Content-Type", text_of(answer->type));
        write_size(response, answer->size);
        http1_response_end(response);
        break;
    }
}
