/*
 * server/census.h: counts connections, in all and from each address.  Any
 * thread.
 */
#ifndef SERVER_CENSUS_H
#define SERVER_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/socket.h>
#include <uv.h>

/* An address without its port.  An IPv4 address equals its IPv6-mapped form. */
struct census_address {
    bool counted; /* false: a unix socket, which has no address */
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

/* Returns 0 or a negative error of libuv. */
int census_init(struct census *census);
void census_done(struct census *census);

enum census_verdict {
    CENSUS_WELCOME,
    CENSUS_FULL,         /* max_connections */
    CENSUS_FULL_ADDRESS, /* max_connections_per_address */
    CENSUS_FLOODED,      /* too far over a limit even for a refusal */
};

/* How many connections over a limit receive an answer before they are
 * closed. */
#define CENSUS_OVERFLOW 256
#define CENSUS_OVERFLOW_ADDRESS 8

/* Counts a connection, accepted or not.  The caller refuses one that is over a
 * limit.  UINT64_MAX: no limit. */
enum census_verdict census_enter(struct census *census,
                                 const struct census_address *address,
                                 uint64_t max, uint64_t max_per_address);

void census_leave(struct census *census, const struct census_address *address);

/* Returns true once for each crowd, when more than half of it has left. */
bool census_has_emptied(struct census *census);

#endif
