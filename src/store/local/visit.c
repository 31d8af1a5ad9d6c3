/*
 * store/local/visit.c: is a place still where its paths lead?
 *
 * Disks are mounted and unmounted, and folders are moved, while the server
 * runs.  A worker looks, since a disk that is gone may not answer.
 */
#include <stdlib.h>

#include "store/local/calls.h"
#include "store/local/place.h"
#include "store/local/staging.h"
#include "store/local/work.h"

struct visit {
    struct worker_job work;
    struct local_store *store;
    struct store_place *place;
    const struct config_upload *config;
    enum store_visit how;
    struct store_place **ret_place;
    struct store_op *op;
};

/* One that could not be tried at the start, for want of space. */
static enum bits_cause look(struct store_place *place,
                            char detail[STORE_DETAIL_MAX])
{
    enum bits_cause cause = local_look(place, detail);

    return cause == BITS_CAUSE_OK
               ? local_staging_probe(place->store, place->staging, detail)
               : cause;
}

static void visit(struct worker_job *job)
{
    struct visit *visit = CONTAINER_OF(job, struct visit, work);
    struct local_store *store = visit->store;
    char detail[STORE_DETAIL_MAX] = "";
    enum bits_cause cause = BITS_CAUSE_PLACE_AWAY;

    if (visit->place) {
        cause = look(visit->place, detail);
        *visit->ret_place = cause == BITS_CAUSE_OK ? visit->place : NULL;
    }
    if (cause != BITS_CAUSE_OK && visit->how != STORE_VISIT_LOOK &&
        (!visit->place || !local_place_is_busy(visit->place))) {
        cause = local_place_reopen(
            store, visit->how == STORE_VISIT_ACCEPT ? NULL : visit->place,
            visit->config, visit->ret_place, detail);
    }
    local_complete(visit->op, cause, detail);
    local_leave(store, NULL);
    free(visit);
}

void local_place_visit(struct store *base, struct store_place *place,
                       const struct config_upload *config, enum store_visit how,
                       struct store_place **ret_place, struct store_op *op)
{
    struct local_store *store = local_of(base);
    struct visit *visiting = malloc(sizeof(*visiting));

    *ret_place = NULL;
    if (!visiting) {
        index_refuse(store->index, op);
        return;
    }
    *visiting = (struct visit){
        .work = {.run = visit},
        .store = store,
        .place = place,
        .config = config,
        .how = how,
        .ret_place = ret_place,
        .op = op,
    };
    local_enter(store, NULL);
    workers_submit(store->workers, &visiting->work);
}
