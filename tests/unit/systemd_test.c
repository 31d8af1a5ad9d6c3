/*
 * systemd_test.c: notifications and sockets that are handed over, with real
 * sockets and processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/systemd.h"

/* --- notifications --- */

/* A socket at a name as it stands in NOTIFY_SOCKET. */
static int receiver_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    assert_true(len < sizeof(address.sun_path));
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
        0);
    return fd;
}

static void assert_received(int fd, const char *expected)
{
    char text[100];
    ssize_t n = recv(fd, text, sizeof(text), 0);

    assert_int_equal(n, strlen(expected));
    assert_memory_equal(text, expected, (size_t)n);
    assert_int_equal(recv(fd, text, sizeof(text), 0), -1);
    assert_int_equal(errno, EAGAIN);
}

static void notifies_the_manager_at_a_path(void **state)
{
    char folder[] = "/tmp/systemd-test-XXXXXX";
    char path[100];
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/notify", folder);
    fd = receiver_at(path);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    os_notify("READY=1\nSTATUS=here");
    assert_received(fd, "READY=1\nSTATUS=here");
    assert_int_equal(close(fd), 0);
    os_notify("READY=1"); /* the socket is closed */
    assert_int_equal(unlink(path), 0);
    os_notify("READY=1");
    assert_int_equal(rmdir(folder), 0);
}

static void notifies_the_manager_at_an_abstract_name(void **state)
{
    char name[100];
    int fd;

    (void)state;
    (void)snprintf(name, sizeof(name), "@systemd-test-%d", (int)getpid());
    fd = receiver_at(name);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    os_notify("STOPPING=1");
    assert_received(fd, "STOPPING=1");
    assert_int_equal(close(fd), 0);
}

/* The length of the longest path that an address holds, and its end. */
#define PATH_ROOM sizeof(((struct sockaddr_un *)0)->sun_path)

static void nothing_happens_without_a_usable_name(void **state)
{
    char long_name[PATH_ROOM + 1];
    static const char *const names[] = {"", "/", "@", "notify", "vsock:2:1"};

    (void)state;
    memset(long_name, 'x', PATH_ROOM);
    long_name[0] = '@';
    long_name[PATH_ROOM] = '\0';
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    os_notify("READY=1");
    assert_int_equal(setenv("NOTIFY_SOCKET", long_name, 1), 0);
    os_notify("READY=1");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        os_notify("READY=1");
    }
}

/* --- sockets that are handed over --- */

enum owner {
    OWN,
    FOREIGN,
    NO_OWNER,
};

static void announce(enum owner owner, const char *count)
{
    char pid[20];

    (void)snprintf(pid, sizeof(pid), "%d",
                   (int)(owner == OWN ? getpid() : getppid()));
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    if (owner != NO_OWNER) {
        (void)setenv("LISTEN_PID", pid, 1);
    }
    if (count) {
        (void)setenv("LISTEN_FDS", count, 1);
    }
    (void)setenv("LISTEN_FDNAMES", "http:admin", 1);
}

static bool is_cloexec(int fd)
{
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

/* In a process of its own, with sockets as descriptors 3 and 4 and nothing
 * behind them.  Its exit code is the count, or 100 and more on a failure. */
static int take_over(enum owner owner, const char *count)
{
    char *names = NULL;
    unsigned taken;
    int fd;

    closefrom(3);
    for (fd = 3; fd < 5; fd++) {
        if (socket(AF_INET, SOCK_STREAM, 0) != fd) {
            return 100;
        }
    }
    announce(owner, count);
    taken = os_listen_fds(&names);
    if (!os_listen_name_is(names, 1, "admin")) {
        return 104;
    }
    free(names);
    for (fd = 3; fd < 5; fd++) {
        if (is_cloexec(fd) != (fd < 3 + (int)taken)) {
            return 101;
        }
    }
    if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") ||
        getenv("LISTEN_FDNAMES")) {
        return 102;
    }
    return os_listen_fds(&names) == 0 && !names ? (int)taken : 103;
}

static int exit_code_of(enum owner owner, const char *count)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        _exit(take_over(owner, count));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void sockets_are_taken_over_if_they_are_meant_for_us(void **state)
{
    static const struct {
        enum owner owner;
        const char *announced;
        int taken;
    } rows[] = {
        {OWN, "2", 2},
        {OWN, "1", 1},
        {OWN, "0", 0},
        {OWN, NULL, 0},
        {OWN, "", 0},
        {OWN, "-1", 0},
        {OWN, "2x", 0},
        {OWN, "99999999999999999999", 0},
        {OWN, "18446744073709551615", 2}, /* more than there are */
        {OWN, "3", 2},
        {FOREIGN, "2", 0},
        {NO_OWNER, "2", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(exit_code_of(rows[i].owner, rows[i].announced),
                         rows[i].taken);
    }
}

static void sockets_have_names(void **state)
{
    (void)state;
    assert_true(os_listen_name_is("http:tls", 0, "http"));
    assert_true(os_listen_name_is("http:tls", 1, "tls"));
    assert_false(os_listen_name_is("http:tls", 0, "tls"));
    assert_false(os_listen_name_is("http:tls", 2, "tls"));
    assert_true(os_listen_name_is("a::tls", 1, ""));
    assert_false(os_listen_name_is(NULL, 0, "tls"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notifies_the_manager_at_a_path),
        cmocka_unit_test(notifies_the_manager_at_an_abstract_name),
        cmocka_unit_test(nothing_happens_without_a_usable_name),
        cmocka_unit_test(sockets_are_taken_over_if_they_are_meant_for_us),
        cmocka_unit_test(sockets_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
