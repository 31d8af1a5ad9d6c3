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
    struct worker_job work;
    struct local_store *store;
    struct store_place *place;
    struct store_visit *visit; /* the caller's */
    struct store_op *op;
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
    struct visiting *visiting = CONTAINER_OF(job, struct visiting, work);
    struct local_store *store = visiting->store;
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
        cause = local_place_reopen(
            store, visit->how == STORE_VISIT_ACCEPT ? NULL : place,
            visit->section, &visit->found, &fault);
    }
    local_complete(visiting->op, cause, fault.text);
    local_leave(store, NULL);
    free(visiting);
}

enum store_when local_place_visit(struct store *base, struct store_place *place,
                                  struct store_visit *visit,
                                  struct store_op *op)
{
    struct local_store *store = local_of(base);
    struct visiting *visiting = malloc(sizeof(*visiting));

    visit->found = NULL;
    if (!visiting) {
        return local_refuse(op);
    }
    *visiting = (struct visiting){
        .work = {.run = run_visit},
        .store = store,
        .place = place,
        .visit = visit,
        .op = op,
    };
    local_enter(store, NULL);
    workers_submit(store->workers, &visiting->work);
    return STORE_LATER;
}
