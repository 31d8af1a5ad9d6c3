/*
 * server/census.h: how many connections there are, in all and from each
 * address.  Any thread.
 */
#ifndef SERVER_CENSUS_H
#define SERVER_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/socket.h>
#include <uv.h>

/* An address without its port.  IPv4 in its IPv6 form is the same address. */
struct census_address {
    bool counted; /* false: a unix socket has none */
    uint8_t ip[16];
};

struct census_entry;

#define CENSUS_BUCKETS 1024

struct census {
    uv_mutex_t mutex;
    uint64_t total;
    uint64_t most; /* the highest total since census_has_emptied() was true */
    struct census_entry *buckets[CENSUS_BUCKETS];
};

struct census_address census_address_of(const struct sockaddr *socket_address);

/* 0 or a negative error of libuv. */
int census_init(struct census *census);
void census_done(struct census *census);

enum census_verdict {
    CENSUS_WELCOME,
    CENSUS_FULL,         /* max_connections */
    CENSUS_FULL_ADDRESS, /* max_connections_per_address */
    CENSUS_FLOODED,      /* so far over a limit that there is no room for an
                            answer either */
};

/* How many connections over a limit get an answer before they go. */
#define CENSUS_OVERFLOW 256
#define CENSUS_OVERFLOW_ADDRESS 8

/* Counts a connection, welcome or not; what is over a limit is to be sent
 * away.  UINT64_MAX: no limit. */
enum census_verdict census_enter(struct census *census,
                                 const struct census_address *address,
                                 uint64_t max, uint64_t max_per_address);

void census_leave(struct census *census, const struct census_address *address);

/* Have more than half of a crowd left?  True once for each crowd. */
bool census_has_emptied(struct census *census);

#endif
