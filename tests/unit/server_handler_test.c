/*
 * tests/unit/server_handler_test.c: handlers and sites other than uploads.
 */
#include "server_world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "server/connection.h"

/* --- a site -------------------------------------------------------------- */

struct ping_site {
    struct http_site site;
    struct connection *waiting; /* on /wait */
    uv_sem_t waits;
    unsigned released;
};

static struct http_exchange *ping_open(struct http_site *site,
                                       struct connection *connection,
                                       const struct http1_head *head)
{
    (void)site;
    (void)connection;
    (void)head;
    return calloc(1, sizeof(struct http_exchange));
}

static struct ping_site *ping_site_of(const struct http_exchange *exchange)
{
    struct http *http = CONTAINER_OF(exchange->connection->listener->handler,
                                     struct http, handler);

    return CONTAINER_OF(http->site, struct ping_site, site);
}

static enum http_verdict ping_begin(struct http_exchange *exchange,
                                    const struct http1_head *head)
{
    struct ping_site *site = ping_site_of(exchange);

    exchange->answer = (struct http_answer){.status = 200, .sentence = "pong"};
    if (text_equal(head->target, TEXT("/wait"))) {
        site->waiting = exchange->connection;
        uv_sem_post(&site->waits);
        return HTTP_PENDING;
    }
    if (!text_equal(head->target, TEXT("/ping"))) {
        exchange->answer = (struct http_answer){
            .status = 404, .sentence = "There is only /ping here."};
    }
    return HTTP_ANSWER;
}

static enum http_verdict ping_resume(struct http_exchange *exchange)
{
    (void)exchange;
    return HTTP_ANSWER;
}

static void ping_release(struct http_exchange *exchange)
{
    ping_site_of(exchange)->released++;
    free(exchange);
}

/* --- a handler ----------------------------------------------------------- */

/* Says each line again, and goodbye to an empty one. */
static struct handler_wish echo_wants(const struct connection *connection)
{
    (void)connection;
    return (struct handler_wish){.size = 100};
}

static void echo_take(struct connection *connection, struct bits_text *input)
{
    struct bits_text line;

    while (connection_is_open(connection) &&
           text_take_until(input, '\n', &line)) {
        connection_send(connection, line.ptr, line.len + 1);
        if (line.len == 0) {
            connection_finish(connection);
        }
    }
}

static void echo_turn_away(struct connection *connection, const char *sentence)
{
    connection_send(connection, sentence, strlen(sentence));
    connection_finish(connection);
}

static bool echo_is_idle(const struct connection *connection)
{
    (void)connection;
    return true;
}

static void echo_release(struct connection *connection)
{
    (void)connection;
}

static struct handler echo = {.ops = &(const struct handler_ops){
                                  .turn_away = echo_turn_away,
                                  .wants = echo_wants,
                                  .take = echo_take,
                                  .time_out = connection_close,
                                  .is_idle = echo_is_idle,
                                  .release = echo_release,
                              }};

/* --- tests --------------------------------------------------------------- */

struct visit {
    struct server_world *world;
    struct ping_site site;
    struct http http;
};

static int setup_with(void **state, struct handler *handler,
                      const char *options)
{
    static const struct http_site_ops ops = {
        .open = ping_open,
        .begin = ping_begin,
        .resume = ping_resume,
        .release = ping_release,
    };
    struct visit *visit = calloc(1, sizeof(*visit));

    assert_non_null(visit);
    visit->site.site.ops = &ops;
    assert_int_equal(uv_sem_init(&visit->site.waits, 0), 0);
    http_init(&visit->http, &visit->site.site);
    visit->world = server_world_new(options);
    visit->world->listener.handler = handler ? handler : &visit->http.handler;
    server_world_start(visit->world);
    *state = visit;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, NULL, "");
}

static int setup_echo(void **state)
{
    return setup_with(state, &echo, "max_connections = \"1\"");
}

static int teardown(void **state)
{
    struct visit *visit = *state;

    server_world_free(visit->world);
    uv_sem_destroy(&visit->site.waits);
    free(visit);
    return 0;
}

static int say(struct visit *visit, const char *text)
{
    int fd = server_world_connect(visit->world);

    server_world_send(fd, text, strlen(text));
    return fd;
}

/* The connection closes behind the answers, which have these parts in this
 * order. */
static void expect(int fd, const char *const *parts)
{
    char answers[4096];
    size_t size = server_world_read(fd, answers, sizeof(answers) - 1);
    const char *at = answers;

    answers[size] = '\0';
    for (; *parts; parts++) {
        at = strstr(at, *parts);
        if (!at) {
            fail_msg("no %s in:\n%s", *parts, answers);
        }
        at += strlen(*parts);
    }
    (void)close(fd);
}

#define EXPECT(fd, ...) expect((fd), (const char *const[]){__VA_ARGS__, NULL})

static void answers_ping(void **state)
{
    EXPECT(say(*state, "GET /ping HTTP/1.1\r\nHost: h\r\n\r\n"
                       "GET /other HTTP/1.1\r\nHost: h\r\n\r\n"
                       "POST /ping HTTP/1.1\r\nHost: h\r\n"
                       "Connection: close\r\nContent-Length: 5\r\n\r\nabcde"),
           "HTTP/1.1 200 OK\r\n", "\r\n\r\npong\n",
           "HTTP/1.1 404 Not Found\r\n", "\r\n\r\nThere is only /ping here.\n",
           "HTTP/1.1 200 OK\r\n", "Connection: close\r\n", "\r\n\r\npong\n");
    assert_int_equal(((struct visit *)*state)->site.released, 3);
}

/* The wake-up comes from any thread, such as this one. */
static void answers_when_it_is_woken(void **state)
{
    struct visit *visit = *state;
    int fd = say(visit, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n"
                        "GET /ping HTTP/1.1\r\nHost: h\r\n"
                        "Connection: close\r\n\r\n");

    uv_sem_wait(&visit->site.waits);
    connection_wake(visit->site.waiting);
    EXPECT(fd, "pong\n", "Connection: close\r\n", "pong\n");
}

static void a_stop_waits_for_a_request_that_waits(void **state)
{
    struct visit *visit = *state;
    int fd = say(visit, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");

    uv_sem_wait(&visit->site.waits);
    server_stop(visit->world->server);
    server_stop(visit->world->server);
    connection_wake(visit->site.waiting);
    EXPECT(fd, "Connection: close\r\n", "pong\n");
    server_world_wait(visit->world);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
    struct visit *visit = *state;
    int fd = say(visit, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    char byte;

    uv_sem_wait(&visit->site.waits);
    server_stop(visit->world->server);
    server_stop(visit->world->server);
    server_stop(visit->world->server);
    assert_int_equal(server_world_read(fd, &byte, 1), 0);
    (void)close(fd);
    server_world_wait(visit->world);
    assert_int_equal(visit->site.released, 1);
}

static void gives_bytes_to_any_handler(void **state)
{
    struct visit *visit = *state;
    int fd = say(visit, "one\ntwo\nthr");

    server_world_send(fd, "ee\n\nfour\n", 9);
    EXPECT(fd, "one\ntwo\nthree\n\n");
}

static void has_any_handler_turn_connections_away(void **state)
{
    struct visit *visit = *state;
    int fd = server_world_connect(visit->world);
    char line[4];

    server_world_send(fd, "one\n", 4);
    assert_int_equal(server_world_read(fd, line, 4), 4);
    EXPECT(server_world_connect(visit->world), "Too many connections.");
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_ping, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_when_it_is_woken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_stop_waits_for_a_request_that_waits,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_does_not_wait_for_ever, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(gives_bytes_to_any_handler, setup_echo,
                                        teardown),
        cmocka_unit_test_setup_teardown(has_any_handler_turn_connections_away,
                                        setup_echo, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
