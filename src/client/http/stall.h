/*
 * client/http/stall.h: detects a request that makes no progress for too long.
 *
 * Pure; times are milliseconds of one monotonic clock.
 */
#ifndef CLIENT_HTTP_STALL_H
#define CLIENT_HTTP_STALL_H

#include <stdbool.h>
#include <stdint.h>

/* The state of a request at one moment. */
struct stall_facts {
    uint64_t body_size;
    uint64_t sent;     /* bytes of the body that were sent */
    uint64_t received; /* bytes of any kind that were received */
    bool paused;       /* by us, to keep the rate */
    bool head_whole;   /* the answer's head is complete; its body is not
                          needed */
};

struct stall {
    struct stall_facts last;
    uint64_t moved_ms;
    uint64_t head_ms; /* when the head was complete */
};

/* How long a server may take to send the rest of an answer whose body is not
 * needed, in milliseconds. */
#define STALL_TAIL_MS 5000

void stall_init(struct stall *stall, uint64_t now_ms);

/* Returns true if the request must be given up. */
bool stall_note(struct stall *stall, const struct stall_facts *facts,
                uint64_t now_ms);

#endif
