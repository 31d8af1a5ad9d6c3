/*
 * upload/housekeeping.h: the state of housekeeping.
 */
#ifndef UPLOAD_HOUSEKEEPING_H
#define UPLOAD_HOUSEKEEPING_H

#include "upload/places.h"

#define HOUSEKEEPING_BATCH 64

/* Every step ends expired sessions of one place; every SWEEP_EVERY-th also
 * sweeps one of its staging folders. */
struct upload_housekeeping {
    unsigned calls; /* running calls of the store; guarded by the service's
                       mutex */
    struct upload_rules *rules; /* of the running step */
    size_t rule;                /* index of the place to check */
    bool full;                  /* the step found a full batch; guarded by that
                                   mutex */
    unsigned ended;             /* how many of it; guarded by that mutex */
    size_t rounds;              /* steps without a pause; guarded by that
                                   mutex */
    unsigned step;
    size_t sweep_rule; /* index of the section to sweep next */
    struct store_session found[HOUSEKEEPING_BATCH];
    struct store_page page; /* the sessions in `found` */
    struct store_op expired_op;
    struct store_op sweep_op;
    struct store_op stalled_op;
    struct store_op removed_op;
    struct store_listing listing;
};

#endif
