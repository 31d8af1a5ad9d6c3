/*
 * client/http/agent_limit.c: limits how much of one answer is read.  See
 * agent_private.h.
 *
 * libcurl shows neither the extensions of chunks nor a proxy's answer to a
 * CONNECT, so this reads the kernel's counters of the connections.
 */
#include "client/http/agent_private.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

/* The most that is read of a packet's answer (only its head matters), and of
 * everything around the body of a reply. */
#define ANSWER_MAX ((uint64_t)1 << 20)

/* Chunks of usual sizes add less than one part in this many. */
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

/* By all connections of the agent so far. */
static uint64_t received(const struct agent_sockets *sockets)
{
    uint64_t bytes = sockets->closed_bytes;

    for (size_t i = 0; i < sockets->count; i++) {
        bytes += received_by(sockets->fds[i]);
    }
    return bytes;
}

curl_socket_t agent_on_socket(void *context, curlsocktype purpose,
                              struct curl_sockaddr *address)
{
    struct agent *agent = context;
    struct agent_sockets *sockets = &agent->sockets;
    int fd;

    (void)purpose;
    if (sockets->count == AGENT_SOCKETS_MAX) {
        return CURL_SOCKET_BAD;
    }
    fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
    if (fd >= 0) {
        sockets->fds[sockets->count++] = fd;
    }
    return fd;
}

int agent_on_socket_close(void *context, curl_socket_t fd)
{
    struct agent *agent = context;
    struct agent_sockets *sockets = &agent->sockets;

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

static bool is_kept(const struct agent_run *run)
{
    return run->request->reply && run->status / 100 == 2 && run->head_whole;
}

static bool refuse(struct agent_run *run)
{
    run->flooded = true;
    return false;
}

void agent_limit_begin(struct agent *agent)
{
    agent->run.received_before = received(&agent->sockets);
}

bool agent_limit_shown(struct agent *agent, size_t size)
{
    struct agent_run *run = &agent->run;

    run->shown += size;
    return run->shown <= ANSWER_MAX || refuse(run);
}

bool agent_limit_kept(struct agent *agent, size_t size)
{
    struct agent_run *run = &agent->run;

    if (!is_kept(run)) {
        return agent_limit_shown(agent, size);
    }
    run->kept += size;
    return run->kept <= agent->settings->max_reply_size || refuse(run);
}

int agent_on_progress(void *context, curl_off_t body_size, curl_off_t body_read,
                      curl_off_t upload_size, curl_off_t uploaded)
{
    struct agent *agent = context;
    struct agent_run *run = &agent->run;
    uint64_t kept_max = agent->settings->max_reply_size;
    uint64_t limit = ANSWER_MAX;

    (void)body_size;
    (void)body_read;
    (void)upload_size;
    (void)uploaded;
    if (is_kept(run)) {
        limit += kept_max + kept_max / FRAMING_SHARE;
    }
    return received(&agent->sockets) - run->received_before > limit
               ? !refuse(run)
               : 0;
}
