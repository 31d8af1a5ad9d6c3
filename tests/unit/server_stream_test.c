/*
 * tests/unit/server_stream_test.c: connections over streams that are not
 * sockets as they are.
 */
#include "server_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "awkward_stream.h"

#define SIZE 100000

struct visit {
    struct server_world *world;
    struct awkward_client client;
    char session[64];
};

static int setup_with(void **state, const char *options)
{
    struct visit *visit = calloc(1, sizeof(*visit));

    assert_non_null(visit);
    visit->world = server_world_new(options);
    visit->world->listener.streams = &awkward_streams;
    server_world_start(visit->world);
    awkward_greet(&visit->client, server_world_connect(visit->world));
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

    (void)close(visit->client.fd);
    server_world_free(visit->world);
    free(visit);
    return 0;
}

static void say(struct visit *visit, const char *text)
{
    awkward_send(&visit->client, text, strlen(text));
}

static void expect(struct visit *visit, const char *text)
{
    awkward_read_to(&visit->client, text, NULL, 0);
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
    awkward_read_to(&visit->client, "\r\n", visit->session,
                    sizeof(visit->session));
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
    awkward_send(&visit->client, file, SIZE / 2);
    expect(visit, "HTTP/1.1 200 OK\r\n");
    expect(visit, "BITS-Received-Content-Range: 50000\r\n\r\n");
    say_fragment(visit, SIZE / 2, SIZE - 1, "");
    awkward_send(&visit->client, file + SIZE / 2, SIZE / 2);
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

/* The client reads its answer before it parts; the server waits for that. */
static void waits_until_the_stream_has_finished(void **state)
{
    struct visit *visit = *state;
    char byte;

    say(visit, "BITS_POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
               "BITS-Packet-Type: Ping\r\n\r\n");
    expect(visit, "Connection: close\r\n");
    expect(visit, "\r\n\r\n");
    awkward_expect_goodbye(&visit->client);
    /* It lingers: what still comes is read, and the end of the stream ends it.
     */
    say(visit, "more that is not wanted");
    awkward_part(&visit->client);
    say(visit, "and more behind the goodbye");
    assert_int_equal(shutdown(visit->client.fd, SHUT_WR), 0);
    assert_int_equal(server_world_read(visit->client.fd, &byte, 1), 0);
}

static void closes_if_the_handshake_breaks_off(void **state)
{
    struct visit *visit = *state;
    int fd = server_world_connect(visit->world);
    char byte;

    server_world_send(fd, "H", 1);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(server_world_read(fd, &byte, 1), 0);
    (void)close(fd);
}

static void turns_away_after_the_handshake(void **state)
{
    struct visit *visit = *state;
    struct awkward_client other;

    awkward_greet(&other, server_world_connect(visit->world));
    awkward_read_to(&other, "HTTP/1.1 503 Service Unavailable\r\n", NULL, 0);
    awkward_read_to(&other, "Too many connections.\n", NULL, 0);
    (void)close(other.fd);
}

/* A handshake that does not end holds nothing up. */
static void stops_during_a_handshake(void **state)
{
    struct visit *visit = *state;
    int fd = server_world_connect(visit->world);
    char byte;

    server_world_send(fd, "H", 1);
    server_stop(visit->world->server);
    assert_int_equal(server_world_read(fd, &byte, 1), 0);
    (void)close(fd);
    server_world_wait(visit->world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(uploads_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(
            answers_requests_that_came_in_one_record, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_until_the_stream_has_finished,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(closes_if_the_handshake_breaks_off,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(turns_away_after_the_handshake,
                                        setup_crowded, teardown),
        cmocka_unit_test_setup_teardown(stops_during_a_handshake, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
