/*
 * tests/unit/server_store_test.c: uploads over a store that answers each of
 * their calls later.
 */
#include "server_world.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/memory/memory.h"

struct visit {
    struct store_memory *memory;
    struct server_world *world;
    atomic_bool is_slow; /* not while the service begins and ends */
    char session[64];
    char answer[4096];
};

static enum store_when later(void *context, const char *call)
{
    const struct visit *visit = context;

    (void)call;
    return visit->is_slow ? STORE_LATER : STORE_NOW;
}

static struct store_section *
section_for_memory(const struct config_upload *config)
{
    struct store_section *section = calloc(1, sizeof(*section));

    assert_non_null(section);
    *section = (struct store_section){
        .prefix = config->prefix,
        .max_sessions = config->max_sessions,
        .max_sessions_per_user = config->max_sessions_per_user,
        .session_timeout = config->session_timeout,
        .empty_session_timeout = config->empty_session_timeout,
    };
    return section;
}

static bool has_answer(const struct visit *visit)
{
    return strstr(visit->answer, "\r\n\r\n") != NULL;
}

/* Sends the request and answers for the store until the server does. */
static void ask(struct visit *visit, const char *head, const char *body)
{
    int fd = server_world_connect(visit->world);
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char request[1024];
    size_t size = 0;

    (void)snprintf(request, sizeof(request),
                   "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n%s\r\n%s", head,
                   body);
    server_world_send(fd, request, strlen(request));
    visit->answer[0] = '\0';
    while (!has_answer(visit)) {
        (void)store_memory_answer(visit->world->store, SIZE_MAX);
        if (poll(&poll_fd, 1, 1) > 0) {
            ssize_t n = recv(fd, visit->answer + size,
                             sizeof(visit->answer) - 1 - size, 0);

            assert_true(n > 0);
            size += (size_t)n;
            visit->answer[size] = '\0';
        }
    }
    (void)close(fd);
}

static void expect(const struct visit *visit, const char *part)
{
    if (!strstr(visit->answer, part)) {
        fail_msg("no %s in:\n%s", part, visit->answer);
    }
}

/* Makes the session that the tests upload to; *state is a struct visit. */
static int setup_with(void **state, const char *options)
{
    struct visit *visit = calloc(1, sizeof(*visit));
    struct store_memory_options memory = {.when = later, .context = visit};

    assert_non_null(visit);
    visit->memory = store_memory_new();
    memory.memory = visit->memory;
    visit->world = server_world_new_over(store_memory_open(&memory),
                                         section_for_memory, options);
    server_world_start(visit->world);
    visit->is_slow = true;
    ask(visit,
        "BITS-Packet-Type: Create-Session\r\nContent-Length: 0\r\n"
        "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\r\n",
        "");
    expect(visit, "BITS-Session-Id: ");
    (void)snprintf(visit->session, BITS_GUID_TEXT_LEN + 1, "%s",
                   strstr(visit->answer, "BITS-Session-Id: ") +
                       strlen("BITS-Session-Id: "));
    *state = visit;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, "");
}

static int setup_impatient(void **state)
{
    return setup_with(state, "body_timeout = 1s\nmin_body_rate = 100\n");
}

static int teardown(void **state)
{
    struct visit *visit = *state;

    visit->is_slow = false;
    (void)store_memory_answer(visit->world->store, SIZE_MAX);
    server_world_free(visit->world);
    store_memory_free(visit->memory);
    free(visit);
    return 0;
}

static void send_fragment(struct visit *visit, const char *fields,
                          const char *body)
{
    char head[512];

    (void)snprintf(head, sizeof(head),
                   "BITS-Packet-Type: Fragment\r\nBITS-Session-Id: %s\r\n%s",
                   visit->session, fields);
    ask(visit, head, body);
}

static void delivers_what_came_in_two_fragments(void **state)
{
    struct visit *visit = *state;
    uint64_t size = 0;
    char *data = NULL;

    send_fragment(*state,
                  "Content-Range: bytes 0-4/10\r\nContent-Length: 5\r\n",
                  "abcde");
    expect(*state, "HTTP/1.1 200 OK\r\n");
    expect(*state, "BITS-Received-Content-Range: 5\r\n");
    send_fragment(*state,
                  "Content-Range: bytes 5-9/10\r\nContent-Length: 5\r\n",
                  "fghij");
    expect(*state, "HTTP/1.1 200 OK\r\n");
    expect(*state, "BITS-Received-Content-Range: 10\r\n");
    assert_true(store_memory_get(visit->memory, "/", "a.bin", &data, &size));
    assert_int_equal(size, 10);
    assert_memory_equal(data, "abcdefghij", 10);
    free(data);
}

/* F12, D-48: that the body continues is known before the store has taken what
 * lies inside the range, and must not be forgotten. */
static void keeps_the_range_of_a_body_that_is_longer(void **state)
{
    send_fragment(*state,
                  "Content-Range: bytes 0-4/10\r\n"
                  "Transfer-Encoding: chunked\r\n",
                  "8\r\nabcdefgh\r\n0\r\n\r\n");
    expect(*state, "HTTP/1.1 400 Bad Request\r\n");
    expect(*state, "BITS-Received-Content-Range: 5\r\n");
}

/* Sends the head of a Fragment; the socket does not block. */
static int begin_fragment(struct visit *visit, size_t size)
{
    char head[512];
    int fd = server_world_connect(visit->world);
    int length = snprintf(head, sizeof(head),
                          "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n"
                          "BITS-Packet-Type: Fragment\r\n"
                          "BITS-Session-Id: %s\r\n"
                          "Content-Range: bytes 0-%zu/%zu\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          visit->session, size - 1, size, size);

    server_world_send(fd, head, (size_t)length);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* More than all buffers on the way. */
#define LARGE ((size_t)64 << 20)

/* Sends from *sent on until the socket takes no more for a while. */
static void send_until_held(int fd, const char *data, size_t *sent)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    while (*sent < LARGE && poll(&room, 1, 500) > 0) {
        ssize_t n = send(fd, data + *sent, LARGE - *sent, MSG_NOSIGNAL);

        assert_true(n > 0);
        *sent += (size_t)n;
    }
}

static void a_store_that_takes_no_more_holds_the_client_back(void **state)
{
    struct visit *visit = *state;
    char *data = malloc(LARGE);
    char *stored = NULL;
    uint64_t size = 0;
    size_t sent = 0;
    int fd = begin_fragment(visit, LARGE);
    struct pollfd answer = {.fd = fd, .events = POLLIN};

    assert_non_null(data);
    for (size_t i = 0; i < LARGE; i++) {
        data[i] = (char)(i % 251);
    }
    /* Up to begin(), and one piece of the body. */
    while (sent == 0) {
        (void)store_memory_answer(visit->world->store, SIZE_MAX);
        send_until_held(fd, data, &sent);
    }
    assert_true(sent < LARGE);
    while (poll(&answer, 1, 0) == 0) {
        (void)store_memory_answer(visit->world->store, SIZE_MAX);
        if (sent < LARGE) {
            ssize_t n = send(fd, data + sent, LARGE - sent, MSG_NOSIGNAL);

            sent += n > 0 ? (size_t)n : 0;
        }
    }
    assert_true(store_memory_get(visit->memory, "/", "a.bin", &stored, &size));
    assert_int_equal(size, LARGE);
    assert_memory_equal(stored, data, LARGE);
    free(stored);
    free(data);
    (void)close(fd);
}

/* 20 bytes a second at most, of 100. */
static void waiting_for_the_store_does_not_renew_body_timeout(void **state)
{
    struct visit *visit = *state;
    int fd = begin_fragment(visit, 400);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    unsigned sent = 0;
    char byte;

    for (unsigned ms = 0; poll(&end, 1, 1) == 0 && sent < 400; ms++) {
        /* The time that the store takes does not count. */
        (void)store_memory_answer(visit->world->store, SIZE_MAX);
        sent += ms % 50 == 0 && send(fd, "x", 1, MSG_NOSIGNAL) == 1;
    }
    assert_true(sent < 400);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(delivers_what_came_in_two_fragments,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            keeps_the_range_of_a_body_that_is_longer, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_store_that_takes_no_more_holds_the_client_back, setup, teardown),
        cmocka_unit_test_setup_teardown(
            waiting_for_the_store_does_not_renew_body_timeout, setup_impatient,
            teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
