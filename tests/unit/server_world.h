/*
 * tests/unit/server_world.h: a server over a real store in a temporary folder,
 * and clients that block.
 *
 * A call that takes longer than a minute ends the test.
 */
#ifndef TESTS_UNIT_SERVER_WORLD_H
#define TESTS_UNIT_SERVER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <uv.h>

#include "base/log.h"
#include "server/http/http.h"
#include "server/server.h"
#include "server/uploads/uploads.h"
#include "store/store.h"
#include "upload/upload.h"

struct server_world {
    char folder[64]; /* the root, and all else below it */
    struct log_sink log;
    struct config *config;
    struct store *store;
    struct upload_service *service;
    struct uploads uploads;
    struct http http;         /* that serves the uploads */
    struct listener listener; /* at a free port of 127.0.0.1 */
    struct server *server;
    uv_sem_t stopped;
};

/* options: lines of server { }; may be "".  Not started, so that the listener
 * can be changed. */
struct server_world *server_world_new(const char *options);

/* The same over a store of the caller's, which the world closes. */
struct server_world *server_world_new_over(struct store *store,
                                           upload_section *section,
                                           const char *options);
void server_world_start(struct server_world *world);

/* Stops the server, which ends within linger_timeout, and frees all. */
void server_world_free(struct server_world *world);

/* Waits until the server has stopped. */
void server_world_wait(struct server_world *world);

/* Returns a blocking socket. */
int server_world_connect(struct server_world *world);

void server_world_send(int fd, const void *data, size_t size);

/* Reads to the end of the stream or until the room is full; returns the
 * number of bytes. */
size_t server_world_read(int fd, void *room, size_t size);

/* Asserts that the file below the root holds exactly these bytes. */
void server_world_assert_file(struct server_world *world, const char *name,
                              const void *data, size_t size);

#endif
