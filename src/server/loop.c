/*
 * server/loop.c: see loop.h.
 */
#include "server/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "server/conversation.h"
#include "server/server.h"

/* Without descriptors or memory nothing is accepted for so long; who wants to
 * connect waits in the kernel's queue. */
#define PAUSE_MS 1000

/* Complaints of one kind are at least so far apart. */
#define COMPLAINT_MS 60000

const char *loop_date(struct loop *loop)
{
    int64_t now = (int64_t)time(NULL);

    if (now != loop->date_of) {
        loop->date_of = now;
        reply_format_date(now, loop->date);
    }
    return loop->date;
}

static const char *const complaints[] = {
    [LOOP_NO_DESCRIPTORS] = "out of file descriptors: connections wait; raise "
                            "LimitNOFILE or lower max_connections",
    [LOOP_NO_MEMORY] = "out of memory: connections wait",
    [LOOP_FULL] = "max_connections is reached; further connections get 503",
    [LOOP_FULL_ADDRESS] = "max_connections_per_address is reached; further "
                          "connections of that address get 503",
};

static void complain(struct loop *loop, enum loop_complaint complaint)
{
    uint64_t now = uv_now(&loop->uv);

    if (now >= loop->next_complaint[complaint]) {
        loop->next_complaint[complaint] = now + COMPLAINT_MS;
        log_words(loop->log, LOG_WARNING, "overload", complaints[complaint]);
    }
}

/* --- accepting ----------------------------------------------------------- */

static void on_connection(uv_poll_t *poll, int status, int events);

static void listen_again(uv_timer_t *timer)
{
    struct loop *loop = CONTAINER_OF(timer, struct loop, pause);

    for (size_t i = 0; i < loop->listener_count; i++) {
        (void)uv_poll_start(&loop->listeners[i].poll, UV_READABLE,
                            on_connection);
    }
}

static void pause_accepting(struct loop *loop, int error)
{
    complain(loop, error == EMFILE || error == ENFILE ? LOOP_NO_DESCRIPTORS
                                                      : LOOP_NO_MEMORY);
    for (size_t i = 0; i < loop->listener_count; i++) {
        (void)uv_poll_stop(&loop->listeners[i].poll);
    }
    (void)uv_timer_start(&loop->pause, listen_again, PAUSE_MS, 0);
}

/* What a connection that is not welcome is told. */
static const char *refusal(struct loop *loop, enum census_verdict verdict)
{
    switch (verdict) {
    case CENSUS_FULL:
        complain(loop, LOOP_FULL);
        return "Too many connections.";
    case CENSUS_FULL_ADDRESS:
        complain(loop, LOOP_FULL_ADDRESS);
        return "Too many connections from this address.";
    case CENSUS_WELCOME:
    case CENSUS_FLOODED:
        break;
    }
    return NULL;
}

static void take_in(struct loop_listener *from, int fd,
                    const struct sockaddr *peer)
{
    struct loop *loop = from->loop;
    struct census *census = &loop->server->census;
    const struct config_server *settings = &loop->config->server;
    struct connection_arrival arrival = {
        .listener = from->listener,
        .fd = fd,
        .peer = peer,
        .address = census_address_of(peer),
    };
    enum census_verdict verdict =
        census_enter(census, &arrival.address, settings->max_connections,
                     settings->max_connections_per_address);
    struct connection *connection = NULL;

    if (verdict == CENSUS_FLOODED) {
        (void)close(fd);
    } else {
        arrival.refusal = refusal(loop, verdict);
        connection = connection_new(loop, &arrival);
    }
    if (connection) {
        connection_start(connection);
    } else {
        census_leave(census, &arrival.address);
    }
}

/* One connection at a time: the other loops get their share. */
static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct loop_listener *from = CONTAINER_OF(poll, struct loop_listener, poll);
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);
    int fd;

    (void)status;
    (void)events;
    fd = accept4(from->listener->fd, (struct sockaddr *)&peer, &size,
                 SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        take_in(from, fd, (const struct sockaddr *)&peer);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
               errno == ENOBUFS) {
        pause_accepting(from->loop, errno);
    }
}

/* --- room for descriptors ------------------------------------------------ */

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void watch_once(struct loop *loop, int fd)
{
    uv_poll_t *poll = malloc(sizeof(*poll));

    if (!poll || uv_poll_init(&loop->uv, poll, fd) < 0) {
        free(poll);
        return;
    }
    (void)uv_poll_start(poll, UV_READABLE, on_connection);
    uv_close((uv_handle_t *)poll, free_handle);
}

/* libuv's table of what it watches grows with the highest descriptor, and
 * without memory that ends the process.  So it gets its room at once, for a
 * data file beside each socket. */
static void make_room(struct loop *loop)
{
    uint64_t highest = 2 * loop->config->server.max_connections;
    struct rlimit limit;
    int fd;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    fd = fcntl(loop->pipe.read_fd, F_DUPFD_CLOEXEC,
               (int)smaller(highest, limit.rlim_cur - 1));
    if (fd >= 0) {
        watch_once(loop, fd);
        (void)close(fd);
    }
}

/* --- orders -------------------------------------------------------------- */

static void visit_connections(struct loop *loop)
{
    struct connection *next;

    for (struct connection *c = loop->connections; c; c = next) {
        next = c->next;
        conversation_stop(c);
    }
}

static void end_grace(struct loop *loop)
{
    loop->phase = LOOP_ENDING;
    visit_connections(loop);
}

static void on_grace_over(uv_timer_t *timer)
{
    end_grace(CONTAINER_OF(timer, struct loop, grace));
}

static void stop_listening(struct loop *loop)
{
    (void)uv_timer_stop(&loop->pause);
    for (size_t i = 0; i < loop->listener_count; i++) {
        uv_close((uv_handle_t *)&loop->listeners[i].poll, NULL);
    }
    server_loop_is_deaf(loop->server);
}

static void end_if_empty(struct loop *loop)
{
    struct server *server = loop->server;

    if (loop->phase == LOOP_RUNNING || loop->connections || loop->asleep) {
        return;
    }
    uv_mutex_lock(&server->mutex);
    loop->asleep = true;
    uv_mutex_unlock(&server->mutex);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->pause, NULL);
    uv_close((uv_handle_t *)&loop->grace, NULL);
}

static void stop(struct loop *loop)
{
    loop->phase = LOOP_STOPPING;
    stop_listening(loop);
    (void)uv_timer_start(&loop->grace, on_grace_over,
                         loop->config->server.grace_time * 1000, 0);
    visit_connections(loop);
    end_if_empty(loop);
}

static void carry_out(struct loop *loop, enum loop_phase phase)
{
    if (phase != LOOP_RUNNING && loop->phase == LOOP_RUNNING) {
        stop(loop);
    }
    if (phase == LOOP_ENDING && loop->phase == LOOP_STOPPING) {
        end_grace(loop);
    }
}

static void read_orders(struct loop *loop)
{
    struct server *server = loop->server;
    enum loop_phase phase;
    struct config *old = loop->config;

    if (__atomic_load_n(&server->orders, __ATOMIC_ACQUIRE) == loop->orders) {
        return;
    }
    uv_mutex_lock(&server->mutex);
    loop->orders = server->orders;
    loop->config = config_ref(server->config);
    phase = server->phase;
    uv_mutex_unlock(&server->mutex);
    config_unref(old);
    make_room(loop);
    carry_out(loop, phase);
}

static void read_mail(struct loop *loop)
{
    struct mail *mail;
    unsigned words = 0;

    while ((mail = mailbox_take(&loop->mailbox, &words))) {
        conversation_hear(CONTAINER_OF(mail, struct exchange, mail)->connection,
                          words);
    }
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = CONTAINER_OF(wake, struct loop, wake);

    read_orders(loop);
    read_mail(loop);
}

void loop_connection_closed(struct loop *loop)
{
    end_if_empty(loop);
}

/* --- life ---------------------------------------------------------------- */

static int init_listeners(struct loop *loop)
{
    struct server *server = loop->server;
    int r = 0;

    loop->listeners =
        calloc(server->listener_count, sizeof(loop->listeners[0]));
    if (!loop->listeners) {
        return UV_ENOMEM;
    }
    loop->listener_count = server->listener_count;
    for (size_t i = 0; i < loop->listener_count && r >= 0; i++) {
        struct loop_listener *listener = &loop->listeners[i];

        listener->loop = loop;
        listener->listener = &server->listeners[i];
        r = uv_poll_init(&loop->uv, &listener->poll, listener->listener->fd);
    }
    return r;
}

static int init_handles(struct loop *loop)
{
    int r = uv_loop_init(&loop->uv);

    if (r >= 0) {
        r = uv_async_init(&loop->uv, &loop->wake, on_wake);
    }
    if (r >= 0) {
        r = uv_timer_init(&loop->uv, &loop->pause);
    }
    if (r >= 0) {
        r = uv_timer_init(&loop->uv, &loop->grace);
    }
    return r < 0 ? r : mailbox_init(&loop->mailbox, &loop->wake);
}

int loop_init(struct loop *loop, struct server *server)
{
    int r;

    loop->server = server;
    loop->service = server->service;
    loop->log = server->log;
    loop->config = config_ref(server->config);
    loop->date_of = INT64_MIN;
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
    make_room(loop);
    return init_listeners(loop);
}

static void run(void *argument)
{
    struct loop *loop = argument;
    struct server *server = loop->server;
    bool last;

    listen_again(&loop->pause);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_mutex_lock(&server->mutex);
    last = --server->loops_running == 0;
    uv_mutex_unlock(&server->mutex);
    if (last) {
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
    free(loop->listeners);
    os_pipe_close(&loop->pipe);
    free(loop->buffer);
}
