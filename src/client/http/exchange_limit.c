/*
 * client/http/exchange_limit.c: how much is read of one answer.  See
 * exchange_private.h.
 *
 * libcurl shows neither the extensions of chunks nor what a proxy answers to a
 * CONNECT, so that the kernel's counters of the connections are asked.
 */
#include "client/http/exchange_private.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

/* A packet's answer says all in its head; so much is read of it, and of what is
 * around the body of a reply. */
#define ANSWER_MAX ((uint64_t)1 << 20)

/* Chunks of usual sizes add less than a part of so many. */
#define FRAMING_SHARE 8

/* --- the connections ------------------------------------------------------ */

static uint64_t received_by(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(struct tcp_info, tcpi_segs_out)) {
        return 0;
    }
    return info.tcpi_bytes_received;
}

/* By all connections of the exchange since it was made. */
static uint64_t received(const struct exchange_sockets *sockets)
{
    uint64_t bytes = sockets->closed_bytes;

    for (size_t i = 0; i < sockets->count; i++) {
        bytes += received_by(sockets->fds[i]);
    }
    return bytes;
}

curl_socket_t exchange_on_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct exchange *exchange = context;
    struct exchange_sockets *sockets = &exchange->sockets;
    int fd;

    (void)purpose;
    if (sockets->count == EXCHANGE_SOCKETS_MAX) {
        return CURL_SOCKET_BAD;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
    if (fd >= 0) {
        sockets->fds[sockets->count++] = fd;
    }
    return fd;
}

int exchange_on_socket_close(void *context, curl_socket_t fd)
{
    struct exchange *exchange = context;
    struct exchange_sockets *sockets = &exchange->sockets;

    for (size_t i = 0; i < sockets->count; i++) {
        if (sockets->fds[i] == fd) {
            sockets->closed_bytes += received_by(fd);
            sockets->fds[i] = sockets->fds[--sockets->count];
            break;
        }
    }
    return close(fd);
}

/* --- the limits ----------------------------------------------------------- */

static bool is_kept(const struct exchange_run *run)
{
    return run->request->reply && run->status / 100 == 2 && run->head_whole;
}

static bool refuse(struct exchange_run *run)
{
    run->flooded = true;
    return false;
}

void exchange_limit_begin(struct exchange *exchange)
{
    exchange->run.received_before = received(&exchange->sockets);
}

bool exchange_limit_shown(struct exchange *exchange, size_t size)
{
    struct exchange_run *run = &exchange->run;

    run->shown += size;
    return run->shown <= ANSWER_MAX || refuse(run);
}

bool exchange_limit_kept(struct exchange *exchange, size_t size)
{
    struct exchange_run *run = &exchange->run;

    if (!is_kept(run)) {
        return exchange_limit_shown(exchange, size);
    }
    run->kept += size;
    return run->kept <= exchange->settings->max_reply_size || refuse(run);
}

int exchange_on_progress(void *context, curl_off_t body_size,
                         curl_off_t body_read, curl_off_t upload_size,
                         curl_off_t uploaded)
{
    struct exchange *exchange = context;
    struct exchange_run *run = &exchange->run;
    uint64_t kept_max = exchange->settings->max_reply_size;
    uint64_t limit = ANSWER_MAX;

    (void)body_size;
    (void)body_read;
    (void)upload_size;
    (void)uploaded;
    if (is_kept(run)) {
        limit += kept_max + kept_max / FRAMING_SHARE;
    }
    return received(&exchange->sockets) - run->received_before > limit
               ? !refuse(run)
               : 0;
}
