/*
 * server/exchange.c: from a head to a packet.
 */
#include "server/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "http1/field.h"

#define BEHIND_SCHEME "://"

/* --- what the upload service calls --------------------------------------- */

static void on_ready(struct upload_request *request)
{
    struct exchange *exchange = CONTAINER_OF(request, struct exchange, request);

    mailbox_post(exchange->mailbox, &exchange->mail, MAIL_READY);
}

static void on_cut(struct upload_request *request)
{
    struct exchange *exchange = CONTAINER_OF(request, struct exchange, request);

    mailbox_post(exchange->mailbox, &exchange->mail, MAIL_CUT);
}

static const struct upload_front front = {.ready = on_ready, .cut = on_cut};

/* --- what is kept of the head -------------------------------------------- */

static char *append(char *end, struct bits_text text)
{
    if (text.len > 0) {
        memcpy(end, text.ptr, text.len);
    }
    return end + text.len;
}

static struct bits_text host_of(const struct http1_head *head,
                                const struct exchange_origin *origin)
{
    return head->host.len > 0 ? head->host : text_of(origin->authority);
}

/* Copies the text behind what is kept already. */
static void keep(struct exchange *exchange, struct bits_text *text)
{
    char *start = exchange->text + exchange->text_size;

    exchange->text_size += (size_t)(append(start, *text) - start);
    text->ptr = start;
}

/* Writes the URL, unless the target is one. */
static void write_url(struct exchange *exchange,
                      const struct exchange_origin *origin)
{
    char *start = exchange->text + exchange->text_size;
    char *end;

    if (exchange->request.target.authority.len > 0) {
        exchange->request.url = exchange->head.target;
        return;
    }
    end = append(start, origin->facts.scheme);
    end = append(end, TEXT(BEHIND_SCHEME));
    end = append(end, host_of(&exchange->head, origin));
    end = append(end, exchange->head.target);
    exchange->request.url = (struct bits_text){start, (size_t)(end - start)};
    exchange->text_size += exchange->request.url.len;
}

/* --- the packet ---------------------------------------------------------- */

static bool has_override(const struct http1_head *head)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("X-HTTP-Method-Override"))) {
            return text_equal(value, TEXT(BITS_METHOD));
        }
    }
    return false;
}

static bool is_packet(const struct http1_head *head,
                      const struct exchange_origin *origin)
{
    return text_equal(head->method, TEXT(BITS_METHOD)) ||
           (origin->method_override && text_equal(head->method, TEXT("POST")) &&
            has_override(head));
}

static void read_packet(struct exchange *exchange)
{
    const struct http1_head *head = &exchange->head;
    struct bits_packet_reader reader;
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    bits_packet_reader_init(&reader);
    while (http1_next_field(&cursor, &name, &value)) {
        bits_packet_reader_field(&reader, name, value);
    }
    bits_packet_reader_body(&reader, head->framing, head->content_length,
                            head->content_length_malformed);
    exchange->request.form =
        bits_packet_reader_end(&reader, &exchange->request.packet);
}

static void refuse_target(struct exchange *exchange, const char *sentence)
{
    exchange->closes = true;
    exchange->plain = (struct reply_plain){.status = 400, .sentence = sentence};
}

static void read_head(struct exchange *exchange,
                      const struct exchange_origin *origin)
{
    const struct http1_head *head = &exchange->head;

    http1_body_init(&exchange->body, head->framing, head->content_length);
    exchange->closes = !head->keep_alive || head->content_length_malformed;
    exchange->body_ended =
        head->framing == BITS_FRAMING_NONE ||
        (head->framing == BITS_FRAMING_LENGTH && head->content_length == 0);
    exchange->may_continue = head->expect_continue && !exchange->body_ended;
    exchange->is_packet = is_packet(head, origin);
    if (!bits_target_parse(head->target, &exchange->request.target)) {
        refuse_target(exchange,
                      "The request target is neither a path nor a URL.");
        return;
    }
    if (exchange->request.target.authority.len > HTTP1_HOST_MAX) {
        refuse_target(exchange,
                      "The host in the URL is longer than 261 bytes.");
        return;
    }
    write_url(exchange, origin);
    if (exchange->is_packet) {
        read_packet(exchange);
    }
}

/* Room for what is kept: a long head with an Authorization is not. */
static size_t text_room(const struct exchange_origin *origin,
                        const struct http1_head *head)
{
    return head->method.len + 2 * head->target.len + origin->facts.scheme.len +
           sizeof(BEHIND_SCHEME) + host_of(head, origin).len +
           BITS_SESSION_ID_MAX;
}

struct exchange *exchange_new(const struct exchange_origin *origin,
                              const struct http1_head *head)
{
    struct exchange *exchange =
        malloc(sizeof(*exchange) + text_room(origin, head));

    if (!exchange) {
        return NULL;
    }
    memset(exchange, 0, sizeof(*exchange));
    exchange->connection = origin->connection;
    exchange->mailbox = origin->mailbox;
    exchange->request.front = &front;
    exchange->request.peer = origin->peer;
    exchange->head = *head;
    keep(exchange, &exchange->head.method);
    keep(exchange, &exchange->head.target);
    read_head(exchange, origin);
    keep(exchange, &exchange->request.packet.session_id);
    exchange->head.fields = (struct bits_text){NULL, 0};
    exchange->head.host = (struct bits_text){NULL, 0};
    return exchange;
}

void exchange_take_look(struct exchange *exchange)
{
    unsigned status = exchange->request.look_status;

    if (status == 0) {
        return;
    }
    exchange->plain = (struct reply_plain){
        .status = status,
        .allow = status == 405 ? BITS_METHOD : NULL,
        .head_only = true,
        .has_size = status == 200,
        .size = exchange->request.look_size,
    };
}

void exchange_free(struct exchange *exchange)
{
    if (exchange) {
        mailbox_forget(exchange->mailbox, &exchange->mail);
        free(exchange);
    }
}
