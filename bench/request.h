/*
 * bench/request.h: the heads that the load generator sends, in the form in
 * which a Windows client sends them.
 */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include "client.h"

/* Writes the head for the client's step; a body is body_at and body_left. */
void request_write(struct client *client);

#endif
