/*
 * tests/unit/awkward_stream.h: a kind of stream that does all that a stream
 * may do, over real sockets, and its client.
 *
 * Bytes travel in records, like those of TLS.  The server's side shakes hands,
 * reads many records at once and gives one byte at a time, takes a few bytes
 * at a time, must write before it reads on whenever the client asks for it,
 * and is finished only once the client has said goodbye.
 */
#ifndef TESTS_UNIT_AWKWARD_STREAM_H
#define TESTS_UNIT_AWKWARD_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "server/stream/stream.h"

#define AWKWARD_SERVER_NAME "awkward.example"

extern const struct stream_kind awkward_streams;

/* The client's side of a connected, blocking socket. */
struct awkward_client {
    int fd;
    char answer[8192]; /* data that came and was not taken */
    size_t size;
    unsigned acks; /* records of the server's that ours asked for */
    bool finished; /* the server has said goodbye */
};

void awkward_greet(struct awkward_client *client, int fd);

/* Has the server write now and then before it reads on. */
void awkward_send(struct awkward_client *client, const void *data, size_t size);

/* Reads until the data contains the text, then takes the data in front of it,
 * which is terminated and cut to the room, and the text.  room may be NULL. */
void awkward_read_to(struct awkward_client *client, const char *text,
                     char *room, size_t size);

/* Waits for the server's goodbye, without one of ours. */
void awkward_expect_goodbye(struct awkward_client *client);

/* Says goodbye. */
void awkward_part(struct awkward_client *client);

#endif
