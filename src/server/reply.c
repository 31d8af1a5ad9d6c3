/*
 * server/reply.c: see reply.h.
 */
#include "server/reply.h"

#include <stdio.h>
#include <time.h>

#include "base/text.h"

void reply_format_date(int64_t now, char ret_date[REPLY_DATE_SIZE])
{
    time_t when = (time_t)now;
    struct tm utc = {0};

    (void)gmtime_r(&when, &utc);
    if (strftime(ret_date, REPLY_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT",
                 &utc) == 0) {
        ret_date[0] = '\0';
    }
}

static void start(struct http1_response *response, unsigned status,
                  enum reply_connection connection, const char *date)
{
    http1_response_start(response, status);
    http1_response_field(response, "Date", text_of(date));
    http1_response_field(response, "Server", TEXT("bitsd"));
    http1_response_field(response, "Pragma", TEXT("no-cache"));
    http1_response_field(response, "Cache-Control", TEXT("no-store"));
    switch (connection) {
    case REPLY_STAYS:
        break;
    case REPLY_STAYS_1_0:
        http1_response_field(response, "Connection", TEXT("keep-alive"));
        break;
    case REPLY_CLOSES:
        http1_response_field(response, "Connection", TEXT("close"));
        break;
    }
}

static void emit(void *context, const char *name, struct bits_text value)
{
    http1_response_field(context, name, value);
}

void reply_write_ack(struct http1_response *response,
                     const struct bits_answer *answer,
                     enum reply_connection connection, const char *date)
{
    start(response, bits_cause_status(answer->cause), connection, date);
    bits_answer_fields(answer, emit, response);
    http1_response_end(response);
}

void reply_write_plain(struct http1_response *response,
                       const struct reply_plain *plain,
                       enum reply_connection connection, const char *date)
{
    start(response, plain->status, connection, date);
    if (plain->allow) {
        http1_response_field(response, "Allow", text_of(plain->allow));
    }
    if (plain->has_size) {
        char room[TEXT_U64_MAX];

        http1_response_field(response, "Content-Length",
                             text_from_u64(plain->size, room));
    }
    if (plain->head_only) {
        http1_response_end(response);
    } else {
        http1_response_end_with_text(response, plain->sentence);
    }
}

void reply_write_continue(struct http1_response *response)
{
    http1_response_start(response, 100);
    http1_response_end(response);
}
