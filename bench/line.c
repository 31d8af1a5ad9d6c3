/*
 * bench/line.c: see line.h.
 */
#include "line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct ssl_ctx_st *line_context(void)
{
    char curve[] = "X25519"; /* OpenSSL's macro takes a const away */
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    if (!context || SSL_CTX_set1_groups_list(context, curve) != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static int connect_to(uint64_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool shake_hands(struct line *line, SSL_CTX *context)
{
    line->ssl = SSL_new(context);
    return line->ssl && SSL_set_fd(line->ssl, line->fd) == 1 &&
           SSL_connect(line->ssl) == 1 &&
           fcntl(line->fd, F_SETFL, O_NONBLOCK) == 0;
}

bool line_open(struct line *line, uint64_t port, struct ssl_ctx_st *context)
{
    *line = (struct line){.fd = connect_to(port)};
    if (line->fd < 0) {
        return false;
    }
    if (context && !shake_hands(line, context)) {
        line_close(line);
        errno = EPROTO;
        return false;
    }
    return true;
}

void line_close(struct line *line)
{
    SSL_free(line->ssl);
    line->ssl = NULL;
    if (line->fd >= 0) {
        (void)close(line->fd);
    }
    line->fd = -1;
}

void line_part(struct line *line)
{
    struct pollfd socket = {.fd = line->fd, .events = POLLIN};
    char room[4096];
    ssize_t n;

    ERR_clear_error();
    (void)SSL_shutdown(line->ssl);
    (void)shutdown(line->fd, SHUT_WR);
    do {
        (void)poll(&socket, 1, -1);
        n = recv(line->fd, room, sizeof(room), MSG_DONTWAIT);
    } while (n > 0 || (n < 0 && errno == EAGAIN));
    line_close(line);
}

/* What a call of OpenSSL that did nothing came to. */
static ssize_t judge(const struct line *line)
{
    int error = SSL_get_error(line->ssl, 0);

    if (error == SSL_ERROR_ZERO_RETURN) {
        return 0;
    }
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
                ? EAGAIN
                : EPROTO;
    return -1;
}

static ssize_t send_over_tls(struct line *line, const struct iovec *parts,
                             int count)
{
    ssize_t sent = 0;

    for (int i = 0; i < count; i++) {
        size_t done = 0;
        size_t n;

        while (done < parts[i].iov_len) {
            ERR_clear_error();
            if (SSL_write_ex(line->ssl, (char *)parts[i].iov_base + done,
                             parts[i].iov_len - done, &n) != 1) {
                return sent > 0 ? sent : judge(line);
            }
            done += n;
            sent += (ssize_t)n;
        }
    }
    return sent;
}

ssize_t line_send(struct line *line, const struct iovec *parts, int count)
{
    const struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                                   .msg_iovlen = (size_t)count};

    return line->ssl ? send_over_tls(line, parts, count)
                     : sendmsg(line->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t line_receive(struct line *line, void *room, size_t size)
{
    size_t n;

    if (!line->ssl) {
        return recv(line->fd, room, size, MSG_DONTWAIT);
    }
    ERR_clear_error();
    return SSL_read_ex(line->ssl, room, size, &n) == 1 ? (ssize_t)n
                                                       : judge(line);
}
