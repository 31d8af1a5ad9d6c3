/*
 * server/pacing.h: max_rate_per_connection, max_rate_per_user and max_rate:
 * which connection may receive how much, and when.
 *
 * Connections take their turns in the order in which they ask: each reserves a
 * small portion in the buckets of its own and of its user, waits until both
 * allow it, does the same with the bucket of all, and receives it.  So a user
 * with many connections gets the rate of one user, also of the rate of all, and
 * connections that wait do not wake each other.
 *
 * Users are known by name, whatever their section; clients without a name are
 * one user.  A user has an entry while he has a running transfer, and until his
 * bucket is full again.
 */
#ifndef SERVER_PACING_H
#define SERVER_PACING_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include <openbits/text.h>

#include "config/config.h"
#include "server/bucket.h"

#define PACING_BUCKETS 1024

struct pacing_user;

/* Shared by all connections of a server; any thread. */
struct pacing {
    uv_mutex_t mutex;
    struct bucket all;
    uint64_t users; /* entries */
    struct pacing_user *buckets[PACING_BUCKETS];
    struct pacing_user *resting; /* without a transfer, the longest first */
    struct pacing_user *rested;  /* the last of them */
};

/* A connection's part, used on its thread only.  Starts as {0}. */
struct pacer {
    struct bucket own;
    struct pacing_user *user; /* of the running transfer */
    uint64_t portion;         /* bytes reserved and not yet received */
    bool is_of_all;           /* the portion is taken from max_rate, too */
    bool told;                /* the log has a line about this transfer */
};

/* Returns 0 or a negative error of libuv. */
int pacing_init(struct pacing *pacing);
void pacing_done(struct pacing *pacing);

/* Returns true if some rate is limited. */
bool pacing_applies(const struct config_server *rates);

/* What a connection wants to receive. */
struct pacing_wish {
    const struct config_server *rates;
    struct bits_text user;
    uint64_t bytes;
    uint64_t now; /* see bucket.h */
};

struct pacing_wait {
    uint64_t ns;      /* 0: none */
    const char *rule; /* the option that demands the wait; NULL: none */
};

/* Reserves the next portion, at most wish->bytes, for a pacer without one, or
 * takes the portion of the pacer from max_rate, too.  Returns how long to
 * wait; call it again then, until no wait is left and pacer->is_of_all. */
struct pacing_wait pacing_reserve(struct pacing *pacing, struct pacer *pacer,
                                  const struct pacing_wish *wish);

/* The connection has received bytes of its portion. */
void pacing_spend(struct pacer *pacer, uint64_t bytes);

/* Returns the rest of the portion. */
void pacing_return(struct pacing *pacing, struct pacer *pacer);

/* The same, and the transfer has ended. */
void pacing_end(struct pacing *pacing, struct pacer *pacer, uint64_t now);

#endif
