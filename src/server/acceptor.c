/*
 * server/acceptor.c: see acceptor.h.
 */
#include "server/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/smaller.h"
#include "server/connection_events.h"
#include "server/loop.h"

/* How long accepting pauses when descriptors or memory run out; new connections
 * wait in the kernel's queue. */
#define PAUSE_MS 1000

/* The least time between two log messages of one kind. */
#define COMPLAINT_MS 60000

static const char *const complaints[] = {
    [ACCEPTOR_NO_DESCRIPTORS] =
        "out of file descriptors: connections wait; raise "
        "LimitNOFILE or lower max_connections",
    [ACCEPTOR_NO_MEMORY] = "out of memory: connections wait",
    [ACCEPTOR_FULL] = "max_connections is reached; further connections get 503",
    [ACCEPTOR_FULL_ADDRESS] = "max_connections_per_address is reached; further "
                              "connections of that address get 503",
};

static void complain(struct acceptor *acceptor,
                     enum acceptor_complaint complaint)
{
    struct loop *loop = acceptor->loop;
    uint64_t now = uv_now(&loop->uv);

    if (now >= acceptor->next_complaint[complaint]) {
        acceptor->next_complaint[complaint] = now + COMPLAINT_MS;
        log_words(loop->log, LOG_WARNING, "overload", complaints[complaint]);
    }
}

/* --- accepting ----------------------------------------------------------- */

static void on_connection(uv_poll_t *poll, int status, int events);

void acceptor_start(struct acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->door_count; i++) {
        (void)uv_poll_start(&acceptor->doors[i].poll, UV_READABLE,
                            on_connection);
    }
}

static void on_pause_over(uv_timer_t *timer)
{
    acceptor_start(CONTAINER_OF(timer, struct acceptor, pause));
}

static void pause_accepting(struct acceptor *acceptor, int error)
{
    complain(acceptor, error == EMFILE || error == ENFILE
                           ? ACCEPTOR_NO_DESCRIPTORS
                           : ACCEPTOR_NO_MEMORY);
    for (size_t i = 0; i < acceptor->door_count; i++) {
        (void)uv_poll_stop(&acceptor->doors[i].poll);
    }
    (void)uv_timer_start(&acceptor->pause, on_pause_over, PAUSE_MS, 0);
}

/* The sentence sent to a connection over a limit. */
static const char *refusal(struct acceptor *acceptor,
                           enum census_verdict verdict)
{
    switch (verdict) {
    case CENSUS_FULL:
        complain(acceptor, ACCEPTOR_FULL);
        return "Too many connections.";
    case CENSUS_FULL_ADDRESS:
        complain(acceptor, ACCEPTOR_FULL_ADDRESS);
        return "Too many connections from this address.";
    case CENSUS_WELCOME:
    case CENSUS_FLOODED:
        break;
    }
    return NULL;
}

static void take_in(const struct acceptor_door *door, int fd,
                    const struct sockaddr *peer)
{
    struct loop *loop = door->acceptor->loop;
    const struct config_server *settings = &loop->config->server;
    struct connection_arrival arrival = {
        .listener = door->listener,
        .fd = fd,
        .peer = peer,
        .address = census_address_of(peer),
    };
    enum census_verdict verdict =
        census_enter(loop->census, &arrival.address, settings->max_connections,
                     settings->max_connections_per_address);
    struct connection *connection = NULL;

    if (verdict == CENSUS_FLOODED) {
        (void)close(fd);
    } else {
        arrival.refusal = refusal(door->acceptor, verdict);
        connection = connection_new(loop, &arrival);
    }
    if (connection) {
        connection_start(connection);
    } else {
        census_leave(loop->census, &arrival.address);
    }
}

/* Accepts one connection at a time, so that the other loops get their share. */
static void on_connection(uv_poll_t *poll, int status, int events)
{
    struct acceptor_door *door = CONTAINER_OF(poll, struct acceptor_door, poll);
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);
    int fd;

    (void)status;
    (void)events;
    fd = accept4(door->listener->fd, (struct sockaddr *)&peer, &size,
                 SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        take_in(door, fd, (const struct sockaddr *)&peer);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
               errno == ENOBUFS) {
        pause_accepting(door->acceptor, errno);
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

/* libuv's table of watched descriptors grows with the highest descriptor, and
 * running out of memory there aborts the process.  So allocate it at the start,
 * with room for a data file beside each socket. */
void acceptor_make_room(struct acceptor *acceptor)
{
    struct loop *loop = acceptor->loop;
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

/* --- life ---------------------------------------------------------------- */

int acceptor_init(struct acceptor *acceptor, struct loop *loop,
                  const struct listener *listeners, size_t count)
{
    int r = uv_timer_init(&loop->uv, &acceptor->pause);

    acceptor->loop = loop;
    acceptor->doors = calloc(count, sizeof(acceptor->doors[0]));
    if (!acceptor->doors) {
        return UV_ENOMEM;
    }
    acceptor->door_count = count;
    for (size_t i = 0; i < count && r >= 0; i++) {
        struct acceptor_door *door = &acceptor->doors[i];

        door->acceptor = acceptor;
        door->listener = &listeners[i];
        r = uv_poll_init(&loop->uv, &door->poll, door->listener->fd);
    }
    return r;
}

void acceptor_done(struct acceptor *acceptor)
{
    free(acceptor->doors);
}

void acceptor_stop(struct acceptor *acceptor)
{
    uv_close((uv_handle_t *)&acceptor->pause, NULL);
    for (size_t i = 0; i < acceptor->door_count; i++) {
        uv_close((uv_handle_t *)&acceptor->doors[i].poll, NULL);
    }
}
