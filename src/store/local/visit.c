/*
 * store/local/visit.c: checks that the paths of a place still lead to it.
 *
 * Disks are mounted and unmounted, and folders are moved, while the server
 * runs.  A worker checks, since a disk that is gone may not answer.
 */
#include <stdlib.h>

#include "store/local/calls.h"
#include "store/local/place.h"
#include "store/local/staging.h"
#include "store/local/work.h"

struct visiting {
    struct local_call call;
    struct store_place *place;
    struct store_visit *visit; /* the caller's */
};

/* Also probes a place that could not be probed at the start for lack of
 * space. */
static enum bits_cause look(struct store_place *place, struct fault *ret_fault)
{
    enum bits_cause cause = local_look(place, ret_fault);

    return cause == BITS_CAUSE_OK
               ? local_staging_probe(place->store, place->staging, ret_fault)
               : cause;
}

static void run_visit(struct worker_job *job)
{
    struct visiting *visiting = CONTAINER_OF(job, struct visiting, call.work);
    struct store_place *place = visiting->place;
    struct store_visit *visit = visiting->visit;
    struct fault fault = {.text = ""};
    enum bits_cause cause = CAUSE_PLACE_AWAY;

    if (place) {
        cause = look(place, &fault);
        visit->found = cause == BITS_CAUSE_OK ? place : NULL;
    }
    if (cause != BITS_CAUSE_OK && visit->how != STORE_VISIT_LOOK &&
        (!place || !local_place_is_busy(place))) {
        cause =
            local_place_reopen(visiting->call.store,
                               visit->how == STORE_VISIT_ACCEPT ? NULL : place,
                               visit->section, &visit->found, &fault);
    }
    local_call_end(&visiting->call, cause, fault.text);
}

enum store_when local_place_visit(struct store *store,
                                  struct store_place *place,
                                  struct store_visit *visit,
                                  struct store_op *op)
{
    struct visiting *visiting = malloc(sizeof(*visiting));

    visit->found = NULL;
    if (!visiting) {
        return local_refuse(op);
    }
    *visiting = (struct visiting){
        .call = {.work = {.run = run_visit},
                 .store = local_of(store),
                 .op = op},
        .place = place,
        .visit = visit,
    };
    return local_call_work(&visiting->call);
}
