/*
 * client/files/spool.c: see spool.h.
 */
#include "client/files/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/home.h"

#define CHUNK 65536

/* Returns NULL if memory ran out. */
static char *choose_path(const char *name)
{
    const char *folder = getenv("TMPDIR");
    struct fault fault;
    struct home home;
    char *path = NULL;
    int r;

    if (home_open(&home, "spool", &fault)) {
        r = asprintf(&path, "%s/%s-XXXXXX", home.path, name);
    } else {
        r = asprintf(&path, "%s/%s-XXXXXX",
                     folder && folder[0] == '/' ? folder : "/tmp", name);
    }
    home_done(&home);
    return r < 0 ? NULL : path;
}

/* Returns 0 or an errno value. */
static int put(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Returns 0 or an errno value; ECANCELED: a stop was requested. */
static int copy(int from, int to, const struct stop *stop)
{
    struct pollfd fds[] = {{.fd = from, .events = POLLIN},
                           {.fd = stop->fd, .events = POLLIN}};
    CLEANUP(free_string) char *room = malloc(CHUNK);
    ssize_t n = room ? 1 : 0;
    int error = room ? 0 : ENOMEM;

    while (n > 0 && !error) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return errno;
        }
        if (stop->asked) {
            return ECANCELED;
        }
        if (fds[0].revents == 0) {
            continue;
        }
        n = read(from, room, CHUNK);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return errno;
        }
        error = n > 0 ? put(to, room, (size_t)n) : 0;
        n = n < 0 ? 1 : n;
    }
    return error;
}

char *spool_take(int fd, const char *name, const struct stop *stop,
                 struct fault *ret_fault)
{
    char *path = choose_path(name);
    int file = path ? mkostemp(path, O_CLOEXEC) : -1;
    int error = file < 0 ? errno : copy(fd, file, stop);

    if (file >= 0 && close(file) != 0 && !error) {
        error = errno;
    }
    if (!error) {
        return path;
    }
    ret_fault->text[0] = '\0';
    if (error != ECANCELED) {
        (void)fault_set(ret_fault, "%s: %s", path ? path : "standard input",
                        strerror(error));
    }
    if (file >= 0) {
        (void)unlink(path);
    }
    free(path);
    return NULL;
}
