/*
 * tests/unit/server_handler_test.c: handlers and sites other than uploads.
 */
#include "server_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "awkward_stream.h"
#include "base/compiler.h"
#include "base/text.h"
#include "server/connection.h"

/* Longer than the room that most answers fit into. */
#define LONG_FIELD 2200

/* --- a site -------------------------------------------------------------- */

struct ping_site {
    struct http_site site;
    struct connection *waiting; /* on /wait */
    const char *path;           /* of /file */
    uint64_t size;              /* that it is said to have */
    uv_sem_t waits;
    uv_sem_t releases;
    unsigned released;
    int file; /* of the last answer that has one */
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

static void write_long_field(struct http_answer *answer,
                             struct http1_response *response)
{
    char value[LONG_FIELD];

    (void)answer;
    memset(value, 'u', sizeof(value));
    http1_response_field(response, "BITS-Reply-URL",
                         (struct bits_text){value, sizeof(value)});
    http1_response_field(response, "Content-Length", TEXT("0"));
}

static struct http_answer answer_to(struct ping_site *site,
                                    struct bits_text target)
{
    if (text_equal(target, TEXT("/long"))) {
        return (struct http_answer){.status = 200,
                                    .kind = HTTP_ANSWER_FIELDS,
                                    .write = write_long_field};
    }
    if (text_equal(target, TEXT("/file"))) {
        site->file = open(site->path, O_RDONLY);
        return (struct http_answer){.status = 200,
                                    .kind = HTTP_ANSWER_FILE,
                                    .type = "application/octet-stream",
                                    .size = site->size,
                                    .file = site->file};
    }
    if (text_equal(target, TEXT("/secret"))) {
        return (struct http_answer){.status = 401,
                                    .challenges = {"Basic realm=\"ping\""},
                                    .sentence = "Say who you are."};
    }
    if (text_equal(target, TEXT("/ping")) ||
        text_equal(target, TEXT("/wait"))) {
        return (struct http_answer){.status = 200, .sentence = "pong"};
    }
    return (struct http_answer){.status = 404,
                                .sentence = "There is only /ping here."};
}

static enum http_verdict ping_begin(struct http_exchange *exchange,
                                    const struct http1_head *head)
{
    struct ping_site *site = ping_site_of(exchange);

    exchange->answer = answer_to(site, head->target);
    if (text_equal(head->target, TEXT("/wait"))) {
        site->waiting = exchange->connection;
        uv_sem_post(&site->waits);
        return HTTP_PENDING;
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
    struct ping_site *site = ping_site_of(exchange);

    site->released++;
    uv_sem_post(&site->releases);
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

static void echo_turn_away(struct connection *connection, unsigned status,
                           const char *sentence)
{
    (void)status;
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
    char path[96];
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
    assert_int_equal(uv_sem_init(&visit->site.releases, 0), 0);
    http_init(&visit->http, &visit->site.site);
    visit->world = server_world_new(options);
    visit->world->listener.handler = handler ? handler : &visit->http.handler;
    visit->site.path = visit->path;
    (void)snprintf(visit->path, sizeof(visit->path), "%s/page",
                   visit->world->folder);
    *state = visit;
    return 0;
}

static int setup(void **state)
{
    (void)setup_with(state, NULL, "");
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

/* body_timeout is longer than the test may take. */
static int setup_impatient(void **state)
{
    (void)setup_with(state, NULL, "idle_timeout = \"1s\"");
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

static int setup_echo(void **state)
{
    (void)setup_with(state, &echo, "max_connections = \"1\"");
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

static int setup_awkward(void **state)
{
    (void)setup_with(state, NULL, "");
    ((struct visit *)*state)->world->listener.streams = &awkward_streams;
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

static int teardown(void **state)
{
    struct visit *visit = *state;

    server_world_free(visit->world);
    uv_sem_destroy(&visit->site.waits);
    uv_sem_destroy(&visit->site.releases);
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
    for (int i = 0; i < 3; i++) {
        uv_sem_wait(&((struct visit *)*state)->site.releases);
    }
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

static void answers_may_be_of_any_length(void **state)
{
    char value[LONG_FIELD + 1];

    memset(value, 'u', sizeof(value));
    value[LONG_FIELD] = '\0';
    EXPECT(say(*state, "GET /long HTTP/1.1\r\nHost: h\r\n"
                       "Connection: close\r\n\r\n"),
           "HTTP/1.1 200 OK\r\n", "BITS-Reply-URL: u", value + 1,
           "\r\nContent-Length: 0\r\n\r\n");
}

static void a_401_has_its_challenge(void **state)
{
    EXPECT(say(*state, "GET /secret HTTP/1.1\r\nHost: h\r\n"
                       "Connection: close\r\n\r\n"),
           "HTTP/1.1 401 Unauthorized\r\n",
           "WWW-Authenticate: Basic realm=\"ping\"\r\n", "Say who you are.\n");
}

/* --- files --------------------------------------------------------------- */

static char *make_page(struct visit *visit, size_t size)
{
    char *page = malloc(size);
    FILE *file = fopen(visit->path, "w");

    assert_non_null(page);
    assert_non_null(file);
    for (size_t i = 0; i < size; i++) {
        page[i] = (char)('a' + i % 23);
    }
    assert_int_equal(fwrite(page, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    visit->site.size = size;
    return page;
}

/* Reads one answer with a file of this size as its body. */
static void read_page(int fd, char *ret_page, size_t size)
{
    char head[1024] = "";
    char length[64];
    size_t n = 0;

    while (!strstr(head, "\r\n\r\n")) {
        assert_true(n < sizeof(head) - 1);
        assert_int_equal(server_world_read(fd, head + n++, 1), 1);
    }
    (void)snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", size);
    assert_non_null(strstr(head, length));
    assert_non_null(strstr(head, "Content-Type: application/octet-stream\r\n"));
    assert_int_equal(server_world_read(fd, ret_page, size), size);
}

/* Larger than what the kernel holds for a peer that does not read. */
#define PAGE_BYTES ((size_t)40 << 20)

/* Meanwhile the client sends its next request. */
static void a_file_is_sent_as_the_client_reads(void **state)
{
    struct visit *visit = *state;
    char *page = make_page(visit, PAGE_BYTES);
    char *got = malloc(PAGE_BYTES);
    int fd = say(visit, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
                        "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
                        "GET /ping HTTP/1.1\r\nHost: h\r\n"
                        "Connection: close\r\n\r\n");

    assert_non_null(got);
    for (int i = 0; i < 2; i++) {
        read_page(fd, got, PAGE_BYTES);
        assert_memory_equal(got, page, PAGE_BYTES);
    }
    EXPECT(fd, "Connection: close\r\n", "pong\n");
    free(got);
    free(page);
}

static void an_empty_file_is_sent(void **state)
{
    struct visit *visit = *state;

    free(make_page(visit, 0));
    EXPECT(say(visit, "GET /file HTTP/1.1\r\nHost: h\r\n"
                      "Connection: close\r\n\r\n"),
           "HTTP/1.1 200 OK\r\n", "Content-Length: 0\r\n\r\n");
}

/* A client that has read all has idle_timeout, not what a slow one has. */
static void a_connection_is_idle_behind_a_file(void **state)
{
    struct visit *visit = *state;
    char page[1000];
    char byte;
    int fd;

    free(make_page(visit, sizeof(page)));
    fd = say(visit, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    read_page(fd, page, sizeof(page));
    assert_int_equal(server_world_read(fd, &byte, 1), 0);
    (void)close(fd);
}

/* The client must not take it for whole. */
static void a_file_that_shrank_ends_the_connection(void **state)
{
    struct visit *visit = *state;
    char answers[4096];
    size_t size;
    int fd;

    free(make_page(visit, 1000));
    visit->site.size = 1001;
    fd = say(visit, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"
                    "GET /ping HTTP/1.1\r\nHost: h\r\n\r\n");
    size = server_world_read(fd, answers, sizeof(answers) - 1);
    answers[size] = '\0';
    assert_non_null(strstr(answers, "Content-Length: 1001\r\n"));
    assert_null(strstr(answers, "pong"));
    (void)close(fd);
}

/* The number of its descriptor may be that of another file by now. */
static bool has_page_open(const struct visit *visit)
{
    struct stat page;
    struct stat now;

    assert_int_equal(stat(visit->path, &page), 0);
    return fstat(visit->site.file, &now) == 0 && now.st_dev == page.st_dev &&
           now.st_ino == page.st_ino;
}

/* The answer waits for the end of the body, which does not come. */
static void a_file_that_is_not_sent_is_closed(void **state)
{
    struct visit *visit = *state;

    free(make_page(visit, 1000));
    (void)close(say(visit, "POST /file HTTP/1.1\r\nHost: h\r\n"
                           "Content-Length: 5\r\n\r\nabc"));
    uv_sem_wait(&visit->site.releases);
    assert_false(has_page_open(visit));
}

/* The answer that waited for the end of the body gives way to a refusal. */
static void a_broken_body_closes_the_file_of_its_answer(void **state)
{
    struct visit *visit = *state;

    free(make_page(visit, 1000));
    EXPECT(say(visit, "POST /file HTTP/1.1\r\nHost: h\r\n"
                      "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
           "HTTP/1.1 400 Bad Request\r\n", "The chunked body is malformed.\n");
    uv_sem_wait(&visit->site.releases);
    assert_false(has_page_open(visit));
}

static void a_client_may_leave_before_the_file_is_sent(void **state)
{
    struct visit *visit = *state;
    struct linger at_once = {.l_onoff = 1};
    char byte;
    int fd;

    free(make_page(visit, PAGE_BYTES));
    fd = say(visit, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(server_world_read(fd, &byte, 1), 1);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    (void)close(fd);
    EXPECT(say(visit, "GET /ping HTTP/1.1\r\nHost: h\r\n"
                      "Connection: close\r\n\r\n"),
           "pong\n");
}

/* A last byte that the rest of the page has not. */
static void append_dot(const char *path)
{
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    assert_int_equal(fputc('.', file), '.');
    assert_int_equal(fclose(file), 0);
}

static void any_stream_sends_files(void **state)
{
    struct visit *visit = *state;
    const char *request = "GET /file HTTP/1.1\r\nHost: h\r\n\r\n";
    struct awkward_client client;
    char got[5001];
    char *page = make_page(visit, sizeof(got) - 1);

    append_dot(visit->path);
    visit->site.size++;
    awkward_greet(&client, server_world_connect(visit->world));
    awkward_send(&client, request, strlen(request));
    awkward_read_to(&client, "\r\n\r\n", NULL, 0);
    awkward_read_to(&client, ".", got, sizeof(got));
    assert_memory_equal(got, page, sizeof(got) - 1);
    (void)close(client.fd);
    free(page);
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
        cmocka_unit_test_setup_teardown(answers_may_be_of_any_length, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_401_has_its_challenge, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_is_sent_as_the_client_reads,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_file_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_connection_is_idle_behind_a_file,
                                        setup_impatient, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_shrank_ends_the_connection,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_sent_is_closed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_broken_body_closes_the_file_of_its_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_client_may_leave_before_the_file_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(any_stream_sends_files, setup_awkward,
                                        teardown),
        cmocka_unit_test_setup_teardown(gives_bytes_to_any_handler, setup_echo,
                                        teardown),
        cmocka_unit_test_setup_teardown(has_any_handler_turn_connections_away,
                                        setup_echo, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
