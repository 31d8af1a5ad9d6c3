/*
 * server/connection_receive.c: reads what the handler asks for, and offers it.
 */
#include <errno.h>

#include "base/smaller.h"
#include "server/connection_private.h"
#include "server/handler.h"
#include "server/loop.h"

/* A stream that reads ahead never runs out of bytes while its peer is fast. */
#define READS_AT_ONCE 4

bool connection_is_reading(const struct connection *connection)
{
    return connection_is_open(connection) ||
           connection->state == CONNECTION_LINGERING;
}

/* Offers the input, in `in` or in the loop's buffer, to the handler and keeps
 * the rest. */
static void offer(struct connection *connection, struct bits_text input)
{
    if (connection_is_open(connection) && input.len > 0) {
        connection_handler(connection)->take(connection, &input);
    }
    if (connection->state == CONNECTION_LINGERING) {
        input.len = 0;
    }
    if (connection->state != CONNECTION_CLOSED &&
        !buffer_keep(&connection->in, input)) {
        connection_close(connection);
    }
}

/* The next size of the buffer for a partial head, at most the limit of a
 * head. */
static size_t next_capacity(const struct connection *connection)
{
    uint64_t limit = connection_settings(connection)->max_header_size;
    size_t doubled = 2 * connection->in.capacity;

    return limit > connection->in.size && limit < doubled ? (size_t)limit
                                                          : doubled;
}

/* Reads after a partial head; the buffer grows with it. */
static ssize_t read_more(struct connection *connection,
                         struct bits_text *ret_input)
{
    struct buffer *in = &connection->in;
    ssize_t n;

    if (in->size == in->capacity &&
        !buffer_grow(in, next_capacity(connection))) {
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

static ssize_t read_new(struct connection *connection, uint64_t wanted,
                        struct bits_text *ret_input)
{
    char *buffer = connection->loop->buffer;
    size_t size = (size_t)smaller(wanted, LOOP_BUFFER_SIZE);
    ssize_t n = connection->stream.ops->recv(&connection->stream, buffer, size);

    if (n > 0) {
        *ret_input = (struct bits_text){buffer, (size_t)n};
    }
    return n;
}

/* Returns false if no more input is available now. */
static bool judge_read(struct connection *connection, ssize_t n)
{
    if (n > 0) {
        connection->watch.wanted = UV_READABLE;
    } else if (n == -EAGAIN) {
        connection->watch.wanted = connection->stream.wants;
    } else {
        connection_fail(connection, n);
    }
    return n > 0;
}

/* Discards the bytes that the handler did not take. */
static void empty_pipe(struct os_pipe *pipe)
{
    struct os_bytes rest = {.pipe = pipe, .size = pipe->held};

    (void)os_bytes_skip(&rest, rest.size);
}

static bool may_pass_on(const struct connection *connection,
                        const struct handler_wish *wish)
{
    const struct os_pipe *pipe = &connection->loop->pipe;

    return wish->may_pipe && connection->in.size == 0 && pipe->held == 0 &&
           pipe->capacity >= LOOP_PIPE_LEAST && !connection->is_unsplicable &&
           connection->stream.ops->fill;
}

/* Moves input directly to the file. */
static bool pass_on(struct connection *connection, uint64_t wanted)
{
    struct os_pipe *pipe = &connection->loop->pipe;
    size_t size = (size_t)smaller(wanted, LOOP_PIPE_SIZE);
    ssize_t n = connection->stream.ops->fill(&connection->stream, pipe, size);

    if (n == -EINVAL) {
        /* recv reads it from now on. */
        connection->is_unsplicable = true;
        return true;
    }
    if (!judge_read(connection, n)) {
        return false;
    }
    connection_handler(connection)->take_pipe(connection, pipe);
    empty_pipe(pipe);
    return true;
}

/* While lingering, input is discarded in any amount. */
static struct handler_wish wish_of(const struct connection *connection)
{
    return connection->state == CONNECTION_LINGERING
               ? (struct handler_wish){.size = UINT64_MAX}
               : connection_handler(connection)->wants(connection);
}

bool connection_receive(struct connection *connection)
{
    struct handler_wish wish = wish_of(connection);
    struct bits_text input = {NULL, 0};
    ssize_t n;

    if (wish.is_paced) {
        wish.size = connection_admit(connection, wish.user, wish.size);
        if (wish.size == 0) {
            return false;
        }
    }
    if (may_pass_on(connection, &wish)) {
        return pass_on(connection, wish.size);
    }
    n = connection->in.size > 0 ? read_more(connection, &input)
                                : read_new(connection, wish.size, &input);
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

void connection_proceed(struct connection *connection)
{
    unsigned reads = 0;

    while (has_pending(connection)) {
        if (reads++ == READS_AT_ONCE) {
            /* Others take their turn.  A socket that can be written to causes
             * an event at once. */
            connection->watch.wanted |= UV_WRITABLE;
            break;
        }
        if (!connection_receive(connection)) {
            break;
        }
    }
    connection_watch(connection);
}

void connection_go_on(struct connection *connection)
{
    if (connection->state != CONNECTION_CLOSED) {
        offer(connection,
              (struct bits_text){connection->in.data, connection->in.size});
        connection_proceed(connection);
    }
}
