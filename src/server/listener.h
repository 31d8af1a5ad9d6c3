/*
 * server/listener.h: sockets that accept connections.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "server/address.h"
#include "server/stream/stream.h"

/* Room for "https://[IPV6]:PORT/" and "unix:PATH". */
#define LISTENER_NAME_MAX 160

struct handler;

struct listener {
    int fd;
    bool inherited;                    /* the service manager owns it */
    bool is_network;                   /* TCP; false: a unix socket */
    bool is_exposed;                   /* other machines can reach it */
    char name[LISTENER_NAME_MAX];      /* "http://127.0.0.1:8080/" */
    char authority[ADDRESS_TEXT_MAX];  /* "127.0.0.1:8080"; for URLs */
    const struct stream_kind *streams; /* of its connections */
    struct handler *handler;           /* the program sets it */
    char *path; /* of a unix socket made here; removed at the end */
};

/* Listens on an address of the configuration.  Returns false with the reason if
 * that failed. */
bool listener_open(struct listener *listener, const char *address,
                   const struct stream_kind *streams, struct fault *ret_fault);

/* Checks whether listener_open() would succeed.  Returns 0, or an errno value
 * with the reason in the fault.  Binds a network address for a moment; connects
 * to an existing unix socket without removing it. */
int listener_try(const char *address, struct fault *ret_fault);

/* Takes over a listening socket that the service manager opened. */
bool listener_inherit(struct listener *listener, int fd,
                      const struct stream_kind *streams,
                      struct fault *ret_fault);

void listener_close(struct listener *listener);
void listeners_close(struct listener *listeners, size_t count);

#endif
