/*
 * client/http/stall.h: has a request stood still for too long?
 *
 * Pure; times are milliseconds of one monotonic clock.
 */
#ifndef CLIENT_HTTP_STALL_H
#define CLIENT_HTTP_STALL_H

#include <stdbool.h>
#include <stdint.h>

/* What is seen of a request at one moment. */
struct stall_facts {
    uint64_t body_size;
    uint64_t sent;     /* bytes of the body that have left */
    uint64_t received; /* bytes of anything that came */
    bool paused;       /* by ourselves, for the sake of the rate */
    bool head_whole;   /* of the answer; its body is not needed */
};

struct stall {
    struct stall_facts last;
    uint64_t moved_ms;
    uint64_t head_ms; /* when the head was whole */
};

/* How long a server may take to send the rest of an answer whose body is not
 * needed. */
#define STALL_TAIL_MS 5000

void stall_init(struct stall *stall, uint64_t now_ms);

/* True: give up. */
bool stall_note(struct stall *stall, const struct stall_facts *facts,
                uint64_t now_ms);

#endif
