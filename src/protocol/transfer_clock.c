/*
 * protocol/transfer_clock.c: see transfer_clock.h.
 */
#include "protocol/transfer_clock.h"

#include "base/smaller.h"

#define SECOND_MS 1000u
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* How long a Cancel is retried [IBackgroundCopyJob::Cancel]. */
#define CANCEL_GIVE_UP_MS DAY_MS

const struct bits_retry bits_retry_foreground = {
    .min_ms = SECOND_MS,
    .max_ms = MINUTE_MS,
    .floor_ms = SECOND_MS,
    .retry_after_max_ms = 10 * MINUTE_MS,
    .give_up_ms = HOUR_MS,
};

const struct bits_retry bits_retry_queue = {
    .min_ms = 10 * MINUTE_MS,
    .max_ms = 10 * MINUTE_MS,
    .floor_ms = 5 * SECOND_MS,
    .retry_after_max_ms = DAY_MS,
    .give_up_ms = 14 * DAY_MS,
};

uint64_t clock_elapsed(uint64_t now_ms, uint64_t since_ms)
{
    uint64_t elapsed = now_ms - since_ms;

    return elapsed > INT64_MAX ? 0 : elapsed;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The delay grows from min to max.  A random delay in the upper half of the
 * current range keeps the many clients of a server from returning together. */
static uint64_t own_delay(const struct bits_transfer_options *options,
                          unsigned attempt)
{
    const struct bits_retry *retry = &options->retry;
    uint64_t least = larger(retry->min_ms, 1);
    uint64_t most = larger(retry->max_ms, least);
    uint64_t high = least;
    unsigned doublings = options->random ? attempt + 1 : attempt;
    uint64_t low;

    for (unsigned i = 0; i < doublings && high < most; i++) {
        high = high > most / 2 ? most : high * 2;
    }
    if (!options->random) {
        return high;
    }
    low = larger(least, high / 2);
    return low + options->random(options->random_context) % (high - low + 1);
}

uint64_t clock_delay(const struct bits_transfer_options *options,
                     unsigned attempt, uint64_t retry_after_s)
{
    const struct bits_retry *retry = &options->retry;
    uint64_t asked_ms;

    if (__builtin_mul_overflow(retry_after_s, SECOND_MS, &asked_ms)) {
        asked_ms = UINT64_MAX;
    }
    return larger(larger(own_delay(options, attempt), retry->floor_ms),
                  smaller(asked_ms, retry->retry_after_max_ms));
}

void clock_start_fallback(struct transfer *transfer, uint64_t now_ms)
{
    struct bits_transfer_state *state = &transfer->state;

    if (state->host_id[0] != '\0' && state->fallback_timeout_s != 0 &&
        !state->fallback_running) {
        state->fallback_running = true;
        transfer->fallback_since_ms = now_ms;
        transfer->unsaved = true;
    }
}

bool clock_fallback_is_due(const struct transfer *transfer, uint64_t now_ms)
{
    const struct bits_transfer_state *state = &transfer->state;

    return state->fallback_running &&
           clock_elapsed(now_ms, transfer->fallback_since_ms) >=
               (uint64_t)state->fallback_timeout_s * SECOND_MS;
}

bool clock_may_retry(struct transfer *transfer, uint64_t now_ms)
{
    uint64_t give_up_ms = transfer->options.retry.give_up_ms;

    if (transfer->state.cancelling) {
        give_up_ms = smaller(give_up_ms, CANCEL_GIVE_UP_MS);
    }
    if (!transfer->state.stalled) {
        transfer->state.stalled = true;
        transfer->stalled_since_ms = now_ms;
        transfer->unsaved = true;
    }
    return clock_elapsed(now_ms, transfer->stalled_since_ms) < give_up_ms;
}
