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

static void on_event(uv_poll_t *poll, int status, int events);

const struct config_server *
connection_settings(const struct connection *connection)
{
    return &connection->loop->config->server;
}

bool connection_is_reading(const struct connection *connection)
{
    return connection->state != CONNECTION_WAITING &&
           connection->state != CONNECTION_CLOSED && connection->out.size == 0;
}

/* Less is not worth a call. */
#define SHRINK_LEAST 4096

/* --- buffers ------------------------------------------------------------- */

static void bytes_done(struct connection_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct connection_bytes){NULL, 0, 0};
}

static bool bytes_grow(struct connection_bytes *bytes, size_t capacity)
{
    char *data;

    if (capacity <= bytes->capacity) {
        return true;
    }
    data = realloc(bytes->data, capacity);
    if (!data) {
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

static bool bytes_append(struct connection_bytes *bytes, const void *data,
                         size_t size)
{
    if (!bytes_grow(bytes, bytes->size + size)) {
        return false;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return true;
}

/* Gives back most of what a long head took. */
static void bytes_shrink(struct connection_bytes *bytes)
{
    char *data;

    if (bytes->capacity < 2 * bytes->size + SHRINK_LEAST) {
        return;
    }
    data = realloc(bytes->data, bytes->size);
    if (data) {
        bytes->data = data;
        bytes->capacity = bytes->size;
    }
}

/* Keeps what was not taken; it may lie in `in` itself. */
static bool keep(struct connection *connection, struct bits_text rest)
{
    struct connection_bytes *in = &connection->in;

    if (rest.len == 0) {
        bytes_done(in);
        return true;
    }
    if (in->size > 0) {
        memmove(in->data, rest.ptr, rest.len);
        in->size = rest.len;
        bytes_shrink(in);
        return true;
    }
    return bytes_append(in, rest.ptr, rest.len);
}

/* --- the clock ----------------------------------------------------------- */

static void arm(struct connection *connection);

static void on_timer(uv_timer_t *timer)
{
    struct connection *connection =
        CONTAINER_OF(timer, struct connection, timer);

    connection->armed = UINT64_MAX;
    if (connection->deadline == UINT64_MAX) {
        return;
    }
    if (connection->deadline > uv_now(&connection->loop->uv)) {
        arm(connection);
        return;
    }
    conversation_time_out(connection);
}

static void arm(struct connection *connection)
{
    uint64_t now = uv_now(&connection->loop->uv);

    connection->armed = connection->deadline;
    (void)uv_timer_start(&connection->timer, on_timer,
                         connection->deadline - now, 0);
}

/* Deadlines mostly move away: the timer is left to fire too early then. */
void connection_set_timeout(struct connection *connection, uint64_t seconds)
{
    connection->deadline = uv_now(&connection->loop->uv) + seconds * 1000;
    if (connection->deadline < connection->armed) {
        arm(connection);
    }
}

void connection_no_timeout(struct connection *connection)
{
    connection->deadline = UINT64_MAX;
}

/* --- life ---------------------------------------------------------------- */

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

static void watch(struct connection *connection)
{
    int events = connection->out.size > 0 ? UV_WRITABLE : UV_READABLE;

    if (connection->state == CONNECTION_CLOSED ||
        connection->state == CONNECTION_WAITING ||
        events == connection->watched) {
        return;
    }
    connection->watched = events;
    (void)uv_poll_start(&connection->poll, events, on_event);
}

static void unwatch(struct connection *connection)
{
    connection->watched = 0;
    (void)uv_poll_stop(&connection->poll);
}

/* Each answer is sent in one piece; waiting to fill a segment would only hold
 * it back. */
static void send_at_once(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct connection *connection_open(struct loop *loop,
                                   const struct listener *listener, int fd,
                                   const struct sockaddr *peer,
                                   const struct census_address *address)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (!connection || uv_poll_init(&loop->uv, &connection->poll, fd) < 0) {
        free(connection);
        (void)close(fd);
        return NULL;
    }
    if (listener->is_network) {
        send_at_once(fd);
    }
    (void)uv_timer_init(&loop->uv, &connection->timer);
    connection->handles = 2;
    connection->armed = UINT64_MAX;
    connection->loop = loop;
    connection->listener = listener;
    connection->address = *address;
    connection->state = CONNECTION_IDLE;
    stream_init_plain(&connection->stream, fd);
    (void)address_write(peer, connection->peer);
    enlist(connection);
    connection_set_timeout(connection,
                           connection_settings(connection)->idle_timeout);
    watch(connection);
    return connection;
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

static void on_timer_closed(uv_handle_t *handle)
{
    release(
        CONTAINER_OF((uv_timer_t *)(void *)handle, struct connection, timer));
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
    uv_close((uv_handle_t *)&connection->timer, on_timer_closed);
    connection->stream.ops->close(&connection->stream);
    delist(connection);
    census_leave(&loop->server->census, &connection->address);
    loop_connection_closed(loop);
}

/* --- sending ------------------------------------------------------------- */

/* When the server stops it waits no longer for those who have their answer. */
#define STOPPING_LINGER 2

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
    connection->state = CONNECTION_LINGERING;
    connection->stream.ops->finish(&connection->stream);
    connection_set_timeout(connection, seconds);
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

void connection_send(struct connection *connection, const void *data,
                     size_t size)
{
    ssize_t n = -EAGAIN;

    if (connection->state == CONNECTION_CLOSED) {
        return;
    }
    if (connection->out.size == 0) {
        n = connection->stream.ops->send(&connection->stream, data, size);
    }
    if (n < 0 && n != -EAGAIN) {
        connection_close(connection);
        return;
    }
    n = n < 0 ? 0 : n;
    if ((size_t)n < size) {
        send_later(connection, (const char *)data + n, size - (size_t)n);
    }
}

static void on_writable(struct connection *connection)
{
    struct connection_bytes *out = &connection->out;
    ssize_t n =
        connection->stream.ops->send(&connection->stream, out->data, out->size);

    if (n == -EAGAIN) {
        return;
    }
    if (n < 0) {
        connection_close(connection);
        return;
    }
    out->size -= (size_t)n;
    memmove(out->data, out->data + n, out->size);
    if (out->size > 0) {
        return;
    }
    bytes_done(out);
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
    if (connection->state == CONNECTION_CLOSED) {
        return;
    }
    if (!keep(connection, input)) {
        connection_close(connection);
        return;
    }
    watch(connection);
}

void connection_resume(struct connection *connection)
{
    if (connection->state != CONNECTION_CLOSED) {
        offer(connection,
              (struct bits_text){connection->in.data, connection->in.size});
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
    struct connection_bytes *in = &connection->in;
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
    if (n <= 0 && n != -EAGAIN) {
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
    watch(connection);
    return true;
}

/* False: there is nothing more to read now. */
static bool on_readable(struct connection *connection)
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

/* libuv has stopped watching.  What had arrived before the peer reset the
 * connection counts. */
static void on_reset(struct connection *connection)
{
    connection->watched = 0;
    while (connection->state == CONNECTION_BODY &&
           connection_is_reading(connection) && on_readable(connection)) {
        /* Each call stores what it read. */
    }
    if (connection->state != CONNECTION_WAITING) {
        connection_close(connection);
    }
}

static void on_event(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = CONTAINER_OF(poll, struct connection, poll);

    if (status < 0) {
        on_reset(connection);
    } else if (events & UV_WRITABLE) {
        on_writable(connection);
    } else if (connection_is_reading(connection)) {
        (void)on_readable(connection);
    } else {
        /* It is read once the upload service has decided. */
        unwatch(connection);
    }
}
