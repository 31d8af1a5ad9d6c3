/*
 * server/stream/tls_stream.h: one connection over TLS.
 */
#ifndef SERVER_STREAM_TLS_STREAM_H
#define SERVER_STREAM_TLS_STREAM_H

#include "server/stream/stream.h"

/* Of struct tls: see open() of struct stream_kind. */
int tls_stream_open(const struct stream_kind *kind, int fd,
                    struct stream *ret_stream);

#endif
