/*
 * tests/unit/server_access_test.c: uploads to sections that ask who uploads.
 */
#include "server_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "awkward_stream.h"
#include "base/compiler.h"
#include "base/text.h"
#include "http1/field.h"
#include "server/uploads/access.h"

/* Takes the name in Authorization, or what the stream knows, for who the client
 * is. */
struct name_access {
    struct access access;
    bool is_slow; /* asked, it decides later, in the test: */
    struct access_check *waiting;
    uv_sem_t waits;
    uv_sem_t forgotten;
};

static struct bits_text name_in(const struct access_check *check)
{
    struct bits_text cursor = check->head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Authorization"))) {
            return value;
        }
    }
    return check->facts.server_name;
}

static enum access_verdict name_ask(struct access_check *check)
{
    struct name_access *access =
        CONTAINER_OF(check->access, struct name_access, access);
    struct bits_text name = name_in(check);

    assert_string_equal(check->section->prefix, "/");
    check->challenges[0] = "Name realm=\"uploads\"";
    check->verdict = name.len > 0 ? ACCESS_GRANTED : ACCESS_REFUSED;
    if (name.len > 0) {
        check->user = strndup(name.ptr, name.len);
    }
    if (access->is_slow) {
        access->waiting = check;
        uv_sem_post(&access->waits);
        return ACCESS_PENDING;
    }
    return check->verdict;
}

static void name_forget(struct access_check *check)
{
    uv_sem_post(
        &CONTAINER_OF(check->access, struct name_access, access)->forgotten);
}

/* Everybody but mallory. */
static enum access_verdict name_permit(struct access_check *check)
{
    if (check->user && strcmp(check->user, "mallory") == 0) {
        check->outcome = cause_outcome(CAUSE_USER_NOT_LISTED);
        return ACCESS_DENIED;
    }
    return ACCESS_GRANTED;
}

static const struct access_ops name_ops = {
    .ask = name_ask, .permit = name_permit, .forget = name_forget};

struct visit {
    struct server_world *world;
    struct name_access access;
    char answers[8192];
};

static int setup(void **state)
{
    struct visit *visit = calloc(1, sizeof(*visit));

    assert_non_null(visit);
    visit->access.access.ops = &name_ops;
    assert_int_equal(uv_sem_init(&visit->access.waits, 0), 0);
    assert_int_equal(uv_sem_init(&visit->access.forgotten, 0), 0);
    visit->world = server_world_new("");
    uploads_init(&visit->world->uploads, visit->world->service,
                 &visit->access.access);
    *state = visit;
    return 0;
}

static int setup_plain(void **state)
{
    (void)setup(state);
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

static int setup_slow(void **state)
{
    (void)setup_plain(state);
    ((struct visit *)*state)->access.is_slow = true;
    return 0;
}

static int setup_awkward(void **state)
{
    (void)setup(state);
    ((struct visit *)*state)->world->listener.streams = &awkward_streams;
    server_world_start(((struct visit *)*state)->world);
    return 0;
}

static int teardown(void **state)
{
    struct visit *visit = *state;

    server_world_free(visit->world);
    uv_sem_destroy(&visit->access.waits);
    uv_sem_destroy(&visit->access.forgotten);
    free(visit);
    return 0;
}

#define CREATE                                                                 \
    "BITS-Packet-Type: Create-Session\r\n"                                     \
    "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}\r\n"

static int send_request(struct visit *visit, const char *method,
                        const char *fields)
{
    int fd = server_world_connect(visit->world);
    char request[1024];
    int size = snprintf(request, sizeof(request),
                        "%s /a.bin HTTP/1.1\r\nHost: h\r\n%s"
                        "Connection: close\r\n\r\n",
                        method, fields);

    server_world_send(fd, request, (size_t)size);
    return fd;
}

static const char *read_answer(struct visit *visit, int fd)
{
    size_t size =
        server_world_read(fd, visit->answers, sizeof(visit->answers) - 1);

    visit->answers[size] = '\0';
    (void)close(fd);
    return visit->answers;
}

static const char *ask(struct visit *visit, const char *method,
                       const char *fields)
{
    return read_answer(visit, send_request(visit, method, fields));
}

static void expect_challenge(const char *answer)
{
    assert_non_null(strstr(answer, "HTTP/1.1 401 Unauthorized\r\n"));
    assert_non_null(
        strstr(answer, "WWW-Authenticate: Name realm=\"uploads\"\r\n"));
    assert_null(strstr(answer, "BITS-"));
}

static void a_client_without_a_name_gets_a_challenge(void **state)
{
    expect_challenge(ask(*state, "BITS_POST", CREATE));
    expect_challenge(ask(*state, "BITS_POST", "BITS-Packet-Type: Ping\r\n"));
    expect_challenge(ask(*state, "GET", ""));
}

/* mallory may sign in, and nothing else. */
static void a_user_without_rights_is_refused(void **state)
{
    static const char *const methods[] = {"BITS_POST", "GET", "HEAD"};
    struct visit *visit = *state;
    const char *fields = "Authorization: mallory\r\n" CREATE;
    int fd;

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        assert_non_null(strstr(ask(visit, methods[i], fields),
                               "HTTP/1.1 403 Forbidden\r\n"));
        assert_null(strstr(visit->answers, "BITS-Session-Id"));
    }
    visit->access.is_slow = true;
    fd = send_request(visit, "BITS_POST", fields);
    uv_sem_wait(&visit->access.waits);
    visit->access.waiting->decided(visit->access.waiting);
    assert_non_null(
        strstr(read_answer(visit, fd), "HTTP/1.1 403 Forbidden\r\n"));
}

/* The body is out of the way before the answer, and the connection stays. */
static void a_challenge_may_come_for_a_body(void **state)
{
    struct visit *visit = *state;
    const char *request = "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n"
                          "BITS-Packet-Type: Fragment\r\n"
                          "Content-Length: 5\r\n\r\nabcde";
    int fd = server_world_connect(visit->world);

    server_world_send(fd, request, strlen(request));
    server_world_send(fd, request, strlen(request));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    expect_challenge(read_answer(visit, fd));
    expect_challenge(strstr(visit->answers, "requires authentication.\n"));
}

static void a_session_belongs_to_who_made_it(void **state)
{
    struct visit *visit = *state;
    const char *found;
    char fields[256];
    char id[BITS_GUID_TEXT_LEN + 1];

    found = strstr(ask(visit, "BITS_POST", "Authorization: anna\r\n" CREATE),
                   "BITS-Session-Id: ");
    assert_non_null(found);
    (void)snprintf(id, sizeof(id), "%s", found + strlen("BITS-Session-Id: "));
    (void)snprintf(fields, sizeof(fields),
                   "BITS-Packet-Type: Cancel-Session\r\nBITS-Session-Id: %s\r\n"
                   "Authorization: bert\r\n",
                   id);
    assert_null(strstr(ask(visit, "BITS_POST", fields), " 200 OK"));
    memcpy(strstr(fields, "bert"), "anna", 4);
    assert_non_null(strstr(ask(visit, "BITS_POST", fields), " 200 OK"));
}

static void a_check_may_take_time(void **state)
{
    struct visit *visit = *state;
    int fd = send_request(visit, "BITS_POST", "Authorization: anna\r\n" CREATE);

    uv_sem_wait(&visit->access.waits);
    visit->access.waiting->decided(visit->access.waiting);
    assert_non_null(strstr(read_answer(visit, fd), "BITS-Session-Id: {"));

    fd = send_request(visit, "BITS_POST", CREATE);
    uv_sem_wait(&visit->access.waits);
    visit->access.waiting->decided(visit->access.waiting);
    expect_challenge(read_answer(visit, fd));
}

/* The third order cuts what waits for whatever it is. */
static void a_check_that_does_not_end_is_forgotten(void **state)
{
    struct visit *visit = *state;
    int fd = send_request(visit, "BITS_POST", "Authorization: anna\r\n" CREATE);

    uv_sem_wait(&visit->access.waits);
    server_stop(visit->world->server);
    server_stop(visit->world->server);
    server_stop(visit->world->server);
    assert_string_equal(read_answer(visit, fd), "");
    uv_sem_wait(&visit->access.forgotten);
    server_world_wait(visit->world);
}

static void the_stream_may_tell_who_it_is(void **state)
{
    struct visit *visit = *state;
    const char *request =
        "BITS_POST /a.bin HTTP/1.1\r\nHost: h\r\n" CREATE "\r\n";
    struct awkward_client client;

    awkward_greet(&client, server_world_connect(visit->world));
    awkward_send(&client, request, strlen(request));
    awkward_read_to(&client, "HTTP/1.1 200 OK\r\n", NULL, 0);
    (void)close(client.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_client_without_a_name_gets_a_challenge, setup_plain, teardown),
        cmocka_unit_test_setup_teardown(a_user_without_rights_is_refused,
                                        setup_plain, teardown),
        cmocka_unit_test_setup_teardown(a_challenge_may_come_for_a_body,
                                        setup_plain, teardown),
        cmocka_unit_test_setup_teardown(a_session_belongs_to_who_made_it,
                                        setup_plain, teardown),
        cmocka_unit_test_setup_teardown(a_check_may_take_time, setup_slow,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_check_that_does_not_end_is_forgotten,
                                        setup_slow, teardown),
        cmocka_unit_test_setup_teardown(the_stream_may_tell_who_it_is,
                                        setup_awkward, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
