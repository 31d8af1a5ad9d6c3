/*
 * client/http/pace.c: see pace.h.
 *
 * A token bucket that fills at the rate and holds a quarter of a second.  It is
 * emptied in steps of a twentieth of a second, so that at a low rate bytes
 * leave neither one by one nor in bursts.
 */
#include "client/http/pace.h"

#define SECOND_US UINT64_C(1000000)
/* Above any real rate; prevents overflows. */
#define RATE_MAX (UINT64_C(1) << 40)

#define BUCKETS_A_SECOND 4
#define STEPS_A_SECOND 20

static uint64_t at_least_one(uint64_t value)
{
    return value > 0 ? value : 1;
}

static uint64_t bucket(const struct pace *pace)
{
    return at_least_one(pace->rate / BUCKETS_A_SECOND);
}

static uint64_t step(const struct pace *pace)
{
    return at_least_one(pace->rate / STEPS_A_SECOND);
}

void pace_init(struct pace *pace, uint64_t rate, uint64_t now_us)
{
    *pace = (struct pace){
        .rate = rate < RATE_MAX ? rate : RATE_MAX,
        .at_us = now_us,
    };
}

/* Adds whole bytes only.  The time of a fraction of a byte counts later,
 * rounded so that nothing is counted twice. */
static void fill(struct pace *pace, uint64_t now_us)
{
    uint64_t elapsed_us = now_us - pace->at_us;
    uint64_t earned;

    if (elapsed_us >= SECOND_US ||
        __builtin_mul_overflow(elapsed_us, pace->rate, &earned)) {
        pace->credit = bucket(pace);
        pace->at_us = now_us;
        return;
    }
    earned /= SECOND_US;
    pace->at_us += (earned * SECOND_US + pace->rate - 1) / pace->rate;
    pace->credit += earned;
    if (pace->credit >= bucket(pace)) {
        pace->credit = bucket(pace);
        pace->at_us = now_us;
    }
}

size_t pace_take(struct pace *pace, uint64_t now_us, size_t wanted)
{
    size_t taken;

    if (pace->rate == 0) {
        return wanted;
    }
    fill(pace, now_us);
    if (pace->credit < wanted && pace->credit < step(pace)) {
        return 0;
    }
    taken = pace->credit < wanted ? (size_t)pace->credit : wanted;
    pace->credit -= taken;
    return taken;
}

uint64_t pace_wait_us(const struct pace *pace)
{
    uint64_t missing =
        pace->credit < step(pace) ? step(pace) - pace->credit : 0;
    uint64_t wait_us;

    if (pace->rate == 0 ||
        __builtin_mul_overflow(missing, SECOND_US, &wait_us)) {
        return 0;
    }
    return wait_us / pace->rate + 1;
}
