/*
 * bench/line.h: a connection of the load generator, plain or over TLS.
 *
 * The calls do not block, but for line_open(), and set errno as recv() and
 * send() do.
 */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct ssl_st;
struct ssl_ctx_st;

struct line {
    int fd;             /* -1: closed */
    struct ssl_st *ssl; /* NULL: plain */
};

/* For lines over TLS, with one curve for all servers.  Certificates are not
 * checked, sessions are not resumed.  NULL: out of memory. */
struct ssl_ctx_st *line_context(void);

/* Connects to a port of 127.0.0.1; context is NULL for a plain line. */
bool line_open(struct line *line, uint64_t port, struct ssl_ctx_st *context);

/* Without a goodbye. */
void line_close(struct line *line);

/* Over TLS: says goodbye and waits until the server has closed, so that it has
 * done all of its handshake. */
void line_part(struct line *line);

/* After -1 with EAGAIN the same bytes must be sent again. */
ssize_t line_send(struct line *line, const struct iovec *parts, int count);
ssize_t line_receive(struct line *line, void *room, size_t size);

#endif
