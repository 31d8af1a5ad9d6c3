/*
 * upload/housekeeping.h: where housekeeping stands.
 */
#ifndef UPLOAD_HOUSEKEEPING_H
#define UPLOAD_HOUSEKEEPING_H

#include "upload/places.h"

#define HOUSEKEEPING_BATCH 64

/* Housekeeping: every step looks for expired sessions of one place and ends
 * them, every SWEEP_EVERY-th sweeps one of its staging folders too. */
struct upload_housekeeping {
    unsigned calls; /* of the store that run; guarded by the service's mutex */
    struct upload_rules *rules; /* of the running step */
    size_t rule;                /* whose sessions are looked at */
    bool full;                  /* the step found a whole batch; guarded too */
    unsigned ended;             /* how many of it; guarded too */
    size_t rounds;              /* steps without a pause; guarded too */
    unsigned step;
    size_t sweep_rule; /* which section is swept next */
    struct store_session found[HOUSEKEEPING_BATCH];
    struct store_page page; /* of found */
    struct store_op expired_op;
    struct store_op sweep_op;
    struct store_op stalled_op;
    struct store_op removed_op;
    struct store_listing listing;
};

#endif
