/*
 * server/connection.c: see connection.h.
 */
#include "server/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "server/conversation.h"
#include "server/loop.h"
#include "server/server.h"

const struct config_server *
connection_settings(const struct connection *connection)
{
    return &connection->loop->config->server;
}

bool connection_is_reading(const struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_HANDSHAKE:
    case CONNECTION_WAITING:
    case CONNECTION_FINISHING:
    case CONNECTION_CLOSED:
        return false;
    case CONNECTION_IDLE:
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
    case CONNECTION_LINGERING:
        break;
    }
    return connection->out.size == 0;
}

/* --- life ---------------------------------------------------------------- */

static void on_event(uv_poll_t *poll, int status, int events);

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

static void delist(struct connection *connection)
{
    struct loop *loop = connection->loop;

    if (connection->previous) {
        connection->previous->next = connection->next;
    } else {
        loop->connections = connection->next;
    }
    if (connection->next) {
        connection->next->previous = connection->previous;
    }
    loop->connection_count--;
}

/* Waits for what the call under way needs. */
static void watch(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED ||
        connection->state == CONNECTION_WAITING ||
        connection->wanted == connection->watched) {
        return;
    }
    connection->watched = connection->wanted;
    (void)uv_poll_start(&connection->poll, connection->watched, on_event);
}

static void unwatch(struct connection *connection)
{
    connection->watched = 0;
    (void)uv_poll_stop(&connection->poll);
}

void connection_set_timeout(struct connection *connection, uint64_t seconds)
{
    deadline_set(&connection->deadline, seconds);
}

void connection_no_timeout(struct connection *connection)
{
    deadline_clear(&connection->deadline);
}

static void release(struct connection *connection)
{
    if (--connection->handles == 0) {
        free(connection);
    }
}

static void on_poll_closed(uv_handle_t *handle)
{
    release(CONTAINER_OF((uv_poll_t *)(void *)handle, struct connection, poll));
}

static void on_deadline_closed(uv_handle_t *handle)
{
    release(CONTAINER_OF((uv_timer_t *)(void *)handle, struct connection,
                         deadline.timer));
}

void connection_close(struct connection *connection)
{
    struct loop *loop = connection->loop;

    if (connection->state == CONNECTION_CLOSED) {
        return;
    }
    connection->state = CONNECTION_CLOSED;
    conversation_release(connection);
    bytes_done(&connection->in);
    bytes_done(&connection->out);
    uv_close((uv_handle_t *)&connection->poll, on_poll_closed);
    uv_close((uv_handle_t *)&connection->deadline.timer, on_deadline_closed);
    connection->stream.ops->close(&connection->stream);
    delist(connection);
    census_leave(&loop->server->census, &connection->address);
    loop_connection_closed(loop);
}

/* --- sending ------------------------------------------------------------- */

/* When the server stops it waits no longer for those who have their answer. */
#define STOPPING_LINGER 2

static void finish_stream(struct connection *connection)
{
    int r = connection->stream.ops->finish(&connection->stream);

    if (r == 0) {
        connection->state = CONNECTION_LINGERING;
        connection->wanted = UV_READABLE;
    } else if (r == -EAGAIN) {
        connection->wanted = connection->stream.wants;
    } else {
        connection_close(connection);
    }
}

void connection_linger(struct connection *connection)
{
    uint64_t seconds = connection_settings(connection)->linger_timeout;

    if (connection->loop->phase != LOOP_RUNNING && seconds > STOPPING_LINGER) {
        seconds = STOPPING_LINGER;
    }
    if (seconds == 0) {
        connection_close(connection);
        return;
    }
    connection_set_timeout(connection, seconds);
    if (connection->state != CONNECTION_LINGERING) {
        connection->state = CONNECTION_FINISHING;
        finish_stream(connection);
        watch(connection);
    }
}

void connection_finish(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED) {
        return;
    }
    connection->ends = true;
    if (connection->out.size == 0) {
        connection_linger(connection);
    }
}

/* A peer that reads nothing gets as much time as one that sends nothing, but
 * not beyond the grace of a server that stops. */
static void send_later(struct connection *connection, const char *data,
                       size_t size)
{
    bool is_late = connection->loop->phase == LOOP_ENDING;

    if (is_late || !bytes_append(&connection->out, data, size)) {
        connection_close(connection);
        return;
    }
    connection_set_timeout(connection,
                           connection_settings(connection)->body_timeout);
    watch(connection);
}

/* Returns how many bytes the stream took.  False: the connection has closed. */
static bool send_some(struct connection *connection, const char *data,
                      size_t size, size_t *ret_sent)
{
    ssize_t n = connection->stream.ops->send(&connection->stream, data, size);

    if (n < 0 && n != -EAGAIN) {
        connection_close(connection);
        return false;
    }
    connection->wanted = n < 0 ? connection->stream.wants : UV_WRITABLE;
    *ret_sent = n < 0 ? 0 : (size_t)n;
    return true;
}

void connection_send(struct connection *connection, const void *data,
                     size_t size)
{
    size_t sent = 0;

    if (connection->state == CONNECTION_CLOSED ||
        (connection->out.size == 0 &&
         !send_some(connection, data, size, &sent))) {
        return;
    }
    if (sent < size) {
        send_later(connection, (const char *)data + sent, size - sent);
    } else {
        connection->wanted = UV_READABLE;
    }
}

static void send_rest(struct connection *connection)
{
    struct bytes *out = &connection->out;
    size_t sent;

    if (!send_some(connection, out->data, out->size, &sent)) {
        return;
    }
    bytes_skip(out, sent);
    if (out->size > 0) {
        watch(connection);
        return;
    }
    connection->wanted = UV_READABLE;
    if (connection->ends) {
        connection_linger(connection);
    }
    connection_resume(connection);
}

/* --- receiving ----------------------------------------------------------- */

/* Has the conversation take the input, which lies in `in` or in the loop's
 * buffer, and keeps the rest. */
static void offer(struct connection *connection, struct bits_text input)
{
    conversation_take(connection, &input);
    if (connection->state != CONNECTION_CLOSED &&
        !bytes_keep(&connection->in, input)) {
        connection_close(connection);
    }
}

/* What the buffer of a partial head grows to next: no larger than a head may
 * be. */
static size_t next_capacity(const struct connection *connection)
{
    uint64_t limit = connection_settings(connection)->max_header_size;
    size_t doubled = 2 * connection->in.capacity;

    return limit > connection->in.size && limit < doubled ? (size_t)limit
                                                          : doubled;
}

/* Behind a partial head; the buffer grows with it. */
static ssize_t read_more(struct connection *connection,
                         struct bits_text *ret_input)
{
    struct bytes *in = &connection->in;
    ssize_t n;

    if (in->size == in->capacity &&
        !bytes_grow(in, next_capacity(connection))) {
        return -ENOMEM;
    }
    n = connection->stream.ops->recv(&connection->stream, in->data + in->size,
                                     in->capacity - in->size);
    if (n > 0) {
        in->size += (size_t)n;
        *ret_input = (struct bits_text){in->data, in->size};
    }
    return n;
}

static ssize_t read_new(struct connection *connection,
                        struct bits_text *ret_input)
{
    char *buffer = connection->loop->buffer;
    uint64_t wanted = conversation_wants(connection);
    size_t size = wanted < LOOP_BUFFER_SIZE ? (size_t)wanted : LOOP_BUFFER_SIZE;
    ssize_t n = connection->stream.ops->recv(&connection->stream, buffer, size);

    if (n > 0) {
        *ret_input = (struct bits_text){buffer, (size_t)n};
    }
    return n;
}

/* False: there is nothing more to read now. */
static bool judge_read(struct connection *connection, ssize_t n)
{
    if (n > 0) {
        connection->wanted = UV_READABLE;
    } else if (n == -EAGAIN) {
        connection->wanted = connection->stream.wants;
    } else {
        connection_close(connection);
    }
    return n > 0;
}

/* What nobody took is not wanted. */
static void empty_pipe(struct os_pipe *pipe)
{
    struct os_bytes rest = {.pipe = pipe, .size = pipe->held};

    (void)os_bytes_skip(&rest, rest.size);
}

static bool may_pass_on(const struct connection *connection)
{
    const struct os_pipe *pipe = &connection->loop->pipe;

    return connection->in.size == 0 && pipe->held == 0 &&
           pipe->capacity >= LOOP_PIPE_LEAST && !connection->is_unsplicable &&
           connection->stream.ops->fill && conversation_wants_pipe(connection);
}

/* Straight on to the file. */
static bool pass_on(struct connection *connection)
{
    struct os_pipe *pipe = &connection->loop->pipe;
    uint64_t wanted = conversation_wants(connection);
    size_t size = wanted < LOOP_PIPE_SIZE ? (size_t)wanted : LOOP_PIPE_SIZE;
    ssize_t n = connection->stream.ops->fill(&connection->stream, pipe, size);

    if (n == -EINVAL) {
        /* It is read the other way. */
        connection->is_unsplicable = true;
        return true;
    }
    if (!judge_read(connection, n)) {
        return false;
    }
    conversation_take_pipe(connection, pipe);
    empty_pipe(pipe);
    return true;
}

/* False: there is nothing more to read now. */
static bool receive_some(struct connection *connection)
{
    struct bits_text input = {NULL, 0};
    ssize_t n;

    if (may_pass_on(connection)) {
        return pass_on(connection);
    }
    n = connection->in.size > 0 ? read_more(connection, &input)
                                : read_new(connection, &input);
    if (!judge_read(connection, n)) {
        return false;
    }
    offer(connection, input);
    return true;
}

static bool has_pending(const struct connection *connection)
{
    const struct stream *stream = &connection->stream;

    return stream->ops->has_pending && connection_is_reading(connection) &&
           stream->ops->has_pending(stream);
}

/* No event tells of bytes that the stream holds: they are read at once. */
static void proceed(struct connection *connection)
{
    while (has_pending(connection) && receive_some(connection)) {
        /* Each call reads some of them. */
    }
    watch(connection);
}

void connection_resume(struct connection *connection)
{
    if (connection->state != CONNECTION_CLOSED) {
        offer(connection,
              (struct bits_text){connection->in.data, connection->in.size});
        proceed(connection);
    }
}

/* --- beginning ----------------------------------------------------------- */

/* Each answer is sent in one piece; waiting to fill a segment would only hold
 * it back. */
static void send_at_once(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void on_deadline(struct deadline *deadline)
{
    struct connection *connection =
        CONTAINER_OF(deadline, struct connection, deadline);

    conversation_time_out(connection);
}

static void begin(struct connection *connection)
{
    const struct config_server *settings = connection_settings(connection);

    connection->state = CONNECTION_IDLE;
    connection->wanted = UV_READABLE;
    connection_set_timeout(connection, settings->idle_timeout);
    if (connection->refusal) {
        conversation_turn_away(connection, connection->refusal);
    }
    proceed(connection);
}

static void shake_hands(struct connection *connection)
{
    int r = connection->stream.ops->handshake(&connection->stream);

    if (r == 0) {
        begin(connection);
    } else if (r == -EAGAIN) {
        connection->wanted = connection->stream.wants;
        watch(connection);
    } else {
        connection_close(connection);
    }
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
    if (uv_poll_init(&connection->loop->uv, &connection->poll, stream->fd) <
        0) {
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
    struct connection *connection = calloc(1, sizeof(*connection));

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

/* --- events -------------------------------------------------------------- */

/* libuv has stopped watching.  What had arrived before the peer reset the
 * connection counts. */
static void on_reset(struct connection *connection)
{
    connection->watched = 0;
    while (connection->state == CONNECTION_BODY &&
           connection_is_reading(connection) && receive_some(connection)) {
        /* Each call stores what it read. */
    }
    if (connection->state != CONNECTION_WAITING) {
        connection_close(connection);
    }
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = CONTAINER_OF(poll, struct connection, poll);

    (void)events;
    if (status < 0) {
        on_reset(connection);
    } else if (connection->state == CONNECTION_HANDSHAKE) {
        shake_hands(connection);
    } else if (connection->out.size > 0) {
        send_rest(connection);
    } else if (connection->state == CONNECTION_FINISHING) {
        finish_stream(connection);
        connection_resume(connection);
    } else if (connection_is_reading(connection)) {
        (void)receive_some(connection);
        proceed(connection);
    } else {
        /* It is read once the upload service has decided. */
        unwatch(connection);
    }
}
