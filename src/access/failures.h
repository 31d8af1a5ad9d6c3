/*
 * access/failures.h: how many sign-ins may fail.
 *
 * Each client address, and each name at an address, has a budget that fills up
 * by time.  A sign-in takes from both and gets it back unless it fails.  Names
 * at other addresses have their own, so that guessing the password of a name
 * does not keep its owner out.  Addresses of one IPv6 network (/64) count as
 * one.
 *
 * Bounded: if there are too many budgets, those that were used longest ago are
 * forgotten.  One thread at a time.
 */
#ifndef ACCESS_FAILURES_H
#define ACCESS_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/census.h"

/* A budget of an address is so many times that of a name there. */
#define FAILURES_NAMES 10

#define FAILURES_ROWS 1024
#define FAILURES_WIDTH 8

/* Who signs in; made of random keys. */
struct failures_who {
    uint64_t address;
    uint64_t name; /* at the address */
};

struct failures_budget {
    uint64_t who; /* 0: the budget is free */
    uint64_t used;
    double left; /* sign-ins, at the time `used` */
};

struct failures {
    struct failures_budget budgets[FAILURES_ROWS][FAILURES_WIDTH];
};

/* Takes one sign-in at `now`, in nanoseconds that never go back.  A name may
 * fail `burst` times, then once a second.  False: the budget is used up, and
 * nothing was taken. */
bool failures_take(struct failures *failures, struct failures_who who,
                   uint64_t burst, uint64_t now);

/* The sign-in did not fail, or there was none. */
void failures_return(struct failures *failures, struct failures_who who,
                     uint64_t burst, uint64_t now);

#endif
