/*
 * upload/request.c: a request's way through the service.
 *
 * Checks form and prefix at once.  create.c handles Create-Session; the other
 * packets wait until their session's row is loaded, and plan.c handles them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "upload/create.h"
#include "upload/events.h"
#include "upload/loading.h"
#include "upload/look.h"
#include "upload/plan.h"
#include "upload/service.h"
#include "upload/verdict.h"
#include "upload/writer.h"

/* --- sessions ------------------------------------------------------------ */

static enum upload_verdict begin_in_session(struct upload_service *service,
                                            struct upload_request *request)
{
    struct upload_active *active;
    enum upload_verdict verdict;
    bool is_new;

    if (!request->packet.session_is_guid) {
        return request_refuse(service, request,
                              cause_outcome(BITS_CAUSE_SESSION_UNKNOWN), "");
    }
    active = active_acquire(&service->table, service, &request->packet.session,
                            &is_new);
    if (!active) {
        return request_refuse(service, request, cause_outcome(CAUSE_OVERLOADED),
                              "");
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
    active_unlock(active);
    return verdict;
}

/* --- the calls of the front end ------------------------------------------ */

enum bits_cause upload_match(struct upload_service *service,
                             struct upload_request *request)
{
    request->matched = BITS_CAUSE_OK;
    request->rules = service_rules(service);
    request->rule = upload_rules_match(request->rules, request->target.path,
                                       &request->rest);
    if (!request->rule) {
        request->matched = CAUSE_PREFIX_UNKNOWN;
        event_unknown_path(service, request);
    } else if (request->rule->config->enabled == CONFIG_ENABLED_NO) {
        request->matched = CAUSE_UPLOADS_DISABLED;
        event_refused(service, request, cause_outcome(request->matched), "");
    }
    return request->matched;
}

const struct config_upload *
upload_matched_section(const struct upload_request *request)
{
    return request->rule ? request->rule->config : NULL;
}

void upload_refuse(struct upload_service *service,
                   struct upload_request *request, struct bits_outcome outcome)
{
    (void)request_refuse(service, request, outcome, "");
}

enum upload_verdict upload_look(struct upload_service *service,
                                struct upload_request *request)
{
    if (request->matched != BITS_CAUSE_OK) {
        request->look_status = cause_status(request->matched);
        return UPLOAD_ANSWER;
    }
    if (!request->rule->config->head) {
        event_head_refused(service, request);
        request->look_status = 405;
        return UPLOAD_ANSWER;
    }
    return look_start(service, request);
}

/* Writes which character is not allowed, or how many bytes the name has. */
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

/* Handles a request below a prefix of this server. */
static enum upload_verdict begin_packet(struct upload_service *service,
                                        struct upload_request *request)
{
    struct bits_text rest = request->rest;
    struct upload_place *place = request->rule->place;
    struct fault fault;
    enum bits_cause cause = request->form;

    if (cause != BITS_CAUSE_OK) {
        return request_refuse(service, request, cause_outcome(cause), "");
    }
    cause = upload_place_state(place);
    if (cause != BITS_CAUSE_OK) {
        upload_place_reason(place, &fault);
        return request_refuse(service, request, cause_outcome(cause),
                              fault.text);
    }
    if (request->packet.type == BITS_PACKET_PING) {
        request_answer(request, cause_outcome(BITS_CAUSE_OK));
        return UPLOAD_ANSWER;
    }
    request->name = malloc(rest.len + 1);
    if (!request->name) {
        return request_refuse(service, request, cause_outcome(CAUSE_OVERLOADED),
                              "");
    }
    cause = bits_target_name(rest, request->name, rest.len + 1);
    describe_fault(rest, cause, request);
    return request->packet.type == BITS_PACKET_CREATE_SESSION
               ? request_create(service, request, cause)
               : begin_in_session(service, request);
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
    if (active->writer == request) {
        (void)writer_conclude(active, request, BITS_BODY_CUT);
    }
    active_stop_waiting(&active->waiters, request);
    active_stop_waiting(&active->learners, request);
    active_stop_waiting(&active->saving_for, request);
    active_stop_waiting(&active->saving_after, request);
    if (active->owner == request) {
        active->owner = NULL;
    }
    active_unlock(active);
    active_release(&service->table, active);
}

/* Returns the verdict.  ANSWER releases the session: the client may take long
 * to send its body and to read the answer.  Call without a mutex held. */
static enum upload_verdict leave(struct upload_service *service,
                                 struct upload_request *request,
                                 enum upload_verdict verdict)
{
    if (verdict == UPLOAD_ANSWER) {
        release_session(service, request);
    }
    return verdict;
}

enum upload_verdict upload_begin(struct upload_service *service,
                                 struct upload_request *request)
{
    if (request->matched != BITS_CAUSE_OK) {
        request_answer(request, cause_outcome(request->matched));
        return UPLOAD_ANSWER;
    }
    return leave(service, request, begin_packet(service, request));
}

/* The session's mutex is held. */
static enum upload_verdict resume(struct upload_request *request)
{
    switch (request->wait) {
    case UPLOAD_WAIT_PLAN:
        return request_proceed(request);
    case UPLOAD_WAIT_BODY:
        return request->active->writer == request ? UPLOAD_RECEIVE : UPLOAD_CUT;
    case UPLOAD_WAIT_ANSWER:
    case UPLOAD_WAIT_LOOK:
        break;
    }
    return UPLOAD_ANSWER;
}

enum upload_verdict upload_resume(struct upload_service *service,
                                  struct upload_request *request)
{
    enum upload_verdict verdict;

    if (request->wait == UPLOAD_WAIT_LOOK) {
        return UPLOAD_ANSWER;
    }
    uv_mutex_lock(&request->active->mutex);
    verdict = resume(request);
    active_unlock(request->active);
    return leave(service, request, verdict);
}

enum upload_verdict upload_chunk(struct upload_service *service,
                                 struct upload_request *request,
                                 struct os_bytes bytes)
{
    struct upload_active *active = request->active;
    enum upload_verdict verdict = UPLOAD_CUT;

    if (request->unwanted) {
        return UPLOAD_RECEIVE;
    }
    uv_mutex_lock(&active->mutex);
    if (active->writer == request) {
        verdict = writer_store(active, request, bytes);
    }
    active_unlock(active);
    return leave(service, request, verdict);
}

enum upload_verdict upload_end(struct upload_service *service,
                               struct upload_request *request,
                               enum bits_body_end end)
{
    struct upload_active *active = request->active;
    enum upload_verdict verdict = UPLOAD_CUT;

    if (request->unwanted) {
        request->unwanted = false;
        request->body_taken = true;
        request->wrong_length = end == BITS_BODY_SHORT || end == BITS_BODY_LONG;
        return end == BITS_BODY_CUT ? UPLOAD_CUT
                                    : upload_resume(service, request);
    }
    uv_mutex_lock(&active->mutex);
    if (active->writer == request) {
        verdict = writer_conclude(active, request, end);
    }
    active_unlock(active);
    return leave(service, request, verdict);
}

uint64_t upload_body_limit(const struct upload_request *request)
{
    const struct bits_range *range = &request->packet.range;

    return request->packet.range_form == BITS_RANGE_FORM_BYTES
               ? range->last - range->first + 1
               : 0;
}

void upload_release(struct upload_service *service,
                    struct upload_request *request)
{
    release_session(service, request);
    look_forget(service, request);
    upload_rules_unref(request->rules);
    request->rules = NULL;
    free(request->name);
    request->name = NULL;
    free(request->destination);
    request->destination = NULL;
}
