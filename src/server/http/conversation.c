/*
 * server/http/conversation.c: see http.h.
 *
 * A head becomes an exchange; the site's verdicts decide about its body; the
 * answer ends it.  Any step may close the connection, so callers check its
 * state before they continue.
 */
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "server/connection.h"
#include "server/http/http.h"

/* A refused body of known length up to this is read and discarded, so that the
 * connection can stay open; Windows sends at most 13 MB in one fragment. */
#define DROP_MAX ((uint64_t)16 << 20)

enum http_state {
    /* No byte of a request has arrived.  A byte -> HEAD. */
    HTTP_STATE_IDLE,
    /* A head is being read.  Complete -> WAITING, BODY or IDLE. */
    HTTP_STATE_HEAD,
    /* The site has the request; nothing is read.  Its verdict -> BODY or
     * IDLE. */
    HTTP_STATE_WAITING,
    /* A body is read, to be stored or discarded.  Its end -> WAITING or
     * IDLE. */
    HTTP_STATE_BODY,
};

/* One for each connection, in the handler's memory of the connection. */
struct conversation {
    enum http_state state;
    size_t scanned; /* bytes of the input known to be a partial head */
    struct http_exchange *exchange; /* WAITING and BODY; else NULL */
};

static struct conversation *conversation_of(struct connection *connection)
{
    return (struct conversation *)(void *)connection->memory;
}

static const struct conversation *
conversation_in(const struct connection *connection)
{
    return (const struct conversation *)(const void *)connection->memory;
}

static struct http_exchange *exchange_of(struct connection *connection)
{
    return conversation_of(connection)->exchange;
}

static struct http_site *site_of(const struct connection *connection)
{
    return CONTAINER_OF(connection->listener->handler, struct http, handler)
        ->site;
}

static void take_verdict(struct connection *connection,
                         enum http_verdict verdict);

/* --- answers ------------------------------------------------------------- */

static enum http_connection fate(const struct http_exchange *exchange)
{
    if (exchange->closes) {
        return HTTP_CLOSES;
    }
    return exchange->minor == 0 ? HTTP_STAYS_1_0 : HTTP_STAYS;
}

/* Frees what an unsent answer owns. */
static void drop_answer(const struct http_answer *answer)
{
    if (answer->kind == HTTP_ANSWER_FILE) {
        (void)close(answer->file);
    }
}

static void release(struct connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);

    if (exchange) {
        drop_answer(&exchange->answer);
        conversation_of(connection)->exchange = NULL;
        site_of(connection)->ops->release(exchange);
        connection_forget_wake(connection);
        connection_end_transfer(connection);
    }
}

static void be_idle(struct connection *connection)
{
    struct conversation *conversation = conversation_of(connection);

    conversation->state = HTTP_STATE_IDLE;
    conversation->scanned = 0;
    connection_set_timeout(connection,
                           connection_settings(connection)->idle_timeout);
}

/* Most answers fit. */
#define ANSWER_ROOM 1024

/* Returns false if memory ran out. */
static bool write_answer(const struct connection *connection,
                         struct http_answer *answer, enum http_connection fate,
                         struct buffer *ret_bytes)
{
    struct http1_response response = {.size = ANSWER_ROOM};

    do {
        if (!buffer_grow(ret_bytes, response.size)) {
            return false;
        }
        http1_response_init(&response, ret_bytes->data, ret_bytes->capacity);
        http_answer_write(answer, fate, connection_date(connection), &response);
    } while (!http1_response_fits(&response));
    ret_bytes->size = response.size;
    return true;
}

/* Takes ownership of the answer's file. */
static void send_answer(struct connection *connection,
                        const struct http_answer *answer,
                        const struct buffer *bytes)
{
    connection_send(connection, bytes->data, bytes->size);
    if (answer->kind == HTTP_ANSWER_FILE) {
        connection_send_file(connection, answer->file, answer->size);
    }
}

/* Sends the answer and ends the exchange. */
static void reply(struct connection *connection)
{
    const struct http_site_ops *ops = site_of(connection)->ops;
    struct http_exchange *exchange = exchange_of(connection);
    struct http_answer answer;
    struct buffer bytes = {0};
    bool closes;

    exchange->closes |= connection_is_stopping(connection);
    closes = exchange->closes;
    if (!write_answer(connection, &exchange->answer, fate(exchange), &bytes)) {
        buffer_done(&bytes);
        connection_close(connection);
        return;
    }
    if (ops->answered) {
        ops->answered(exchange);
    }
    answer = exchange->answer;
    exchange->answer = (struct http_answer){0};
    release(connection);
    be_idle(connection);
    send_answer(connection, &answer, &bytes);
    buffer_done(&bytes);
    if (closes) {
        connection_finish(connection);
    }
}

static void send_goodbye(struct connection *connection, unsigned status,
                         const char *sentence)
{
    struct http_answer answer = {.status = status, .sentence = sentence};
    struct buffer bytes = {0};

    if (write_answer(connection, &answer, HTTP_CLOSES, &bytes)) {
        send_answer(connection, &answer, &bytes);
        connection_finish(connection);
    } else {
        connection_close(connection);
    }
    buffer_done(&bytes);
}

static void log_bad_request(const struct connection *connection,
                            unsigned status, const char *sentence)
{
    LOG(connection_log(connection), LOG_INFO, "bad-request", sentence,
        LOG_NUMBER("status", status),
        LOG_TEXT("peer", text_of(connection->peer)));
}

/* Answers and closes a connection for which no exchange exists. */
static void refuse(struct connection *connection, unsigned status,
                   const char *sentence)
{
    log_bad_request(connection, status, sentence);
    send_goodbye(connection, status, sentence);
}

enum http_verdict http_refuse(struct http_exchange *exchange, unsigned status,
                              const char *sentence)
{
    log_bad_request(exchange->connection, status, sentence);
    exchange->closes = true;
    drop_answer(&exchange->answer);
    exchange->answer =
        (struct http_answer){.status = status, .sentence = sentence};
    return HTTP_ANSWER;
}

/* --- bodies -------------------------------------------------------------- */

static void end_body(struct connection *connection);

/* Gives the body body_timeout for its next bytes. */
static void expect_content(struct connection *connection)
{
    exchange_of(connection)->brought = 0;
    connection_set_timeout(connection,
                           connection_settings(connection)->body_timeout);
}

static void note_content(struct connection *connection, uint64_t bytes)
{
    const struct config_server *settings = connection_settings(connection);
    struct http_exchange *exchange = exchange_of(connection);

    exchange->brought += bytes;
    if (exchange->brought > 0 &&
        exchange->brought >= settings->min_body_rate * settings->body_timeout) {
        expect_content(connection);
    }
}

/* Reads the body as the exchange's flags say. */
static void receive_body(struct connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);

    conversation_of(connection)->state = HTTP_STATE_BODY;
    if (exchange->receiving) {
        /* The site has stored some of the body and accepts more now. */
        connection_continue_timeout(connection);
    } else {
        exchange->receiving = true;
        expect_content(connection);
    }
    if (exchange->body_ended) {
        end_body(connection);
    } else if (exchange->may_continue) {
        exchange->may_continue = false;
        connection_send(connection, HTTP_CONTINUE, strlen(HTTP_CONTINUE));
    }
}

static bool is_long(const struct http_exchange *exchange)
{
    return exchange->body.framing == BITS_FRAMING_CHUNKED ||
           http1_body_left(&exchange->body) > DROP_MAX;
}

/* Answers when the body is out of the way.  Only refusals may precede the end
 * of a body, since most clients do not stop sending. */
static void answer(struct connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);

    if (exchange->body_ended) {
        reply(connection);
    } else if (exchange->answer.status >= 400 &&
               (exchange->may_continue || is_long(exchange))) {
        exchange->closes = true;
        reply(connection);
    } else {
        exchange->dropping = true;
        exchange->receiving = false;
        receive_body(connection);
    }
}

static void take_verdict(struct connection *connection,
                         enum http_verdict verdict)
{
    switch (verdict) {
    case HTTP_PENDING:
        conversation_of(connection)->state = HTTP_STATE_WAITING;
        connection_wait(connection);
        break;
    case HTTP_ANSWER:
        answer(connection);
        break;
    case HTTP_RECEIVE:
        receive_body(connection);
        break;
    case HTTP_CUT:
        connection_close(connection);
        break;
    }
}

/* Returns false if the caller must stop reading this body: it has ended, or
 * another call continues it. */
static bool feed(struct connection *connection, struct os_bytes content)
{
    struct http_exchange *exchange = exchange_of(connection);
    enum http_verdict verdict;

    if (content.size == 0 || exchange->dropping) {
        return true;
    }
    verdict = site_of(connection)->ops->chunk(exchange, content);
    if (verdict != HTTP_RECEIVE) {
        take_verdict(connection, verdict);
        return false;
    }
    return true;
}

static void end_body(struct connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);

    if (exchange->dropping) {
        reply(connection);
    } else {
        take_verdict(connection, site_of(connection)->ops->end(exchange));
    }
}

static void take_content(struct connection *connection,
                         enum http1_body_state state, struct os_bytes content)
{
    struct http_exchange *exchange = exchange_of(connection);

    exchange->body_ended = state == HTTP1_BODY_END;
    exchange->may_continue = false;
    note_content(connection, content.size);
    if (!feed(connection, content)) {
        return;
    }
    switch (state) {
    case HTTP1_BODY_CONTENT:
        break;
    case HTTP1_BODY_END:
        end_body(connection);
        break;
    case HTTP1_BODY_BROKEN:
        (void)http_refuse(exchange, 400, "The chunked body is malformed.");
        reply(connection);
        break;
    }
}

/* Takes as much of the input as the rates allow. */
static void take_body(struct connection *connection, struct bits_text *input)
{
    struct http_exchange *exchange = exchange_of(connection);
    struct bits_text part = *input;
    struct bits_text content;
    enum http1_body_state state;
    size_t taken;

    part.len = connection_admit(connection, exchange->user, input->len);
    if (part.len == 0) {
        return;
    }
    state = http1_body_take(&exchange->body, &part, &content);
    taken = (size_t)(part.ptr - input->ptr);
    input->ptr += taken;
    input->len -= taken;
    connection_received(connection, taken);
    take_content(connection, state,
                 (struct os_bytes){.data = content.ptr, .size = content.len});
}

/* --- heads --------------------------------------------------------------- */

static void fill_exchange(struct http_exchange *exchange,
                          struct connection *connection,
                          const struct http1_head *head)
{
    exchange->connection = connection;
    exchange->minor = head->minor;
    http1_body_init(&exchange->body, head->framing, head->content_length);
    exchange->closes =
        !head->keep_alive || head->framing == BITS_FRAMING_MALFORMED;
    exchange->body_ended =
        head->framing != BITS_FRAMING_CHUNKED && head->content_length == 0;
    exchange->may_continue = head->expect_continue && !exchange->body_ended;
}

static void open_exchange(struct connection *connection,
                          const struct http1_head *head)
{
    struct http_site *site = site_of(connection);
    struct http_exchange *exchange = site->ops->open(site, connection, head);

    if (!exchange) {
        refuse(connection, 503, "The server is out of memory.");
        return;
    }
    fill_exchange(exchange, connection, head);
    conversation_of(connection)->exchange = exchange;
    take_verdict(connection, site->ops->begin(exchange, head));
}

static void refuse_long_head(struct connection *connection)
{
    refuse(connection, 431,
           "The head of the request is larger than max_header_size.");
}

/* Leaves an incomplete head in *input. */
static void wait_for_rest(struct connection *connection, size_t size)
{
    const struct config_server *settings = connection_settings(connection);
    struct conversation *conversation = conversation_of(connection);

    if (size >= settings->max_header_size) {
        refuse_long_head(connection);
        return;
    }
    if (connection_is_stopping(connection)) {
        connection_close(connection);
        return;
    }
    if (conversation->state == HTTP_STATE_IDLE) {
        conversation->state = HTTP_STATE_HEAD;
        connection_set_timeout(connection, settings->header_timeout);
    }
    conversation->scanned = size;
}

/* Returns false if more input is needed first. */
static bool take_head(struct connection *connection, struct bits_text *input)
{
    struct conversation *conversation = conversation_of(connection);
    struct http1_head head;
    struct http1_offence offence = {0};
    size_t used = 0;

    switch (http1_head_parse(*input, conversation->scanned, &head, &used,
                             &offence)) {
    case HTTP1_DONE:
        input->ptr += used;
        input->len -= used;
        conversation->scanned = 0;
        if (used > connection_settings(connection)->max_header_size) {
            refuse_long_head(connection);
        } else {
            open_exchange(connection, &head);
        }
        return true;
    case HTTP1_PARTIAL:
        wait_for_rest(connection, input->len);
        return false;
    case HTTP1_REFUSED:
        refuse(connection, offence.status, offence.reason);
        break;
    }
    return true;
}

/* --- what connections call ----------------------------------------------- */

static void turn_away(struct connection *connection, unsigned status,
                      const char *sentence)
{
    send_goodbye(connection, status, sentence);
}

static void take(struct connection *connection, struct bits_text *input)
{
    while (input->len > 0 && connection_is_open(connection)) {
        switch (conversation_of(connection)->state) {
        case HTTP_STATE_IDLE:
        case HTTP_STATE_HEAD:
            if (!take_head(connection, input)) {
                return;
            }
            break;
        case HTTP_STATE_BODY:
            take_body(connection, input);
            break;
        case HTTP_STATE_WAITING:
            return;
        }
    }
}

/* Enough for a head and a small body. */
#define HEAD_READ_SIZE 16384

/* Chunks do not tell the length of the body, and bytes read beyond its end must
 * be kept. */
#define CHUNKED_READ_SIZE 65536

/* Shorter bodies are not worth a pipe. */
#define PIPED_LEAST ((uint64_t)64 << 10)

static struct handler_wish wants(const struct connection *connection)
{
    const struct conversation *conversation = conversation_in(connection);
    const struct http_exchange *exchange = conversation->exchange;
    struct handler_wish wish = {.size = HEAD_READ_SIZE};

    if (conversation->state != HTTP_STATE_BODY) {
        return wish;
    }
    wish.after_reset = true;
    wish.is_paced = true;
    wish.user = exchange->user;
    if (exchange->body.framing == BITS_FRAMING_CHUNKED) {
        wish.size = CHUNKED_READ_SIZE;
        return wish;
    }
    wish.size = http1_body_left(&exchange->body);
    wish.may_pipe = !exchange->dropping && wish.size >= PIPED_LEAST;
    return wish;
}

static void take_pipe(struct connection *connection, struct os_pipe *pipe)
{
    enum http1_body_state state =
        http1_body_pass(&exchange_of(connection)->body, pipe->held);

    connection_received(connection, pipe->held);
    take_content(connection, state,
                 (struct os_bytes){.pipe = pipe, .size = pipe->held});
}

static void resume(struct connection *connection)
{
    struct http_exchange *exchange = exchange_of(connection);

    take_verdict(connection, site_of(connection)->ops->resume(exchange));
}

static void time_out(struct connection *connection)
{
    if (conversation_of(connection)->state == HTTP_STATE_HEAD) {
        refuse(connection, 408,
               "The head of the request did not arrive within "
               "header_timeout.");
    } else {
        connection_close(connection);
    }
}

/* A client with an incomplete head is not in a request. */
static bool is_idle(const struct connection *connection)
{
    const struct conversation *conversation = conversation_in(connection);

    return conversation->state == HTTP_STATE_HEAD ||
           (conversation->state == HTTP_STATE_IDLE && connection->in.size == 0);
}

void http_init(struct http *http, struct http_site *site)
{
    static const struct handler_ops ops = {
        .memory = sizeof(struct conversation),
        .turn_away = turn_away,
        .wants = wants,
        .take = take,
        .take_pipe = take_pipe,
        .resume = resume,
        .time_out = time_out,
        .is_idle = is_idle,
        .release = release,
    };

    http->handler.ops = &ops;
    http->site = site;
}
