/*
 * server/loop.c: see loop.h.
 */
#include "server/loop.h"

#include <stdlib.h>

#include "base/compiler.h"
#include "base/log.h"
#include "server/connection_events.h"
#include "server/server.h"

/* After grace_time, how long to wait for requests that wait for the store.
 * TimeoutStopSec in packaging/bitsd.service must be longer. */
#define WAITING_GRACE_MS 60000

/* --- orders -------------------------------------------------------------- */

static void visit_connections(struct loop *loop)
{
    struct connection *next;

    for (struct connection *c = loop->connections; c; c = next) {
        next = c->next;
        connection_stop(c);
    }
}

/* A pause was as long as the rates before demanded. */
static void end_pauses(struct loop *loop)
{
    struct connection *next;

    for (struct connection *c = loop->connections; c; c = c->next) {
        connection_return_portion(c);
    }
    for (struct connection *c = loop->connections; c; c = next) {
        next = c->next;
        connection_ask_again(c);
    }
}

static void on_grace_over(uv_timer_t *timer);

static void set_grace(struct loop *loop, uint64_t ms)
{
    (void)uv_timer_start(&loop->grace, on_grace_over, ms, 0);
}

/* The last connection has closed. */
static void on_check(uv_check_t *check)
{
    struct loop *loop = CONTAINER_OF(check, struct loop, end);

    if (loop->connections) {
        return;
    }
    uv_mutex_lock(&loop->orders->mutex);
    loop->asleep = true;
    uv_mutex_unlock(&loop->orders->mutex);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->grace, NULL);
    uv_close((uv_handle_t *)&loop->end, NULL);
}

static void stop_listening(struct loop *loop)
{
    acceptor_stop(&loop->acceptor);
    if (orders_end_listening(loop->orders)) {
        listeners_close(loop->server->listeners, loop->server->listener_count);
    }
    (void)uv_check_start(&loop->end, on_check);
}

/* Enters every phase up to the given one in turn. */
static void enter(struct loop *loop, enum server_phase phase)
{
    while (loop->phase < phase) {
        loop->phase++;
        switch (loop->phase) {
        case SERVER_STOPPING:
            stop_listening(loop);
            set_grace(loop, loop->config->server.grace_time * 1000);
            break;
        case SERVER_ENDING:
            set_grace(loop, WAITING_GRACE_MS);
            break;
        case SERVER_RUNNING:
        case SERVER_CUTTING:
            break;
        }
        visit_connections(loop);
    }
}

static void on_grace_over(uv_timer_t *timer)
{
    struct loop *loop = CONTAINER_OF(timer, struct loop, grace);

    enter(loop, loop->phase + 1);
}

static void read_orders(struct loop *loop)
{
    enum server_phase phase;

    if (orders_read(loop->orders, &loop->serial, &loop->config, &phase)) {
        acceptor_make_room(&loop->acceptor);
        enter(loop, phase);
        end_pauses(loop);
    }
}

static void read_mail(struct loop *loop)
{
    struct mail *mail;
    unsigned words = 0;

    while ((mail = mailbox_take(&loop->mailbox, &words))) {
        connection_hear(CONTAINER_OF(mail, struct connection, mail), words);
    }
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = CONTAINER_OF(wake, struct loop, wake);

    read_orders(loop);
    read_mail(loop);
}

/* --- life ---------------------------------------------------------------- */

static int init_handles(struct loop *loop)
{
    int r = uv_loop_init(&loop->uv);

    if (r >= 0) {
        r = uv_async_init(&loop->uv, &loop->wake, on_wake);
    }
    if (r >= 0) {
        r = uv_timer_init(&loop->uv, &loop->grace);
    }
    if (r >= 0) {
        r = uv_check_init(&loop->uv, &loop->end);
    }
    return r < 0 ? r : mailbox_init(&loop->mailbox, &loop->wake);
}

int loop_init(struct loop *loop, struct server *server)
{
    int r;

    loop->server = server;
    loop->orders = &server->orders;
    loop->census = &server->census;
    loop->pacing = &server->pacing;
    loop->log = server->log;
    loop->config = config_ref(server->orders.config);
    loop->date.second = INT64_MIN;
    loop->buffer = malloc(LOOP_BUFFER_SIZE);
    if (!loop->buffer) {
        return UV_ENOMEM;
    }
    r = -os_pipe_open(&loop->pipe, LOOP_PIPE_SIZE);
    if (r < 0) {
        return r;
    }
    r = init_handles(loop);
    if (r < 0) {
        return r;
    }
    r = acceptor_init(&loop->acceptor, loop, server->listeners,
                      server->listener_count);
    if (r >= 0) {
        acceptor_make_room(&loop->acceptor);
    }
    return r;
}

static void run(void *argument)
{
    struct loop *loop = argument;
    struct server *server = loop->server;

    acceptor_start(&loop->acceptor);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (orders_end_running(loop->orders)) {
        server->stopped(server->context);
    }
}

int loop_start(struct loop *loop)
{
    return uv_thread_create(&loop->thread, run, loop);
}

void loop_done(struct loop *loop)
{
    (void)uv_thread_join(&loop->thread);
    (void)uv_loop_close(&loop->uv);
    mailbox_done(&loop->mailbox);
    config_unref(loop->config);
    acceptor_done(&loop->acceptor);
    os_pipe_close(&loop->pipe);
    free(loop->buffer);
}
