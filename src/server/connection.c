/*
 * server/connection.c: the calls that handlers make on a connection.
 */
#include "server/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "server/connection_private.h"
#include "server/handler.h"
#include "server/loop.h"

const struct config_server *
connection_settings(const struct connection *connection)
{
    return &connection->loop->config->server;
}

bool connection_is_sending(const struct connection *connection)
{
    return connection->out.size > 0 || connection->file.left > 0;
}

bool connection_is_open(const struct connection *connection)
{
    return connection->state == CONNECTION_OPEN &&
           !connection_is_sending(connection);
}

bool connection_is_stopping(const struct connection *connection)
{
    return connection->loop->phase != SERVER_RUNNING;
}

struct log_sink *connection_log(const struct connection *connection)
{
    return connection->loop->log;
}

const char *connection_date(const struct connection *connection)
{
    return date_now(&connection->loop->date);
}

const struct handler_ops *
connection_handler(const struct connection *connection)
{
    return connection->listener->handler->ops;
}

/* --- the clock and the watch --------------------------------------------- */

void connection_watch(struct connection *connection)
{
    if (connection->state != CONNECTION_CLOSED &&
        connection->state != CONNECTION_WAITING &&
        connection->state != CONNECTION_PAUSED) {
        fd_watch_start(&connection->watch);
    }
}

void connection_set_timeout(struct connection *connection, uint64_t seconds)
{
    connection->timeout = seconds;
    deadline_set(&connection->deadline, seconds);
}

void connection_continue_timeout(struct connection *connection)
{
    deadline_continue(&connection->deadline);
}

void connection_no_timeout(struct connection *connection)
{
    deadline_clear(&connection->deadline);
}

/* --- closing ------------------------------------------------------------- */

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

static void drop_file(struct connection_file *file)
{
    if (file->left > 0) {
        (void)close(file->fd);
        file->left = 0;
    }
}

static void release(struct connection *connection)
{
    if (--connection->handles == 0) {
        free(connection);
    }
}

static void on_poll_closed(uv_handle_t *handle)
{
    release(CONTAINER_OF((uv_poll_t *)(void *)handle, struct connection,
                         watch.poll));
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
    connection_handler(connection)->release(connection);
    if (connection->memo) {
        connection->memo->free(connection->memo);
    }
    connection_end_transfer(connection);
    mailbox_forget(&loop->mailbox, &connection->mail);
    buffer_done(&connection->in);
    buffer_done(&connection->out);
    drop_file(&connection->file);
    uv_close((uv_handle_t *)&connection->watch.poll, on_poll_closed);
    uv_close((uv_handle_t *)&connection->deadline.timer, on_deadline_closed);
    connection->stream.ops->close(&connection->stream);
    delist(connection);
    census_leave(loop->census, &connection->address);
}

/* A flood of broken handshakes must not fill the log. */
void connection_complain(struct connection *connection, const char *event,
                         const char *words)
{
    struct loop *loop = connection->loop;
    uint64_t skipped = 0;

    if (!log_limit_allows(&loop->complaints, uv_now(&loop->uv), &skipped)) {
        return;
    }
    LOG(loop->log, LOG_INFO, event, words,
        LOG_TEXT("peer", text_of(connection->peer)),
        skipped > 0 ? LOG_NUMBER("skipped", skipped) : LOG_NOTHING);
}

void connection_fail(struct connection *connection, ssize_t error)
{
    const struct stream *stream = &connection->stream;

    if (error == -EPROTO && stream->ops->explain) {
        connection_complain(connection, "tls", stream->ops->explain(stream));
    }
    connection_close(connection);
}

/* --- sending ------------------------------------------------------------- */

/* While the server stops, how long to linger after an answer, in seconds. */
#define STOPPING_LINGER 2

void connection_finish_stream(struct connection *connection)
{
    int r = connection->stream.ops->finish(&connection->stream);

    if (r == 0) {
        connection->state = CONNECTION_LINGERING;
        connection->watch.wanted = UV_READABLE;
    } else if (r == -EAGAIN) {
        connection->watch.wanted = connection->stream.wants;
    } else {
        connection_fail(connection, r);
    }
}

void connection_linger(struct connection *connection)
{
    uint64_t seconds = connection_settings(connection)->linger_timeout;

    if (connection_is_stopping(connection) && seconds > STOPPING_LINGER) {
        seconds = STOPPING_LINGER;
    }
    if (seconds == 0) {
        connection_close(connection);
        return;
    }
    connection_set_timeout(connection, seconds);
    if (connection->state != CONNECTION_LINGERING) {
        connection->state = CONNECTION_FINISHING;
        connection_finish_stream(connection);
        connection_watch(connection);
    }
}

void connection_finish(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED) {
        return;
    }
    connection->ends = true;
    if (!connection_is_sending(connection)) {
        connection_linger(connection);
    }
}

void connection_time_peer(struct connection *connection)
{
    deadline_set(&connection->deadline,
                 connection_settings(connection)->body_timeout);
}

/* A peer that does not read gets the same time as one that does not send, but
 * not beyond the grace period of a stopping server. */
static void send_later(struct connection *connection, const char *data,
                       size_t size)
{
    bool is_late = connection->loop->phase >= SERVER_ENDING;

    if (is_late || !buffer_append(&connection->out, data, size)) {
        connection_close(connection);
        return;
    }
    connection_time_peer(connection);
    connection_watch(connection);
}

bool connection_send_some(struct connection *connection, const char *data,
                          size_t size, size_t *ret_sent)
{
    ssize_t n = connection->stream.ops->send(&connection->stream, data, size);

    if (n < 0 && n != -EAGAIN) {
        connection_fail(connection, n);
        return false;
    }
    connection->watch.wanted = n < 0 ? connection->stream.wants : UV_WRITABLE;
    *ret_sent = n < 0 ? 0 : (size_t)n;
    return true;
}

void connection_send(struct connection *connection, const void *data,
                     size_t size)
{
    size_t sent = 0;

    if (connection->state == CONNECTION_CLOSED ||
        (connection->out.size == 0 &&
         !connection_send_some(connection, data, size, &sent))) {
        return;
    }
    if (sent < size) {
        send_later(connection, (const char *)data + sent, size - sent);
    } else {
        connection->watch.wanted = UV_READABLE;
    }
}

void connection_send_file(struct connection *connection, int fd, uint64_t size)
{
    if (connection->state == CONNECTION_CLOSED || size == 0) {
        (void)close(fd);
        return;
    }
    connection->file = (struct connection_file){.fd = fd, .left = size};
    if (connection->loop->phase >= SERVER_ENDING) {
        connection_close(connection);
        return;
    }
    /* The handler's input may still be in the loop's buffer: send later. */
    if (connection->out.size == 0) {
        connection->watch.wanted = UV_WRITABLE;
    }
    connection_time_peer(connection);
    connection_watch(connection);
}

/* --- waiting ------------------------------------------------------------- */

void connection_wait(struct connection *connection)
{
    connection->state = CONNECTION_WAITING;
    deadline_pause(&connection->deadline);
}

void connection_wake(struct connection *connection)
{
    mailbox_post(&connection->loop->mailbox, &connection->mail, MAIL_READY);
}

void connection_cut(struct connection *connection)
{
    mailbox_post(&connection->loop->mailbox, &connection->mail, MAIL_CUT);
}

void connection_forget_wake(struct connection *connection)
{
    mailbox_forget(&connection->loop->mailbox, &connection->mail);
}
