/*
 * server/uploads/uploads.c: see uploads.h.
 */
#include "server/uploads/uploads.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/handle.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"
#include "config/address_set.h"
#include "server/connection.h"
#include "server/http/http.h"
#include "server/uploads/http_packet.h"
#include "server/uploads/web_origin.h"

static struct packet *packet_of(struct http_exchange *exchange)
{
    return CONTAINER_OF(exchange, struct packet, exchange);
}

static struct upload_service *service_of(const struct packet *packet)
{
    return packet->uploads->service;
}

/* --- callbacks of the upload service ------------------------------------- */

static void on_ready(struct upload_request *request)
{
    connection_wake(
        CONTAINER_OF(request, struct packet, request)->exchange.connection);
}

static void on_cut(struct upload_request *request)
{
    connection_cut(
        CONTAINER_OF(request, struct packet, request)->exchange.connection);
}

static const struct upload_front front = {.ready = on_ready, .cut = on_cut};

/* --- answers ------------------------------------------------------------- */

static void emit(void *context, const char *name, struct bits_text value)
{
    http1_response_field(context, name, value);
}

static void write_ack(struct http_answer *answer,
                      struct http1_response *response)
{
    const struct packet *packet =
        CONTAINER_OF(answer, struct packet, exchange.answer);

    bits_answer_fields(&packet->request.answer, emit, response);
}

static void answer_packet(struct packet *packet)
{
    packet->exchange.answer = (struct http_answer){
        .status = packet->request.answer.outcome.status,
        .kind = HTTP_ANSWER_FIELDS,
        .write = write_ack,
    };
}

static void answer_look(struct packet *packet)
{
    unsigned status = packet->request.look_status;

    packet->exchange.answer = (struct http_answer){
        .status = status,
        .kind = HTTP_ANSWER_HEAD,
        .allow = status == 405 ? BITS_METHOD : NULL,
        .size = packet->request.look_size,
    };
}

static enum http_verdict pass(struct packet *packet,
                              enum upload_verdict verdict)
{
    switch (verdict) {
    case UPLOAD_PENDING:
        return HTTP_PENDING;
    case UPLOAD_ANSWER:
        if (packet->request.look_status) {
            answer_look(packet);
        } else {
            answer_packet(packet);
        }
        return HTTP_ANSWER;
    case UPLOAD_RECEIVE:
        return HTTP_RECEIVE;
    case UPLOAD_CUT:
        break;
    }
    return HTTP_CUT;
}

/* --- the upload service -------------------------------------------------- */

static enum http_verdict begin_packet(struct packet *packet)
{
    packet->begun = true;
    return pass(packet, upload_begin(service_of(packet), &packet->request));
}

static enum http_verdict begin_look(struct packet *packet)
{
    packet->begun = true;
    return pass(packet, upload_look(service_of(packet), &packet->request));
}

static void log_other_method(const struct packet *packet)
{
    const struct http_exchange *exchange = &packet->exchange;

    LOG(connection_log(exchange->connection), LOG_INFO, "refused",
        "this method is not answered here; uploads use " BITS_METHOD,
        LOG_NUMBER("status", 405), LOG_TEXT("method", packet->method),
        LOG_TEXT("path", packet->request.target.path),
        LOG_TEXT("peer", packet->request.peer),
        LOG_TEXT_IF_ANY("user", packet->request.user));
}

/* GET and the like.  For a path that no section covers, answers as it would to
 * a packet. */
static enum http_verdict answer_other_method(struct packet *packet,
                                             enum bits_cause cause)
{
    const struct config_upload *section =
        upload_matched_section(&packet->request);
    struct http_answer *answer = &packet->exchange.answer;

    if (cause == BITS_CAUSE_OK) {
        log_other_method(packet);
        answer->status = 405;
        answer->allow = section->head ? BITS_METHOD ", HEAD" : BITS_METHOD;
        answer->sentence =
            "This server takes BITS uploads; the method is " BITS_METHOD ".";
    } else {
        answer->status = cause_status(cause);
        answer->sentence = cause_sentence(cause);
    }
    return HTTP_ANSWER;
}

/* A packet without a body may have an empty chunked body.  Whether it is empty
 * belongs to the packet's form, so read it first. */
static bool must_read_body_first(const struct packet *packet)
{
    return packet->request.form == BITS_CAUSE_OK &&
           packet->request.packet.type != BITS_PACKET_FRAGMENT &&
           packet->exchange.body.framing == BITS_FRAMING_CHUNKED;
}

/* Call when section and user are known. cause: what is wrong with the
 * section. */
static enum http_verdict proceed(struct packet *packet, enum bits_cause cause)
{
    switch (packet->kind) {
    case PACKET_BITS:
        break;
    case PACKET_HEAD:
        return begin_look(packet);
    case PACKET_OTHER:
        return answer_other_method(packet, cause);
    }
    return must_read_body_first(packet) ? HTTP_RECEIVE : begin_packet(packet);
}

/* --- access -------------------------------------------------------------- */

static void on_decided(struct access_check *check)
{
    connection_wake(
        CONTAINER_OF(check, struct packet, check)->exchange.connection);
}

/* An answer to HEAD has no text. */
static enum http_answer_kind text_kind(const struct packet *packet)
{
    return packet->kind == PACKET_HEAD ? HTTP_ANSWER_HEAD : HTTP_ANSWER_TEXT;
}

static enum http_verdict deny(struct packet *packet,
                              struct bits_outcome outcome)
{
    upload_refuse(service_of(packet), &packet->request, outcome);
    if (packet->kind == PACKET_BITS) {
        answer_packet(packet);
        return HTTP_ANSWER;
    }
    packet->exchange.answer = (struct http_answer){
        .status = outcome.status,
        .kind = text_kind(packet),
        .sentence = cause_sentence(outcome.cause),
        .retry_after = outcome.retry_after,
    };
    return HTTP_ANSWER;
}

static void take_grant(struct packet *packet)
{
    const struct access_check *check = &packet->check;
    struct upload_request *request = &packet->request;

    if (check->user) {
        request->user = text_of(check->user);
        packet->exchange.user = request->user;
    }
    if (check->user_for_names) {
        request->user_for_names = text_of(check->user_for_names);
    }
    request->max_size = check->max_size;
    request->once_until = check->once_until;
}

static enum http_verdict judge(struct packet *packet,
                               enum access_verdict verdict)
{
    switch (verdict) {
    case ACCESS_PENDING:
        packet->checking = true;
        return HTTP_PENDING;
    case ACCESS_REFUSED:
        packet->exchange.answer = (struct http_answer){
            .status = 401,
            .kind = text_kind(packet),
            .sentence = "This section requires authentication.",
        };
        memcpy(packet->exchange.answer.challenges, packet->check.challenges,
               sizeof(packet->check.challenges));
        return HTTP_ANSWER;
    case ACCESS_DENIED:
        return deny(packet, packet->check.outcome);
    case ACCESS_GRANTED:
        break;
    }
    take_grant(packet);
    return packet->uploads->access->ops->permit(&packet->check) ==
                   ACCESS_GRANTED
               ? proceed(packet, BITS_CAUSE_OK)
               : deny(packet, packet->check.outcome);
}

static bool is_from_proxy(const struct connection *connection)
{
    const struct census_address *address = &connection->address;

    return config_networks_have(
        &connection_settings(connection)->trusted_proxies,
        address->counted ? address->ip : NULL);
}

static bool is_create(const struct packet *packet)
{
    const struct bits_packet *read = &packet->request.packet;

    return packet->kind == PACKET_BITS && read->type_known &&
           read->type == BITS_PACKET_CREATE_SESSION;
}

static enum http_verdict ask(struct packet *packet,
                             const struct http1_head *head)
{
    const struct stream *stream = &packet->exchange.connection->stream;
    struct access *access = packet->uploads->access;
    enum access_verdict verdict;

    packet->check = (struct access_check){
        .access = access,
        .section = upload_matched_section(&packet->request),
        .address = packet->client.address,
        .peer = packet->request.peer,
        .is_proxied = is_from_proxy(packet->exchange.connection),
        .head = head,
        .path = packet->request.target.path,
        .is_head = packet->kind == PACKET_HEAD,
        .is_create = is_create(packet),
        .invitation = packet->invitation.value,
        .invitation_count = packet->invitation.count,
        .decided = on_decided,
        .memo = &packet->exchange.connection->memo,
    };
    stream->ops->describe(stream, &packet->check.facts);
    packet->check.facts.scheme = packet->client.scheme;
    verdict = access->ops->ask(&packet->check);
    packet->check.head = NULL;
    packet->check.invitation = TEXT("");
    return judge(packet, verdict);
}

/* Call when the section is known. */
static enum http_verdict admit(struct packet *packet,
                               const struct http1_head *head)
{
    const struct connection *connection = packet->exchange.connection;

    if (!web_origin_is_allowed(head,
                               &connection_settings(connection)->public_url,
                               connection->listener)) {
        return deny(packet, cause_outcome(CAUSE_WEB_PAGE_REFUSED));
    }
    return packet->uploads->access ? ask(packet, head)
                                   : proceed(packet, BITS_CAUSE_OK);
}

static void forget_check(struct packet *packet)
{
    if (packet->checking) {
        packet->uploads->access->ops->forget(&packet->check);
    }
    free(packet->check.user);
    free(packet->check.user_for_names);
    free(packet->check.reply);
}

/* Adds what the client is told about its sign-in to whatever answer it gets.
 * Until access has decided, another thread may write the check. */
static enum http_verdict with_reply(struct packet *packet,
                                    enum http_verdict verdict)
{
    if (!packet->checking) {
        packet->exchange.answer.reply = packet->check.reply;
    }
    return verdict;
}

/* --- heads --------------------------------------------------------------- */

/* The client, as far as the connection shows it. */
static struct forwarded nearest_client(const struct connection *connection)
{
    struct forwarded client = {.address = connection->address};
    struct stream_facts facts;

    connection->stream.ops->describe(&connection->stream, &facts);
    client.scheme = facts.scheme;
    memcpy(client.peer, connection->peer, sizeof(client.peer));
    return client;
}

/* *ret_ignored: of forwarded_read(). */
static struct packet_origin origin_of(const struct connection *connection,
                                      const struct http1_head *head,
                                      const char **ret_ignored)
{
    const struct config_server *settings = connection_settings(connection);
    struct packet_origin origin = {
        .client = nearest_client(connection),
        .authority = connection->listener->authority,
        .method_override = settings->method_override,
    };

    *ret_ignored =
        is_from_proxy(connection)
            ? forwarded_read(head, &settings->trusted_proxies, &origin.client)
            : NULL;
    return origin;
}

static struct http_exchange *open_request(struct http_site *site,
                                          struct connection *connection,
                                          const struct http1_head *head)
{
    const char *ignored;
    struct packet_origin origin = origin_of(connection, head, &ignored);
    struct packet *packet = packet_new(&origin, head);

    if (!packet) {
        return NULL;
    }
    packet->uploads = CONTAINER_OF(site, struct uploads, site);
    packet->request.front = &front;
    return &packet->exchange;
}

static enum http_verdict begin(struct http_exchange *exchange,
                               const struct http1_head *head)
{
    struct connection *connection = exchange->connection;
    struct packet *packet = packet_of(exchange);
    const char *ignored;
    struct packet_origin origin = origin_of(connection, head, &ignored);
    const char *fault = packet_read(packet, &origin, head);
    enum bits_cause cause;

    if (ignored) {
        connection_complain(connection, "forwarded", ignored);
    }
    if (fault) {
        return http_refuse(exchange, 400, fault);
    }
    cause = upload_match(service_of(packet), &packet->request);
    return with_reply(packet, cause == BITS_CAUSE_OK ? admit(packet, head)
                                                     : proceed(packet, cause));
}

/* --- bodies -------------------------------------------------------------- */

/* Continues with the body, unless it is longer than its range. */
static enum http_verdict pass_body(struct packet *packet,
                                   enum upload_verdict verdict)
{
    if (verdict == UPLOAD_RECEIVE && packet->is_long) {
        verdict =
            upload_end(service_of(packet), &packet->request, BITS_BODY_LONG);
    }
    return pass(packet, verdict);
}

/* Passes content to the service; of a chunked body only as much as its range
 * covers. */
static enum http_verdict store(struct packet *packet, struct os_bytes content)
{
    uint64_t room = upload_body_limit(&packet->request) - packet->received;
    enum upload_verdict verdict = UPLOAD_RECEIVE;

    if (content.size > room) {
        packet->is_long = true;
        content.size = (size_t)room;
    }
    packet->received += content.size;
    if (content.size > 0) {
        verdict = upload_chunk(service_of(packet), &packet->request, content);
    }
    return pass_body(packet, verdict);
}

static enum http_verdict chunk(struct http_exchange *exchange,
                               struct os_bytes content)
{
    struct packet *packet = packet_of(exchange);

    if (packet->begun) {
        return with_reply(packet, store(packet, content));
    }
    packet->request.form = BITS_CAUSE_BODY_UNEXPECTED;
    return with_reply(packet, begin_packet(packet));
}

static enum http_verdict end(struct http_exchange *exchange)
{
    struct packet *packet = packet_of(exchange);
    bool is_short = packet->received < upload_body_limit(&packet->request);

    if (!packet->begun) {
        return with_reply(packet, begin_packet(packet));
    }
    return with_reply(
        packet,
        pass(packet, upload_end(service_of(packet), &packet->request,
                                is_short ? BITS_BODY_SHORT : BITS_BODY_WHOLE)));
}

/* --- the rest ------------------------------------------------------------ */

static enum http_verdict resume(struct http_exchange *exchange)
{
    struct packet *packet = packet_of(exchange);

    if (packet->checking) {
        packet->checking = false;
        return with_reply(packet, judge(packet, packet->check.verdict));
    }
    return with_reply(
        packet,
        pass_body(packet, upload_resume(service_of(packet), &packet->request)));
}

static void answered(struct http_exchange *exchange)
{
    const struct packet *packet = packet_of(exchange);
    const struct bits_packet *read = &packet->request.packet;
    const char *type =
        read->type_known ? bits_packet_type_name(read->type) : "";
    char handle[HANDLE_LEN + 1];

    LOG(connection_log(exchange->connection), LOG_DEBUG, "packet", "answered",
        LOG_TEXT("method", packet->method), LOG_TEXT("packet", text_of(type)),
        LOG_NUMBER("status", exchange->answer.status),
        LOG_TEXT("path", packet->request.target.path),
        LOG_TEXT("session", handle_of_text(read->session_id, handle)),
        LOG_TEXT("peer", packet->request.peer),
        LOG_TEXT_IF_ANY("user", packet->request.user));
}

static void release(struct http_exchange *exchange)
{
    struct packet *packet = packet_of(exchange);

    forget_check(packet);
    upload_release(service_of(packet), &packet->request);
    free(packet);
}

void uploads_init(struct uploads *uploads, struct upload_service *service,
                  struct access *access)
{
    static const struct http_site_ops ops = {
        .open = open_request,
        .begin = begin,
        .chunk = chunk,
        .end = end,
        .resume = resume,
        .answered = answered,
        .release = release,
    };

    uploads->site.ops = &ops;
    uploads->service = service;
    uploads->access = access;
}
