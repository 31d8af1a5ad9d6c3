/*
 * tests/unit/server_stream_test.c: connections over streams that are not
 * sockets as they are: awkward ones and TLS.
 */
#include "server_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "awkward_stream.h"
#include "tls_peer.h"

#define SIZE 100000
#define NAME "tls.example"

/* What a stream and its client are made of. */
enum carrier {
    AWKWARD,
    TLS,
};

struct peer {
    enum carrier carrier;
    struct awkward_client awkward;
    struct tls_client tls;
};

struct visit {
    enum carrier carrier;
    struct server_world *world;
    struct tls *tls;
    struct peer client;
    char session[64];
};

/* --- a client of either kind --------------------------------------------- */

/* The first bytes of a handshake. */
static const char *opening(enum carrier carrier)
{
    return carrier == TLS ? "\x16\x03\x01" : "H";
}

static void greet(struct peer *peer, enum carrier carrier, int fd)
{
    peer->carrier = carrier;
    if (carrier == TLS) {
        tls_client_greet(&peer->tls, fd, NAME);
    } else {
        awkward_greet(&peer->awkward, fd);
    }
}

static void send_to(struct peer *peer, const void *data, size_t size)
{
    if (peer->carrier == TLS) {
        tls_client_send(&peer->tls, data, size);
    } else {
        awkward_send(&peer->awkward, data, size);
    }
}

static void read_to(struct peer *peer, const char *text, char *room,
                    size_t size)
{
    if (peer->carrier == TLS) {
        tls_client_read_to(&peer->tls, text, room, size);
    } else {
        awkward_read_to(&peer->awkward, text, room, size);
    }
}

static void leave(struct peer *peer)
{
    if (peer->carrier == TLS) {
        tls_client_done(&peer->tls);
    }
    (void)close(peer->carrier == TLS ? peer->tls.fd : peer->awkward.fd);
}

/* --- visits -------------------------------------------------------------- */

/* *state is the carrier at first. */
static int setup_with(void **state, const char *options)
{
    struct visit *visit = calloc(1, sizeof(*visit));

    assert_non_null(visit);
    visit->carrier = *(const enum carrier *)*state;
    visit->world = server_world_new(options);
    visit->world->listener.streams = &awkward_streams;
    if (visit->carrier == TLS) {
        tls_peer_make(visit->world->folder, NAME, 0, 90);
        visit->tls = tls_peer_serve(visit->world->folder, NAME);
        visit->world->listener.streams = &visit->tls->open.streams;
    }
    server_world_start(visit->world);
    greet(&visit->client, visit->carrier, server_world_connect(visit->world));
    *state = visit;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, "");
}

static int setup_crowded(void **state)
{
    return setup_with(state, "max_connections = \"1\"");
}

static int teardown(void **state)
{
    struct visit *visit = *state;

    leave(&visit->client);
    server_world_free(visit->world);
    tls_free(visit->tls);
    free(visit);
    return 0;
}

static void say(struct visit *visit, const char *text)
{
    send_to(&visit->client, text, strlen(text));
}

static void expect(struct visit *visit, const char *text)
{
    read_to(&visit->client, text, NULL, 0);
}

static void create(struct visit *visit)
{
    say(visit, "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n"
               "BITS-Packet-Type: Create-Session\r\n"
               "BITS-Supported-Protocols: "
               "{7df0354d-249b-430f-820d-3d2a9bef4931}\r\n"
               "Content-Length: 0\r\n\r\n");
    expect(visit, "HTTP/1.1 200 OK\r\n");
    expect(visit, "BITS-Session-Id: ");
    read_to(&visit->client, "\r\n", visit->session, sizeof(visit->session));
    expect(visit, "\r\n\r\n");
}

/* The head of a Fragment of bytes [first, last], which ends the file. */
static void say_fragment(struct visit *visit, size_t first, size_t last,
                         const char *more)
{
    char head[512];

    (void)snprintf(head, sizeof(head),
                   "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n"
                   "BITS-Packet-Type: Fragment\r\n"
                   "BITS-Session-Id: %s\r\n"
                   "Content-Range: bytes %zu-%zu/%d\r\n"
                   "Content-Length: %zu\r\n%s\r\n",
                   visit->session, first, last, SIZE, last - first + 1, more);
    say(visit, head);
}

static char *make_file(void)
{
    char *file = malloc(SIZE);

    assert_non_null(file);
    for (size_t i = 0; i < SIZE; i++) {
        file[i] = (char)(i % 251 + 1);
    }
    return file;
}

/* Bytes that the stream has decoded cause no event; what it must write before
 * it reads on does not come by itself. */
static void uploads_a_file(void **state)
{
    struct visit *visit = *state;
    char *file = make_file();

    create(visit);
    say_fragment(visit, 0, SIZE / 2 - 1, "");
    send_to(&visit->client, file, SIZE / 2);
    expect(visit, "HTTP/1.1 200 OK\r\n");
    expect(visit, "BITS-Received-Content-Range: 50000\r\n\r\n");
    say_fragment(visit, SIZE / 2, SIZE - 1, "");
    send_to(&visit->client, file + SIZE / 2, SIZE / 2);
    expect(visit, "BITS-Received-Content-Range: 100000\r\n\r\n");
    server_world_assert_file(visit->world, "a.bin", file, SIZE);
    free(file);
}

/* Both are in the stream before the first is answered. */
static void answers_requests_that_came_in_one_record(void **state)
{
    struct visit *visit = *state;
    const char *ping = "BITS_POST / HTTP/1.1\r\nHost: h\r\n"
                       "BITS-Packet-Type: Ping\r\n\r\n";
    char both[256];

    (void)snprintf(both, sizeof(both), "%s%s", ping, ping);
    say(visit, both);
    expect(visit, "HTTP/1.1 200 OK\r\n");
    expect(visit, "\r\n\r\n");
    expect(visit, "HTTP/1.1 200 OK\r\n");
    expect(visit, "\r\n\r\n");
}

/* Both, as connections of the same server see them. */
static void uploads_while_another_client_is_as_fast(void **state)
{
    struct visit *visit = *state;
    struct peer other;
    char *file = make_file();

    create(visit);
    greet(&other, visit->carrier, server_world_connect(visit->world));
    say_fragment(visit, 0, SIZE - 1, "");
    for (size_t sent = 0; sent < SIZE; sent += SIZE / 10) {
        const char *ping = "BITS_POST / HTTP/1.1\r\nHost: h\r\n"
                           "BITS-Packet-Type: Ping\r\n\r\n";

        send_to(&visit->client, file + sent, SIZE / 10);
        send_to(&other, ping, strlen(ping));
        read_to(&other, "HTTP/1.1 200 OK\r\n", NULL, 0);
    }
    expect(visit, "HTTP/1.1 200 OK\r\n");
    server_world_assert_file(visit->world, "a.bin", file, SIZE);
    leave(&other);
    free(file);
}

/* The client reads its answer before it parts; the server waits for that. */
static void waits_until_the_stream_has_finished(void **state)
{
    struct visit *visit = *state;
    char byte;

    say(visit, "BITS_POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
               "BITS-Packet-Type: Ping\r\n\r\n");
    expect(visit, "Connection: close\r\n");
    expect(visit, "\r\n\r\n");
    awkward_expect_goodbye(&visit->client.awkward);
    /* It lingers: what still comes is read, and the end of the stream ends it.
     */
    say(visit, "more that is not wanted");
    awkward_part(&visit->client.awkward);
    say(visit, "and more behind the goodbye");
    assert_int_equal(shutdown(visit->client.awkward.fd, SHUT_WR), 0);
    assert_int_equal(server_world_read(visit->client.awkward.fd, &byte, 1), 0);
}

/* After close_notify a client of TLS may still send. */
static void lingers_behind_its_goodbye(void **state)
{
    struct visit *visit = *state;
    char byte;

    say(visit, "BITS_POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
               "BITS-Packet-Type: Ping\r\n\r\n");
    expect(visit, "Connection: close\r\n");
    expect(visit, "\r\n\r\n");
    tls_client_expect_goodbye(&visit->client.tls);
    say(visit, "more that is not wanted");
    tls_client_part(&visit->client.tls);
    assert_int_equal(server_world_read(visit->client.tls.fd, &byte, 1), 0);
}

static void closes_if_the_handshake_breaks_off(void **state)
{
    struct visit *visit = *state;
    int fd = server_world_connect(visit->world);

    char rest[64];

    server_world_send(fd, opening(visit->carrier),
                      strlen(opening(visit->carrier)));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    /* An alert at most. */
    assert_true(server_world_read(fd, rest, sizeof(rest)) < sizeof(rest));
    (void)close(fd);
}

static void turns_away_after_the_handshake(void **state)
{
    struct visit *visit = *state;
    struct peer other;

    greet(&other, visit->carrier, server_world_connect(visit->world));
    read_to(&other, "HTTP/1.1 503 Service Unavailable\r\n", NULL, 0);
    read_to(&other, "Too many connections.\n", NULL, 0);
    leave(&other);
}

/* A handshake that does not end holds nothing up. */
static void stops_during_a_handshake(void **state)
{
    struct visit *visit = *state;
    int fd = server_world_connect(visit->world);
    char byte;

    server_world_send(fd, opening(visit->carrier),
                      strlen(opening(visit->carrier)));
    server_stop(visit->world->server);
    assert_int_equal(server_world_read(fd, &byte, 1), 0);
    (void)close(fd);
    server_world_wait(visit->world);
}

#define VISIT(test, setup, carrier)                                            \
    {                                                                          \
        .name = #test " (" #carrier ")", .test_func = (test),                  \
        .setup_func = (setup), .teardown_func = teardown,                      \
        .initial_state = (void *)(uintptr_t)&carriers[carrier]                 \
    }

#define OVER_BOTH(test, setup)                                                 \
    VISIT(test, setup, AWKWARD), VISIT(test, setup, TLS)

int main(void)
{
    static const enum carrier carriers[] = {AWKWARD, TLS};
    const struct CMUnitTest tests[] = {
        OVER_BOTH(uploads_a_file, setup),
        OVER_BOTH(answers_requests_that_came_in_one_record, setup),
        OVER_BOTH(uploads_while_another_client_is_as_fast, setup),
        VISIT(waits_until_the_stream_has_finished, setup, AWKWARD),
        VISIT(lingers_behind_its_goodbye, setup, TLS),
        OVER_BOTH(closes_if_the_handshake_breaks_off, setup),
        OVER_BOTH(turns_away_after_the_handshake, setup_crowded),
        OVER_BOTH(stops_during_a_handshake, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
