/*
 * client/stop.c: see stop.h.
 */
#include "client/stop.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool stop_init(struct stop *stop)
{
    *stop = (struct stop){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    return stop->fd >= 0;
}

void stop_done(struct stop *stop)
{
    if (stop->fd >= 0) {
        (void)close(stop->fd);
        stop->fd = -1;
    }
}

void stop_ask(struct stop *stop, int signal)
{
    static const uint64_t one = 1;
    int error = errno;

    if (signal != 0) {
        stop->signal = signal;
    }
    stop->asked = 1;
    /* It fails only if it is readable already. */
    if (write(stop->fd, &one, sizeof(one)) < 0) {
        errno = error;
    }
}

void stop_clear(struct stop *stop)
{
    uint64_t count;

    if (read(stop->fd, &count, sizeof(count)) < 0) {
        errno = 0; /* no stop was requested */
    }
    stop->asked = 0;
    stop->signal = 0;
}
