/*
 * upload/create.c: Create-Session: checks the name and inserts the row.
 */
#include "upload/create.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "os/clock.h"
#include "os/random.h"
#include "upload/events.h"
#include "upload/loading.h"
#include "upload/naming.h"
#include "upload/service.h"
#include "upload/verdict.h"

static void answer_created(struct upload_request *request)
{
    const struct config_upload *config = request->rule->config;

    bits_guid_format(&request->active->id, request->session_text);
    request_answer(request, cause_outcome(BITS_CAUSE_OK));
    request->answer.session_id = text_of(request->session_text);
    if (config->host_id) {
        request->answer.host_id = text_of(config->host_id);
        request->answer.host_id_fallback_timeout =
            (uint32_t)config->host_id_fallback_timeout;
    }
}

/* Seconds until another upload with the invitation may have ended. */
#define RETRY_BUSY 60

static struct bits_outcome outcome_of(const struct store_op *op)
{
    struct bits_outcome outcome = op->outcome;

    if (outcome.cause == CAUSE_INVITATION_BUSY) {
        outcome.retry_after = RETRY_BUSY;
    }
    return outcome;
}

static void create_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;
    struct upload_request *owner;

    uv_mutex_lock(&active->mutex);
    owner = active->owner;
    active->row_cause = op->outcome.cause == BITS_CAUSE_OK
                            ? BITS_CAUSE_OK
                            : BITS_CAUSE_SESSION_UNKNOWN;
    if (op->outcome.cause == BITS_CAUSE_OK) {
        event_created(active, owner);
    } else if (!owner) {
        event_failed(active, op->outcome, op->fault.text);
    }
    if (owner && op->outcome.cause == BITS_CAUSE_OK) {
        answer_created(owner);
    } else if (owner) {
        (void)request_refuse(service, owner, outcome_of(op), op->fault.text);
    }
    active_ready(active);
    active_unlock(active);
    active_release(&service->table, active);
}

static char *copy_text(struct bits_text text)
{
    return text.len ? strndup(text.ptr, text.len) : strdup("");
}

static struct bits_text without_port(struct bits_text peer)
{
    size_t len = peer.len;

    while (len > 0 && peer.ptr[len - 1] != ':' && peer.ptr[len - 1] != ']') {
        len--;
    }
    return len > 0 && peer.ptr[len - 1] == ':'
               ? (struct bits_text){peer.ptr, len - 1}
               : peer;
}

/* Empty if it is the name: then the row needs no second copy. */
static char *take_destination(struct upload_request *request)
{
    char *destination = request->destination;

    if (strcmp(destination, request->name) == 0) {
        return strdup("");
    }
    request->destination = NULL;
    return destination;
}

/* Fills the row of a new session.  Returns false if memory ran out. */
static bool fill_row(struct upload_active *active,
                     struct upload_request *request)
{
    struct store_session *row = &active->row;

    row->id = active->id;
    row->state = STORE_RECEIVING;
    row->prefix = strdup(request->rule->config->prefix);
    row->name = strdup(request->name);
    row->user = copy_text(request->user);
    row->destination = take_destination(request);
    row->own_folders = naming_own_folders(request->rule->config);
    row->once_until = request->once_until;
    row->address = copy_text(without_port(request->peer));
    row->delivered_as = strdup("");
    return row->prefix && row->name && row->user && row->destination &&
           row->address && row->delivered_as;
}

static bool make_id(struct bits_guid *ret_id)
{
    uint8_t random[BITS_GUID_RANDOM];

    if (!os_random(random, sizeof(random))) {
        return false;
    }
    bits_guid_make(os_wall_ms(), random, ret_id);
    return true;
}

/* Call when the name was checked. */
static enum upload_verdict insert(struct upload_active *active,
                                  struct upload_request *request)
{
    const struct store_op *op = &active->op;

    if (op->outcome.cause != BITS_CAUSE_OK) {
        return request_refuse(active->service, request, op->outcome,
                              op->fault.text);
    }
    if (request->rule->config->enabled == CONFIG_ENABLED_DRAIN) {
        return request_refuse(active->service, request,
                              cause_outcome(CAUSE_DRAINING), "");
    }
    request->wait = UPLOAD_WAIT_ANSWER;
    active->op = (struct store_op){.done = create_done};
    active_ref(&active->service->table, active);
    active_called(active, &active->op,
                  ops_of(active)->create(active->place->place, &active->row,
                                         &active->service->keeper,
                                         &active->op));
    return UPLOAD_PENDING;
}

/* If the request is gone, no client would learn the id of the session. */
static void name_checked(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    if (!active->owner || insert(active, active->owner) == UPLOAD_ANSWER) {
        active_ready(active);
    }
    active_unlock(active);
    active_release(&service->table, active);
}

static enum upload_verdict check_name(struct upload_active *active,
                                      struct upload_request *request)
{
    struct store_op *op = &active->op;
    enum upload_verdict verdict;

    op->done = name_checked;
    if (ops_of(active)->check_name(
            active->place->place, store_destination(&active->row),
            active->row.own_folders, op) == STORE_LATER) {
        active_ref(&active->service->table, active);
        return UPLOAD_PENDING;
    }
    verdict = insert(active, request);
    if (verdict == UPLOAD_ANSWER) {
        active_ready_without_owner(active);
    }
    return verdict;
}

static enum upload_verdict start_create(struct upload_service *service,
                                        struct upload_request *request,
                                        const struct bits_guid *id)
{
    struct upload_active *active;
    enum upload_verdict verdict;
    bool is_new;

    active = active_acquire(&service->table, service, id, &is_new);
    if (!active) {
        return request_refuse(service, request, cause_outcome(CAUSE_OVERLOADED),
                              "");
    }
    request->active = active;
    if (!is_new || !fill_row(active, request)) {
        return request_refuse(service, request, cause_outcome(CAUSE_OVERLOADED),
                              "");
    }
    active->place = upload_place_ref(request->rule->place);
    active->phase = ACTIVE_BUSY;
    active->owner = request;
    uv_mutex_lock(&active->mutex);
    verdict = check_name(active, request);
    active_unlock(active);
    return verdict;
}

static enum upload_verdict refuse_name(struct upload_service *service,
                                       struct upload_request *request,
                                       enum bits_cause cause,
                                       const char *detail)
{
    (void)request_refuse(service, request, cause_outcome(cause), detail);
    request->answer.fault = text_of(request->fault);
    return UPLOAD_ANSWER;
}

static enum bits_cause find_destination(struct upload_request *request,
                                        const struct bits_guid *id)
{
    const struct naming naming = naming_of(request, request->name, id);

    return naming_find(&naming, &request->destination, request->fault);
}

enum upload_verdict request_create(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause name_cause)
{
    struct bits_guid id;

    if (!request->packet.protocol_known) {
        return refuse_name(service, request, BITS_CAUSE_PROTOCOL_UNKNOWN, "");
    }
    if (name_cause != BITS_CAUSE_OK) {
        return refuse_name(service, request, name_cause, request->fault);
    }
    if (!make_id(&id)) {
        return request_refuse(service, request,
                              cause_outcome(BITS_CAUSE_INTERNAL),
                              "getrandom failed");
    }
    name_cause = find_destination(request, &id);
    return name_cause == BITS_CAUSE_OK
               ? start_create(service, request, &id)
               : refuse_name(service, request, name_cause, request->fault);
}
