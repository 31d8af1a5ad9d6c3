/*
 * upload/request.c: a request's way through the service.
 *
 * Form and prefix are judged on the spot; Create goes to create.c; the other
 * packets wait until their session's row is loaded and go to plan.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "upload/events.h"
#include "upload/service.h"

void request_answer(struct upload_request *request, enum bits_cause cause)
{
    request->answer = (struct bits_answer){
        .type = request->packet.type,
        .cause = cause,
        .session_id = request->packet.session_id,
    };
    request->answered = true;
}

void request_answer_next(struct upload_request *request, enum bits_cause cause,
                         uint64_t next)
{
    request_answer(request, cause);
    request->answer.has_next = request->packet.type == BITS_PACKET_FRAGMENT &&
                               cause != BITS_CAUSE_SESSION_UNKNOWN;
    request->answer.next = next;
}

enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause cause, const char *detail)
{
    event_refused(service, request, cause, detail);
    request_answer(request, cause);
    return UPLOAD_ANSWER;
}

/* --- sessions ------------------------------------------------------------ */

/* The place of a loaded row; a section that a reload removed has none. */
static struct upload_place *place_of(struct upload_service *service,
                                     const struct store_session *row)
{
    struct upload_rules *rules = service_rules(service);
    struct upload_place *place = upload_rules_place(rules, row->prefix);

    upload_rules_unref(rules);
    return place;
}

static void find_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active->row_cause = op->cause;
    if (op->cause == BITS_CAUSE_OK) {
        /* A session that has ended needs no place any more. */
        active->place = place_of(service, &active->row);
        active->row_cause = active->place || active->row.state == STORE_ENDED
                                ? BITS_CAUSE_OK
                                : BITS_CAUSE_SESSION_UNKNOWN;
    }
    active_ready(active);
    uv_mutex_unlock(&active->mutex);
    active_release(&service->table, active);
}

void active_load(struct upload_active *active)
{
    struct store *store = active->service->store;

    active->phase = ACTIVE_LOADING;
    active->op = (struct store_op){.done = find_done};
    active_ref(&active->service->table, active);
    store->ops->find(store, &active->id, &active->row, &active->op);
}

void active_reload(struct upload_active *active)
{
    active_forget_file(active);
    store_session_done(&active->row);
    upload_place_unref(active->place);
    active->place = NULL;
    active_load(active);
}

static enum upload_verdict begin_in_session(struct upload_service *service,
                                            struct upload_request *request)
{
    struct upload_active *active;
    enum upload_verdict verdict;
    bool is_new;

    if (!request->packet.session_is_guid) {
        return request_refuse(service, request, BITS_CAUSE_SESSION_UNKNOWN, "");
    }
    active = active_acquire(&service->table, service, &request->packet.session,
                            &is_new);
    if (!active) {
        return request_refuse(service, request, BITS_CAUSE_OVERLOADED, "");
    }
    request->active = active;
    uv_mutex_lock(&active->mutex);
    if (active_is_stale(active)) {
        active_reload(active);
    }
    verdict = request_proceed(request);
    if (is_new) {
        active_load(active);
    }
    uv_mutex_unlock(&active->mutex);
    return verdict;
}

/* --- the calls of the front end ------------------------------------------ */

static enum bits_cause match(const struct upload_rules *rules,
                             struct bits_text path,
                             const struct upload_rule **ret_rule,
                             struct bits_text *ret_rest)
{
    *ret_rule = upload_rules_match(rules, path, ret_rest);
    if (!*ret_rule) {
        return BITS_CAUSE_PREFIX_UNKNOWN;
    }
    return (*ret_rule)->config->enabled == CONFIG_ENABLED_NO
               ? BITS_CAUSE_UPLOADS_DISABLED
               : BITS_CAUSE_OK;
}

enum bits_cause request_check_prefix(struct upload_service *service,
                                     struct upload_request *request,
                                     struct bits_text *ret_rest)
{
    enum bits_cause cause =
        match(request->rules, request->target.path, &request->rule, ret_rest);

    if (cause == BITS_CAUSE_PREFIX_UNKNOWN) {
        event_unknown_path(service, request);
    } else if (cause != BITS_CAUSE_OK) {
        event_refused(service, request, cause, "");
    }
    return cause;
}

enum bits_cause upload_covers(struct upload_service *service,
                              struct upload_request *request, bool *ret_head)
{
    struct bits_text rest;
    enum bits_cause cause;

    request->rules = service_rules(service);
    cause = request_check_prefix(service, request, &rest);
    *ret_head = cause == BITS_CAUSE_OK && request->rule->config->head;
    upload_rules_unref(request->rules);
    request->rules = NULL;
    return cause;
}

/* Which character, or how many bytes. */
static void describe_fault(struct bits_text rest, enum bits_cause cause,
                           struct upload_request *request)
{
    struct bits_target_fault fault;

    bits_target_find_fault(rest, &fault);
    if (cause == BITS_CAUSE_TARGET_CHARACTER) {
        (void)snprintf(request->fault, sizeof(request->fault), "%%%02X",
                       fault.byte);
    } else if (cause == BITS_CAUSE_TARGET_TOO_LONG) {
        (void)snprintf(request->fault, sizeof(request->fault),
                       "%zu bytes, %d allowed", fault.size, BITS_SEGMENT_MAX);
    }
}

/* A request that names a prefix of ours. */
static enum upload_verdict begin_packet(struct upload_service *service,
                                        struct upload_request *request,
                                        struct bits_text rest)
{
    struct upload_place *place = request->rule->place;
    char reason[STORE_DETAIL_MAX];
    enum bits_cause cause = request->form;

    if (cause != BITS_CAUSE_OK) {
        return request_refuse(service, request, cause, "");
    }
    cause = upload_place_state(place);
    if (cause != BITS_CAUSE_OK) {
        upload_place_reason(place, reason);
        return request_refuse(service, request, cause, reason);
    }
    if (request->packet.type == BITS_PACKET_PING) {
        request_answer(request, BITS_CAUSE_OK);
        return UPLOAD_ANSWER;
    }
    request->name = malloc(rest.len + 1);
    if (!request->name) {
        return request_refuse(service, request, BITS_CAUSE_OVERLOADED, "");
    }
    cause = bits_target_name(rest, request->name, rest.len + 1);
    describe_fault(rest, cause, request);
    return request->packet.type == BITS_PACKET_CREATE_SESSION
               ? request_create(service, request, cause)
               : begin_in_session(service, request);
}

enum upload_verdict upload_begin(struct upload_service *service,
                                 struct upload_request *request)
{
    struct bits_text rest = {NULL, 0};
    enum bits_cause cause;

    request->rules = service_rules(service);
    cause = request_check_prefix(service, request, &rest);
    if (cause != BITS_CAUSE_OK) {
        request_answer(request, cause);
        return UPLOAD_ANSWER;
    }
    return request_leave(service, request,
                         begin_packet(service, request, rest));
}

enum upload_verdict upload_resume(struct upload_service *service,
                                  struct upload_request *request)
{
    enum upload_verdict verdict;

    if (request->looks) {
        return UPLOAD_ANSWER;
    }
    uv_mutex_lock(&request->active->mutex);
    verdict = request->answered ? UPLOAD_ANSWER : request_proceed(request);
    uv_mutex_unlock(&request->active->mutex);
    return request_leave(service, request, verdict);
}

static void release_session(struct upload_service *service,
                            struct upload_request *request)
{
    struct upload_active *active = request->active;

    if (!active) {
        return;
    }
    request->active = NULL;
    uv_mutex_lock(&active->mutex);
    active_stop_waiting(&active->waiters, request);
    active_stop_waiting(&active->learners, request);
    active_stop_waiting(&active->saving_for, request);
    active_stop_waiting(&active->saving_after, request);
    if (active->owner == request) {
        active->owner = NULL;
    }
    uv_mutex_unlock(&active->mutex);
    active_release(&service->table, active);
}

enum upload_verdict request_leave(struct upload_service *service,
                                  struct upload_request *request,
                                  enum upload_verdict verdict)
{
    if (verdict == UPLOAD_ANSWER) {
        release_session(service, request);
    }
    return verdict;
}

void upload_release(struct upload_service *service,
                    struct upload_request *request)
{
    if (request->receiving) {
        (void)upload_end(service, request, BITS_BODY_CUT);
    }
    release_session(service, request);
    look_forget(service, request);
    upload_rules_unref(request->rules);
    request->rules = NULL;
    free(request->name);
    request->name = NULL;
}
