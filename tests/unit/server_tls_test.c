/*
 * tests/unit/server_tls_test.c: streams over TLS by themselves: what they know
 * of their peer, and certificates and their dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/text.h"
#include "tls_peer.h"

#define DAY 86400

struct world {
    char folder[64];
    struct tls *tls;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    (void)snprintf(world->folder, sizeof(world->folder), "/tmp/tls-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char command[128];

    tls_free(world->tls);
    (void)snprintf(command, sizeof(command), "rm -r %s", world->folder);
    assert_int_equal(system(command), 0);
    free(world);
    return 0;
}

/* --- one connection ------------------------------------------------------ */

struct pair {
    struct stream stream;
    struct tls_client client;
    uv_thread_t thread;
    int fds[2];
    const char *name;
};

static void run_client(void *argument)
{
    struct pair *pair = argument;

    tls_client_greet(&pair->client, pair->fds[1], pair->name);
}

static void shake_hands(struct world *world, struct pair *pair,
                        const char *name)
{
    int r;

    pair->name = name;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->fds), 0);
    assert_int_equal(fcntl(pair->fds[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(world->tls->open.streams.open(&world->tls->open.streams,
                                                   pair->fds[0], &pair->stream),
                     0);
    assert_int_equal(uv_thread_create(&pair->thread, run_client, pair), 0);
    do {
        r = pair->stream.ops->handshake(&pair->stream);
    } while (r == -EAGAIN);
    assert_int_equal(r, 0);
    (void)uv_thread_join(&pair->thread);
}

static void part(struct pair *pair)
{
    tls_client_done(&pair->client);
    pair->stream.ops->close(&pair->stream);
    (void)close(pair->fds[1]);
}

static void describes_scheme_and_server_name(void **state)
{
    struct world *world = *state;
    struct stream_facts facts;
    struct pair pair;

    tls_peer_make(world->folder, "a.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    assert_string_equal(world->tls->open.streams.scheme, "https");
    shake_hands(world, &pair, "a.example");
    pair.stream.ops->describe(&pair.stream, &facts);
    assert_true(text_equal(facts.scheme, TEXT("https")));
    assert_true(text_equal(facts.server_name, TEXT("a.example")));
    assert_null(facts.certificate);
    part(&pair);
    shake_hands(world, &pair, NULL);
    pair.stream.ops->describe(&pair.stream, &facts);
    assert_int_equal(facts.server_name.len, 0);
    part(&pair);
}

/* One call reads all complete records; the rest of them is pending. */
static void reads_many_records_at_once(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    struct pair pair;
    char room[64];

    tls_peer_make(world->folder, "a.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    shake_hands(world, &pair, NULL);
    stream = &pair.stream;
    tls_client_send(&pair.client, "one ", 4);
    tls_client_send(&pair.client, "two ", 4);
    tls_client_send(&pair.client, "three", 5);
    assert_int_equal(stream->ops->recv(stream, room, 10), 10);
    assert_memory_equal(room, "one two th", 10);
    assert_true(stream->ops->has_pending(stream));
    assert_int_equal(stream->ops->recv(stream, room, sizeof(room)), 3);
    assert_false(stream->ops->has_pending(stream));
    assert_int_equal(stream->ops->recv(stream, room, sizeof(room)), -EAGAIN);
    assert_int_equal(stream->wants, UV_READABLE);
    part(&pair);
}

/* Sends all of it at once: empty records that change the key, `count` of them,
 * or else as many records of one byte, then "end". */
static void flood(struct tls_client *client, bool changes_keys, unsigned count)
{
    BIO *records = BIO_new(BIO_s_mem());
    BIO *socket_bio = SSL_get_rbio(client->ssl);
    char *bytes;
    long size;

    assert_non_null(records);
    SSL_set0_wbio(client->ssl, records);
    for (unsigned i = 0; i < count; i++) {
        if (changes_keys) {
            assert_int_equal(
                SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
            assert_int_equal(SSL_do_handshake(client->ssl), 1);
        } else {
            tls_client_send(client, "x", 1);
        }
    }
    tls_client_send(client, "end", 3);
    size = BIO_get_mem_data(records, &bytes);
    assert_int_equal(write(client->fd, bytes, (size_t)size), size);
    assert_int_equal(BIO_up_ref(socket_bio), 1);
    SSL_set0_wbio(client->ssl, socket_bio);
}

/* Others get their turn, then all is read without another event. */
static void expect_turns(struct stream *stream, size_t expected)
{
    static char room[65536];
    size_t got = 0;
    unsigned turns = 0;

    while (got < expected) {
        ssize_t n = stream->ops->recv(stream, room + got, sizeof(room) - got);

        assert_true(n > 0 || n == -EAGAIN);
        assert_int_equal(n == -EAGAIN ? stream->wants : UV_READABLE,
                         UV_READABLE);
        assert_false(stream->ops->has_pending(stream));
        got += n > 0 ? (size_t)n : 0;
        turns++;
    }
    assert_int_equal(got, expected);
    assert_memory_equal(room + got - 3, "end", 3);
    assert_in_range(turns, 2, 10);
}

static void records_without_data_do_not_keep_a_thread(void **state)
{
    struct world *world = *state;
    struct pair pair;

    tls_peer_make(world->folder, "a.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    shake_hands(world, &pair, NULL);
    flood(&pair.client, true, 4000);
    expect_turns(&pair.stream, 3);
    flood(&pair.client, false, 4000);
    expect_turns(&pair.stream, 4003);
    part(&pair);
}

/* Data, then the end: the data first, and the end without another event. */
static void tells_of_the_end_behind_the_data(void **state)
{
    struct world *world = *state;
    struct stream *stream;
    struct pair pair;
    char room[64];

    tls_peer_make(world->folder, "a.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    shake_hands(world, &pair, NULL);
    stream = &pair.stream;
    tls_client_send(&pair.client, "last", 4);
    tls_client_part(&pair.client);
    assert_int_equal(stream->ops->recv(stream, room, sizeof(room)), 4);
    assert_true(stream->ops->has_pending(stream));
    assert_int_equal(stream->ops->recv(stream, room, sizeof(room)), 0);
    assert_int_equal(stream->ops->send(stream, "answer", 6), 6);
    assert_int_equal(stream->ops->finish(stream), 0);
    part(&pair);
}

/* More than the socket takes: the rest is sent from another place. */
static void sends_in_pieces(void **state)
{
    struct world *world = *state;
    const size_t size = 4 << 20;
    char *data = malloc(size);
    char *room = malloc(size);
    struct stream *stream;
    struct pair pair;
    size_t sent = 0;
    size_t got = 0;
    size_t n;

    assert_true(data && room);
    for (size_t i = 0; i < size; i++) {
        data[i] = (char)(i % 251);
    }
    tls_peer_make(world->folder, "a.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    shake_hands(world, &pair, NULL);
    stream = &pair.stream;
    while (sent < size) {
        char *copy = malloc(size - sent);
        ssize_t r;

        assert_non_null(copy);
        memcpy(copy, data + sent, size - sent);
        r = stream->ops->send(stream, copy, size - sent);
        free(copy);
        assert_true(r > 0 || r == -EAGAIN);
        sent += r > 0 ? (size_t)r : 0;
        if (r == -EAGAIN) {
            assert_int_equal(stream->wants, UV_WRITABLE);
            assert_int_equal(
                SSL_read_ex(pair.client.ssl, room + got, size - got, &n), 1);
            got += n;
        }
    }
    while (got < size) {
        assert_int_equal(
            SSL_read_ex(pair.client.ssl, room + got, size - got, &n), 1);
        got += n;
    }
    assert_memory_equal(data, room, size);
    part(&pair);
    free(room);
    free(data);
}

/* --- certificates -------------------------------------------------------- */

static void note(void *context, const struct tls_problem *problem)
{
    char *room = context;

    assert_true(problem->is_warning);
    assert_int_equal(problem->part, TLS_PART_CERTIFICATE);
    assert_non_null(strstr(problem->path, "a.example.pem"));
    (void)snprintf(room, 256, "%s", problem->words);
}

static void expect_date(struct world *world, int64_t now, const char *words)
{
    char room[256] = "";

    tls_check_dates(world->tls, now, &(struct tls_watcher){note, room});
    if (!words) {
        assert_string_equal(room, "");
    } else if (!strstr(room, words)) {
        fail_msg("\"%s\" without \"%s\"", room, words);
    }
}

static void warns_of_dates(void **state)
{
    struct world *world = *state;
    int64_t begin = time(NULL);

    tls_peer_make(world->folder, "a.example", 1, 91);
    world->tls = tls_peer_serve(world->folder, "a.example");
    expect_date(world, begin, "is not valid before 20");
    expect_date(world, begin + 2 * DAY, NULL);
    expect_date(world, begin + 61 * DAY - 100, NULL);
    expect_date(world, begin + 61 * DAY + 100, "in 29 days; renew it");
    expect_date(world, begin + 89 * DAY + 100, "in 1 day; renew it");
    expect_date(world, begin + 91 * DAY - 100, "in 0 days; renew it");
    expect_date(world, begin + 91 * DAY + 100, "has expired on 20");
}

/* A connection keeps what it began with. */
static void serves_the_certificates_that_it_began_with(void **state)
{
    struct world *world = *state;
    struct pair old;
    struct pair new;
    char path[128];
    char name[64];
    const struct tls_files files = {path, path, NULL};
    const struct tls_settings settings = {.files = &files, .count = 1};

    tls_peer_make(world->folder, "a.example", 0, 90);
    tls_peer_make(world->folder, "b.example", 0, 90);
    world->tls = tls_peer_serve(world->folder, "a.example");
    shake_hands(world, &old, NULL);
    (void)snprintf(path, sizeof(path), "%s/b.example.pem", world->folder);
    assert_true(tls_configure(world->tls, &settings,
                              &(struct tls_watcher){note, name}));
    shake_hands(world, &new, NULL);
    tls_client_peer(&new.client, name, sizeof(name));
    assert_string_equal(name, "b.example");
    tls_client_send(&old.client, "old", 3);
    assert_int_equal(old.stream.ops->recv(&old.stream, name, sizeof(name)), 3);
    tls_free(world->tls);
    world->tls = NULL;
    tls_client_send(&new.client, "new!", 4);
    assert_int_equal(new.stream.ops->recv(&new.stream, name, sizeof(name)), 4);
    part(&old);
    part(&new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(describes_scheme_and_server_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(reads_many_records_at_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            records_without_data_do_not_keep_a_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_of_the_end_behind_the_data, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sends_in_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(warns_of_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(
            serves_the_certificates_that_it_began_with, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
