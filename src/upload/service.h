/*
 * upload/service.h: the service's state, which the files of upload/ share.
 * Each part has a header of its own.
 */
#ifndef UPLOAD_SERVICE_H
#define UPLOAD_SERVICE_H

#include <uv.h>

#include "upload/active.h"
#include "upload/housekeeping.h"
#include "upload/places.h"
#include "upload/upload.h"

struct upload_service {
    struct store *store;
    struct log_sink *log;
    struct active_table table;
    struct store_keeper keeper; /* frees warm sessions of the table */
    struct upload_places places;
    uv_mutex_t mutex; /* guards rules, visits, looks, and the start and end of
                         housekeeping */
    uv_cond_t idle;   /* signalled when housekeeping.calls or visits is 0 */
    unsigned visits;  /* running */
    bool closing;     /* housekeeping starts no more work */
    size_t looks;     /* running */
    struct upload_rules *rules;
    struct upload_housekeeping housekeeping;
};

/* The store's calls. */
static inline const struct store_ops *ops_of(const struct upload_active *active)
{
    return active->service->store->ops;
}

/* The present rules, with a reference for the caller. */
static inline struct upload_rules *service_rules(struct upload_service *service)
{
    struct upload_rules *rules;

    uv_mutex_lock(&service->mutex);
    rules = upload_rules_ref(service->rules);
    uv_mutex_unlock(&service->mutex);
    return rules;
}

#endif
