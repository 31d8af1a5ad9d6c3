/*
 * upload/look.c: HEAD: finds a file and its size (D-54).
 *
 * The store looks for it on a thread of its own.  If the request is released
 * meanwhile, the result is discarded.
 */
#include "upload/look.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "upload/events.h"
#include "upload/naming.h"
#include "upload/service.h"

struct upload_lookup {
    struct store_op op;
    struct upload_service *service;
    struct upload_place *place;
    struct upload_request *request; /* guarded by the service's mutex */
    bool found;
    uint64_t size;
    char *destination;
};

/* A name that no file can have counts as not found. */
static unsigned status_of(enum bits_cause cause)
{
    return cause == BITS_CAUSE_NO_RIGHT ||
                   cause_concern(cause) == BITS_CONCERN_SERVER
               ? cause_status(cause)
               : 404;
}

static enum upload_verdict refuse(struct upload_service *service,
                                  struct upload_request *request,
                                  enum bits_cause cause, const char *detail)
{
    request->look_status = status_of(cause);
    if (request->look_status != 404) {
        event_refused(service, request, cause_outcome(cause), detail);
    }
    return UPLOAD_ANSWER;
}

static void tell(struct upload_lookup *look, struct upload_request *request)
{
    if (look->op.outcome.cause != BITS_CAUSE_OK) {
        (void)refuse(look->service, request, look->op.outcome.cause,
                     look->op.fault.text);
    } else {
        request->look_status = look->found ? 200 : 404;
        request->look_size = look->size;
    }
    request->look = NULL;
    request->front->ready(request);
}

static void look_done(struct store_op *op)
{
    struct upload_lookup *look = CONTAINER_OF(op, struct upload_lookup, op);
    struct upload_service *service = look->service;

    upload_place_unref(look->place);
    uv_mutex_lock(&service->mutex);
    if (look->request) {
        tell(look, look->request);
    }
    if (--service->looks == 0) {
        uv_cond_signal(&service->idle);
    }
    uv_mutex_unlock(&service->mutex);
    free(look->destination);
    free(look);
}

/* The destination of the file, from malloc(). */
static enum bits_cause find_destination(const struct upload_request *request,
                                        char **ret_destination)
{
    size_t room = request->rest.len + 1;
    char fault[NAMING_FAULT_MAX];
    char *name = malloc(room);
    enum bits_cause cause;

    if (!name) {
        return CAUSE_OVERLOADED;
    }
    cause = bits_target_name(request->rest, name, room);
    if (cause == BITS_CAUSE_OK) {
        const struct naming naming = naming_of(request, name, NULL);

        cause = naming_find(&naming, ret_destination, fault);
    }
    free(name);
    return cause;
}

/* Takes the destination. */
static enum upload_verdict ask_store(struct upload_service *service,
                                     struct upload_request *request,
                                     char *destination)
{
    struct upload_lookup *look = calloc(1, sizeof(*look));

    if (!look) {
        free(destination);
        return refuse(service, request, CAUSE_OVERLOADED, "");
    }
    look->op.done = look_done;
    look->service = service;
    look->place = upload_place_ref(request->rule->place);
    look->request = request;
    look->destination = destination;
    request->look = look;
    request->wait = UPLOAD_WAIT_LOOK;
    uv_mutex_lock(&service->mutex);
    service->looks++;
    uv_mutex_unlock(&service->mutex);
    if (service->store->ops->look(look->place->place, look->destination,
                                  &look->found, &look->size,
                                  &look->op) == STORE_NOW) {
        look_done(&look->op);
    }
    return UPLOAD_PENDING;
}

enum upload_verdict look_start(struct upload_service *service,
                               struct upload_request *request)
{
    enum bits_cause cause = upload_place_state(request->rule->place);
    struct fault fault;
    char *destination = NULL;

    if (cause != BITS_CAUSE_OK) {
        upload_place_reason(request->rule->place, &fault);
        return refuse(service, request, cause, fault.text);
    }
    cause = find_destination(request, &destination);
    return cause == BITS_CAUSE_OK ? ask_store(service, request, destination)
                                  : refuse(service, request, cause, "");
}

void look_forget(struct upload_service *service, struct upload_request *request)
{
    if (request->wait != UPLOAD_WAIT_LOOK) {
        return;
    }
    uv_mutex_lock(&service->mutex);
    if (request->look) {
        request->look->request = NULL;
        request->look = NULL;
    }
    uv_mutex_unlock(&service->mutex);
}
