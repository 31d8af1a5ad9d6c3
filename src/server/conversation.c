/*
 * server/conversation.c: see conversation.h.
 *
 * A head becomes an exchange; the upload service's verdicts say what becomes
 * of its body; the answer ends it.  Any step may close the connection, so
 * callers look at its state before they go on.
 */
#include "server/conversation.h"

#include "base/log.h"
#include "base/text.h"
#include "server/connection.h"
#include "server/loop.h"

/* A refused body of a known length up to this is read, so that the connection
 * can go on; Windows sends at most 13 MB in one fragment. */
#define DROP_MAX ((uint64_t)16 << 20)

static void take_verdict(struct connection *connection,
                         enum upload_verdict verdict);

/* --- answers ------------------------------------------------------------- */

static unsigned status_of(const struct exchange *exchange)
{
    return exchange->plain.status
               ? exchange->plain.status
               : bits_cause_status(exchange->request.answer.cause);
}

static enum reply_connection reply_connection(const struct exchange *exchange)
{
    if (exchange->closes) {
        return REPLY_CLOSES;
    }
    return exchange->head.minor == 0 ? REPLY_STAYS_1_0 : REPLY_STAYS;
}

static void log_exchange(struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;
    const struct bits_packet *packet = &exchange->request.packet;
    const char *type =
        packet->type_known ? bits_packet_type_name(packet->type) : "";

    LOG(connection->loop->log, LOG_DEBUG, "packet", "answered",
        LOG_TEXT("method", exchange->head.method),
        LOG_TEXT("packet", text_of(type)),
        LOG_NUMBER("status", status_of(exchange)),
        LOG_TEXT("path", exchange->request.target.path),
        LOG_TEXT("session", packet->session_id),
        LOG_TEXT("peer", text_of(connection->peer)));
}

void conversation_release(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    if (!exchange) {
        return;
    }
    connection->exchange = NULL;
    if (exchange->begun) {
        upload_release(connection->loop->service, &exchange->request);
    }
    exchange_free(exchange);
}

static void be_idle(struct connection *connection)
{
    connection->state = CONNECTION_IDLE;
    connection->scanned = 0;
    connection_set_timeout(connection,
                           connection_settings(connection)->idle_timeout);
}

/* Sends the answer; the exchange is over. */
static void reply(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct http1_response response;
    const char *date = loop_date(connection->loop);
    bool closes;

    exchange->closes |= connection->loop->phase != LOOP_RUNNING;
    closes = exchange->closes;
    if (exchange->plain.status) {
        reply_write_plain(&response, &exchange->plain,
                          reply_connection(exchange), date);
    } else {
        reply_write_ack(&response, &exchange->request.answer,
                        reply_connection(exchange), date);
    }
    log_exchange(connection);
    conversation_release(connection);
    be_idle(connection);
    connection_send(connection, response.data, response.size);
    if (closes) {
        connection_finish(connection);
    }
}

static void send_goodbye(struct connection *connection, unsigned status,
                         const char *sentence)
{
    const struct reply_plain plain = {.status = status, .sentence = sentence};
    struct http1_response response;

    reply_write_plain(&response, &plain, REPLY_CLOSES,
                      loop_date(connection->loop));
    connection_send(connection, response.data, response.size);
    connection_finish(connection);
}

void conversation_turn_away(struct connection *connection, const char *sentence)
{
    send_goodbye(connection, 503, sentence);
}

static void log_bad_request(struct connection *connection, unsigned status,
                            const char *sentence)
{
    LOG(connection->loop->log, LOG_INFO, "bad-request", sentence,
        LOG_NUMBER("status", status),
        LOG_TEXT("peer", text_of(connection->peer)));
}

/* Refuses a connection that no exchange can be made of. */
static void refuse(struct connection *connection, unsigned status,
                   const char *sentence)
{
    log_bad_request(connection, status, sentence);
    send_goodbye(connection, status, sentence);
}

/* --- bodies -------------------------------------------------------------- */

static void end_body(struct connection *connection);

/* The body gets body_timeout for its next bytes. */
static void expect_content(struct connection *connection)
{
    connection->exchange->brought = 0;
    connection_set_timeout(connection,
                           connection_settings(connection)->body_timeout);
}

static void note_content(struct connection *connection, uint64_t bytes)
{
    const struct config_server *settings = connection_settings(connection);
    struct exchange *exchange = connection->exchange;

    exchange->brought += bytes;
    if (exchange->brought > 0 &&
        exchange->brought >= settings->min_body_rate * settings->body_timeout) {
        expect_content(connection);
    }
}

/* Reads the body that the exchange's flags want. */
static void receive_body(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct http1_response response;

    if (connection->loop->phase == LOOP_ENDING) {
        connection_close(connection);
        return;
    }
    connection->state = CONNECTION_BODY;
    expect_content(connection);
    if (exchange->body_ended) {
        end_body(connection);
    } else if (exchange->may_continue) {
        exchange->may_continue = false;
        reply_write_continue(&response);
        connection_send(connection, response.data, response.size);
    }
}

static bool is_long(const struct exchange *exchange)
{
    return exchange->body.framing == BITS_FRAMING_CHUNKED ||
           http1_body_left(&exchange->body) > DROP_MAX;
}

/* Answers, once the body is out of the way.  Only refusals may come before
 * the end of a body, since clients go on sending. */
static void answer(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    if (exchange->body_ended) {
        reply(connection);
    } else if (status_of(exchange) >= 400 &&
               (exchange->may_continue || is_long(exchange))) {
        exchange->closes = true;
        reply(connection);
    } else {
        exchange->dropping = true;
        receive_body(connection);
    }
}

static void begin(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    exchange->begun = true;
    take_verdict(connection,
                 upload_begin(connection->loop->service, &exchange->request));
}

static void take_verdict(struct connection *connection,
                         enum upload_verdict verdict)
{
    switch (verdict) {
    case UPLOAD_PENDING:
        connection->state = CONNECTION_WAITING;
        connection_no_timeout(connection);
        break;
    case UPLOAD_ANSWER:
        exchange_take_look(connection->exchange);
        answer(connection);
        break;
    case UPLOAD_RECEIVE:
        receive_body(connection);
        break;
    case UPLOAD_CUT:
        connection_close(connection);
        break;
    }
}

/* Hands content to the service, a chunked body's no further than its range.
 * False: the service has taken its decision. */
static bool store(struct connection *connection, struct os_bytes content)
{
    struct exchange *exchange = connection->exchange;
    struct upload_service *service = connection->loop->service;
    uint64_t room = upload_body_limit(&exchange->request) - exchange->received;
    bool is_longer = content.size > room;
    enum upload_verdict verdict = UPLOAD_RECEIVE;

    if (is_longer) {
        content.size = (size_t)room;
    }
    exchange->received += content.size;
    if (content.size > 0) {
        verdict = upload_chunk(service, &exchange->request, content);
    }
    if (verdict == UPLOAD_RECEIVE && is_longer) {
        verdict = upload_end(service, &exchange->request, BITS_BODY_LONG);
    }
    if (verdict != UPLOAD_RECEIVE) {
        take_verdict(connection, verdict);
        return false;
    }
    return true;
}

/* False: reading this body is over, or goes on for another reason. */
static bool feed(struct connection *connection, struct os_bytes content)
{
    struct exchange *exchange = connection->exchange;

    if (content.size == 0 || exchange->dropping) {
        return true;
    }
    if (!exchange->begun) {
        exchange->request.form = BITS_CAUSE_BODY_UNEXPECTED;
        begin(connection);
        return false;
    }
    return store(connection, content);
}

static void end_body(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    if (exchange->dropping) {
        reply(connection);
    } else if (!exchange->begun) {
        begin(connection);
    } else {
        take_verdict(connection,
                     upload_end(connection->loop->service, &exchange->request,
                                exchange->received <
                                        upload_body_limit(&exchange->request)
                                    ? BITS_BODY_SHORT
                                    : BITS_BODY_WHOLE));
    }
}

static void break_off(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    exchange->closes = true;
    exchange->plain = (struct reply_plain){
        .status = 400, .sentence = "The chunked body makes no sense."};
    log_bad_request(connection, 400, exchange->plain.sentence);
    reply(connection);
}

static void take_content(struct connection *connection,
                         enum http1_body_state state, struct os_bytes content)
{
    struct exchange *exchange = connection->exchange;

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
        break_off(connection);
        break;
    }
}

static void take_body(struct connection *connection, struct bits_text *input)
{
    struct bits_text content;
    enum http1_body_state state =
        http1_body_take(&connection->exchange->body, input, &content);

    take_content(connection, state,
                 (struct os_bytes){.data = content.ptr, .size = content.len});
}

/* --- heads --------------------------------------------------------------- */

static void look(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    exchange->begun = true;
    take_verdict(connection,
                 upload_look(connection->loop->service, &exchange->request));
}

/* GET and the like.  A path that nobody covers is no better for them. */
static void answer_other_method(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    bool takes_head;
    enum bits_cause cause = upload_covers(connection->loop->service,
                                          &exchange->request, &takes_head);

    if (cause == BITS_CAUSE_OK) {
        exchange->plain.status = 405;
        exchange->plain.allow = takes_head ? BITS_METHOD ", HEAD" : BITS_METHOD;
        exchange->plain.sentence =
            "This server takes BITS uploads; the method is " BITS_METHOD ".";
    } else {
        exchange->plain.status = bits_cause_status(cause);
        exchange->plain.sentence = bits_cause_sentence(cause);
    }
    answer(connection);
}

/* A body-less packet may come with an empty chunked body; whether it is empty
 * is part of the packet's form. */
static bool must_read_body_first(const struct exchange *exchange)
{
    return exchange->request.form == BITS_CAUSE_OK &&
           exchange->request.packet.type != BITS_PACKET_FRAGMENT &&
           exchange->head.framing == BITS_FRAMING_CHUNKED;
}

static void start_exchange(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;

    if (exchange->plain.status) {
        log_bad_request(connection, exchange->plain.status,
                        exchange->plain.sentence);
        answer(connection);
    } else if (text_equal(exchange->head.method, TEXT("HEAD"))) {
        look(connection);
    } else if (!exchange->is_packet) {
        answer_other_method(connection);
    } else if (must_read_body_first(exchange)) {
        receive_body(connection);
    } else {
        begin(connection);
    }
}

static void refuse_long_head(struct connection *connection)
{
    refuse(connection, 431,
           "The head of the request is larger than max_header_size.");
}

static void open_exchange(struct connection *connection, size_t size,
                          const struct http1_head *head)
{
    const struct config_server *settings = connection_settings(connection);
    struct exchange_origin origin = {
        .connection = connection,
        .mailbox = &connection->loop->mailbox,
        .authority = connection->listener->authority,
        .peer = text_of(connection->peer),
        .method_override = settings->method_override,
    };

    if (size > settings->max_header_size) {
        refuse_long_head(connection);
        return;
    }
    connection->stream.ops->describe(&connection->stream, &origin.facts);
    connection->exchange = exchange_new(&origin, head);
    if (!connection->exchange) {
        refuse(connection, 503, "The server is out of memory.");
        return;
    }
    start_exchange(connection);
}

/* A head that is not whole stays in *input. */
static void wait_for_rest(struct connection *connection, size_t size)
{
    const struct config_server *settings = connection_settings(connection);

    if (size >= settings->max_header_size) {
        refuse_long_head(connection);
        return;
    }
    if (connection->loop->phase != LOOP_RUNNING) {
        connection_close(connection);
        return;
    }
    if (connection->state == CONNECTION_IDLE) {
        connection->state = CONNECTION_HEAD;
        connection_set_timeout(connection, settings->header_timeout);
    }
    connection->scanned = size;
}

/* False: more must be read first. */
static bool take_head(struct connection *connection, struct bits_text *input)
{
    struct bits_text data = *input;
    struct http1_head head;
    size_t used = 0;
    struct http1_offence offence = {0};

    switch (
        http1_head_parse(data, connection->scanned, &head, &used, &offence)) {
    case HTTP1_DONE:
        input->ptr += used;
        input->len -= used;
        connection->scanned = 0;
        open_exchange(connection, used, &head);
        return true;
    case HTTP1_PARTIAL:
        wait_for_rest(connection, data.len);
        return false;
    case HTTP1_REFUSED:
        refuse(connection, offence.status, offence.reason);
        break;
    }
    return true;
}

/* --- what connections call ----------------------------------------------- */

void conversation_take(struct connection *connection, struct bits_text *input)
{
    while (input->len > 0 && connection_is_reading(connection)) {
        switch (connection->state) {
        case CONNECTION_IDLE:
        case CONNECTION_HEAD:
            if (!take_head(connection, input)) {
                return;
            }
            break;
        case CONNECTION_BODY:
            take_body(connection, input);
            break;
        case CONNECTION_LINGERING:
            input->len = 0;
            break;
        case CONNECTION_HANDSHAKE:
        case CONNECTION_WAITING:
        case CONNECTION_FINISHING:
        case CONNECTION_CLOSED:
            return;
        }
    }
}

/* Enough for a head and a small body. */
#define HEAD_READ_SIZE 16384

/* Chunks do not say how far the body reaches; what is read beyond its end may
 * have to be kept. */
#define CHUNKED_READ_SIZE 65536

uint64_t conversation_wants(const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;

    if (connection->state == CONNECTION_LINGERING) {
        return UINT64_MAX;
    }
    if (connection->state != CONNECTION_BODY) {
        return HEAD_READ_SIZE;
    }
    return exchange->body.framing == BITS_FRAMING_CHUNKED
               ? CHUNKED_READ_SIZE
               : http1_body_left(&exchange->body);
}

/* Less is hardly worth a pipe. */
#define PIPED_LEAST ((uint64_t)64 << 10)

bool conversation_wants_pipe(const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;

    return connection->state == CONNECTION_BODY && exchange->begun &&
           !exchange->dropping &&
           exchange->body.framing == BITS_FRAMING_LENGTH &&
           http1_body_left(&exchange->body) >= PIPED_LEAST;
}

void conversation_take_pipe(struct connection *connection, struct os_pipe *pipe)
{
    enum http1_body_state state =
        http1_body_pass(&connection->exchange->body, pipe->held);

    take_content(connection, state,
                 (struct os_bytes){.pipe = pipe, .size = pipe->held});
}

void conversation_hear(struct connection *connection, unsigned words)
{
    struct exchange *exchange = connection->exchange;

    if (words & MAIL_CUT) {
        connection_close(connection);
        return;
    }
    take_verdict(connection,
                 upload_resume(connection->loop->service, &exchange->request));
    connection_resume(connection);
}

void conversation_time_out(struct connection *connection)
{
    if (connection->state == CONNECTION_HEAD && !connection->ends &&
        connection->out.size == 0) {
        refuse(connection, 408,
               "The head of the request did not arrive within "
               "header_timeout.");
    } else {
        connection_close(connection);
    }
}

/* A head that has not ended is not a request yet. */
static bool has_request(const struct connection *connection)
{
    return connection->state != CONNECTION_HANDSHAKE &&
           connection->state != CONNECTION_HEAD &&
           (connection->state != CONNECTION_IDLE || connection->in.size > 0 ||
            connection->out.size > 0);
}

void conversation_stop(struct connection *connection)
{
    bool is_over = connection->loop->phase == LOOP_ENDING
                       ? connection->state != CONNECTION_WAITING
                       : !has_request(connection);

    if (is_over) {
        connection_close(connection);
    } else if (connection->state == CONNECTION_FINISHING ||
               connection->state == CONNECTION_LINGERING) {
        connection_linger(connection);
    }
}
