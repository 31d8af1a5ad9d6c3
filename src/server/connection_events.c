/*
 * server/connection_events.c: the events of a connection: start, descriptor
 * ready, time-out, mail, stop of the server.
 */
#include "server/connection_events.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/smaller.h"
#include "base/text.h"
#include "server/connection_private.h"
#include "server/handler.h"
#include "server/loop.h"

/* --- the descriptor is ready --------------------------------------------- */

/* Returns false if the connection has closed. */
static bool send_bytes(struct connection *connection)
{
    struct buffer *out = &connection->out;
    size_t sent;

    if (!connection_send_some(connection, out->data, out->size, &sent)) {
        return false;
    }
    buffer_skip(out, sent);
    return true;
}

/* Returns false if the connection has closed.  Reads bytes again that the
 * stream did not accept. */
static bool send_of_file(struct connection *connection)
{
    struct connection_file *file = &connection->file;
    char *buffer = connection->loop->buffer;
    ssize_t n =
        pread(file->fd, buffer, (size_t)smaller(file->left, LOOP_BUFFER_SIZE),
              (off_t)file->offset);
    size_t sent;

    if (n <= 0) {
        connection_close(connection);
        return false;
    }
    if (!connection_send_some(connection, buffer, (size_t)n, &sent)) {
        return false;
    }
    file->offset += sent;
    file->left -= sent;
    if (file->left == 0) {
        (void)close(file->fd);
    }
    if (sent > 0) {
        connection_time_peer(connection);
    }
    return true;
}

static void send_rest(struct connection *connection)
{
    bool is_alive = connection->out.size > 0 ? send_bytes(connection)
                                             : send_of_file(connection);

    if (!is_alive) {
        return;
    }
    if (connection_is_sending(connection)) {
        connection_watch(connection);
        return;
    }
    connection->watch.wanted = UV_READABLE;
    if (connection->ends) {
        connection_linger(connection);
    } else if (connection->state == CONNECTION_OPEN) {
        connection_set_timeout(connection, connection->timeout);
    }
    connection_go_on(connection);
}

static void open_connection(struct connection *connection)
{
    const struct config_server *settings = connection_settings(connection);

    connection->state = CONNECTION_OPEN;
    connection->watch.wanted = UV_READABLE;
    connection_set_timeout(connection, settings->idle_timeout);
}

static void begin(struct connection *connection)
{
    open_connection(connection);
    if (connection->refusal) {
        connection_handler(connection)
            ->turn_away(connection, 503, connection->refusal);
    }
    connection_proceed(connection);
}

/* A client that forgot the "s" of https gets an answer that it can read. */
static void turn_plain_away(struct connection *connection)
{
    LOG(connection_log(connection), LOG_INFO, "bad-request",
        "plain HTTP on a port for TLS; the URL must begin with https://",
        LOG_NUMBER("status", 400), LOG_TEXT("peer", text_of(connection->peer)));
    open_connection(connection);
    connection_handler(connection)
        ->turn_away(connection, 400,
                    "This port speaks TLS: use https:// in the URL.");
    connection_proceed(connection);
}

static void shake_hands(struct connection *connection)
{
    int r = connection->stream.ops->handshake(&connection->stream);

    if (r == 0) {
        begin(connection);
    } else if (r == -EAGAIN) {
        connection->watch.wanted = connection->stream.wants;
        connection_watch(connection);
    } else if (r == -EPROTOTYPE) {
        turn_plain_away(connection);
    } else {
        connection_fail(connection, r);
    }
}

/* The peer may have said why before it reset the connection; its data do not
 * count any more. */
static void close_with_reason(struct connection *connection)
{
    const struct stream *stream = &connection->stream;
    ssize_t n = 0;

    if (connection_is_open(connection) && stream->ops->explain) {
        do {
            n = stream->ops->recv(&connection->stream, connection->loop->buffer,
                                  LOOP_BUFFER_SIZE);
        } while (n > 0);
    }
    connection_fail(connection, n);
}

/* Bytes that arrived before the peer reset the connection count. */
static void on_reset(struct connection *connection)
{
    connection->has_all = true;
    if (connection->state == CONNECTION_PAUSED) {
        connection_end_pause(connection);
    }
    if (connection->state == CONNECTION_HANDSHAKE) {
        shake_hands(connection);
    }
    while (connection_is_open(connection) &&
           connection_handler(connection)->wants(connection).after_reset &&
           connection_receive(connection)) {
        /* Each call stores what it read. */
    }
    if (connection->state != CONNECTION_WAITING) {
        close_with_reason(connection);
    }
}

static void on_event(struct fd_watch *watch, int status)
{
    struct connection *connection =
        CONTAINER_OF(watch, struct connection, watch);

    if (status < 0) {
        on_reset(connection);
    } else if (connection->state == CONNECTION_HANDSHAKE) {
        shake_hands(connection);
    } else if (connection_is_sending(connection)) {
        send_rest(connection);
    } else if (connection->state == CONNECTION_FINISHING) {
        connection_finish_stream(connection);
        connection_go_on(connection);
    } else if (connection->state == CONNECTION_PAUSED) {
        connection->has_all = true;
        connection_ask_again(connection);
    } else if (connection_is_reading(connection)) {
        (void)connection_receive(connection);
        connection_proceed(connection);
    } else {
        /* It is read when the handler no longer waits. */
        fd_watch_stop(&connection->watch);
    }
}

/* --- time ---------------------------------------------------------------- */

void connection_ask_again(struct connection *connection)
{
    if (connection->state == CONNECTION_PAUSED) {
        connection_end_pause(connection);
        connection_go_on(connection);
    }
}

static void on_deadline(struct deadline *deadline)
{
    struct connection *connection =
        CONTAINER_OF(deadline, struct connection, deadline);

    if (connection_is_open(connection)) {
        connection_handler(connection)->time_out(connection);
        return;
    }
    if (connection->state == CONNECTION_PAUSED) {
        connection_ask_again(connection);
        return;
    }
    if (connection->state == CONNECTION_HANDSHAKE) {
        connection_complain(connection, "tls",
                            "the handshake did not end within header_timeout");
    }
    connection_close(connection);
}

/* --- beginning ----------------------------------------------------------- */

/* Each answer is sent in one piece, so waiting to fill a segment would only
 * delay it. */
static void send_at_once(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void enlist(struct connection *connection)
{
    struct loop *loop = connection->loop;

    connection->next = loop->connections;
    if (loop->connections) {
        loop->connections->previous = connection;
    }
    loop->connections = connection;
    loop->connection_count++;
}

static bool open_handles(struct connection *connection,
                         const struct connection_arrival *arrival)
{
    const struct stream_kind *kind = arrival->listener->streams;
    struct stream *stream = &connection->stream;

    if (kind->open(kind, arrival->fd, stream) != 0) {
        (void)close(arrival->fd);
        return false;
    }
    if (fd_watch_init(&connection->watch, &connection->loop->uv, stream->fd,
                      on_event) < 0) {
        stream->ops->close(stream);
        return false;
    }
    deadline_init(&connection->deadline, &connection->loop->uv, on_deadline);
    connection->handles = 2;
    return true;
}

struct connection *connection_new(struct loop *loop,
                                  const struct connection_arrival *arrival)
{
    size_t memory = arrival->listener->handler->ops->memory;
    struct connection *connection = calloc(1, sizeof(*connection) + memory);

    if (!connection) {
        (void)close(arrival->fd);
        return NULL;
    }
    connection->loop = loop;
    if (!open_handles(connection, arrival)) {
        free(connection);
        return NULL;
    }
    if (arrival->listener->is_network) {
        send_at_once(arrival->fd);
    }
    connection->listener = arrival->listener;
    connection->address = arrival->address;
    connection->refusal = arrival->refusal;
    connection->state = CONNECTION_HANDSHAKE;
    (void)address_write(arrival->peer, connection->peer);
    enlist(connection);
    return connection;
}

void connection_start(struct connection *connection)
{
    if (!connection->stream.ops->handshake) {
        begin(connection);
        return;
    }
    connection_set_timeout(connection,
                           connection_settings(connection)->header_timeout);
    shake_hands(connection);
}

/* --- mail ---------------------------------------------------------------- */

void connection_hear(struct connection *connection, unsigned words)
{
    if (words & MAIL_CUT) {
        connection_close(connection);
        return;
    }
    if (connection->state == CONNECTION_WAITING) {
        connection->state = CONNECTION_OPEN;
    }
    connection_handler(connection)->resume(connection);
    if (connection->loop->phase >= SERVER_ENDING &&
        connection_is_open(connection)) {
        /* The handler wants more input, but the time for it is over. */
        connection_close(connection);
    }
    connection_go_on(connection);
}

/* --- stopping the server ------------------------------------------------- */

static bool may_stop(const struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_HANDSHAKE:
        return true;
    case CONNECTION_OPEN:
        return connection_is_open(connection) &&
               connection_handler(connection)->is_idle(connection);
    case CONNECTION_WAITING:
    case CONNECTION_PAUSED:
    case CONNECTION_FINISHING:
    case CONNECTION_LINGERING:
    case CONNECTION_CLOSED:
        break;
    }
    return false;
}

static bool must_stop(const struct connection *connection)
{
    return connection->loop->phase == SERVER_CUTTING ||
           (connection->loop->phase == SERVER_ENDING &&
            connection->state != CONNECTION_WAITING);
}

void connection_stop(struct connection *connection)
{
    if (must_stop(connection) || may_stop(connection)) {
        connection_close(connection);
    } else if (connection->state == CONNECTION_FINISHING ||
               connection->state == CONNECTION_LINGERING) {
        connection_linger(connection);
    }
}
