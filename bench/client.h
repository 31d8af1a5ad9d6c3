/*
 * bench/client.h: one connection of the load generator, which uploads file
 * after file, or asks again and again.
 *
 * It does as little as it can: heads are printed once for each request, bodies
 * come from a pattern in memory, of an answer only the status, the length
 * and two fields are read.  An answer that is not a success, but a 416 in a
 * resumed upload, counts as an error and ends the connection's work.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "line.h"
#include "options.h"
#include "pattern.h"
#include "samples.h"

enum load_kind {
    LOAD_BITS,   /* Create-Session, Fragments, Close-Session */
    LOAD_PUT,    /* PUT; in pieces with Content-Range for the bare loops */
    LOAD_CREATE, /* Create-Session alone */
    LOAD_PING,   /* Ping */
    LOAD_GET,    /* GET of `name` */
};

/* What all clients share. */
struct load {
    struct options options;
    enum load_kind kind;
    struct ssl_ctx_st *context; /* of TLS connections; NULL: plain ones */
    struct pattern pattern;
    struct samples samples; /* of whole uploads, or of single requests */
    int epoll;
    bool stopping;  /* nothing new is begun */
    uint64_t begun; /* whole uploads, or single requests */
    uint64_t done;  /* the same */
    uint64_t bytes; /* of bodies, sent */
    uint64_t cuts;
    uint64_t errors;
    uint64_t working; /* clients that have something to do */
};

enum client_step {
    CLIENT_RESTS, /* until `due` */
    CLIENT_CREATES,
    CLIENT_SENDS,
    CLIENT_CLOSES,
    CLIENT_ASKS,
    CLIENT_ENDED,
};

#define CLIENT_HEAD_MAX 768
#define CLIENT_ANSWER_MAX 4096
#define CLIENT_SESSION_MAX 64

struct client {
    struct load *load;
    struct line line;
    uint32_t events; /* that epoll waits for */
    enum client_step step;

    char head[CLIENT_HEAD_MAX];
    size_t head_len;
    size_t head_sent;
    uint64_t body_at;   /* offset in the file of the next byte to send */
    uint64_t body_left; /* bytes of the running request */

    char answer[CLIENT_ANSWER_MAX];
    size_t answer_len;
    uint64_t answer_body; /* bytes of the answer's body still to come */
    unsigned status;      /* of the answer whose body comes; 0: none */

    uint64_t number;  /* of the file */
    uint64_t offset;  /* acknowledged */
    uint64_t carried; /* bytes of bodies on this connection */
    char session[CLIENT_SESSION_MAX];
    uint64_t since; /* when the upload, or the request, began */
    uint64_t due;   /* when the next begins */
};

/* Connects.  False, and a line on stderr, when that fails. */
bool client_open(struct client *client, struct load *load);
void client_close(struct client *client);

/* Begins the next upload or request, or ends. */
void client_next(struct client *client);

/* epoll says that something can be read or sent. */
void client_act(struct client *client, uint32_t events);

#endif
