/*
 * upload/request.c: from a packet's head to what is done with it.
 *
 * Form and prefix are judged on the spot; Create goes to the store; the other
 * packets wait until their session's row is loaded, then the protocol plans
 * them from the facts and the plan is carried out here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/text.h"
#include "os/random.h"
#include "upload/events.h"
#include "upload/service.h"

/* Requests that may wait for one delivery; further ones get 503. */
#define WAITERS_MAX 4

static struct upload_rules *current_rules(struct upload_service *service)
{
    struct upload_rules *rules;

    uv_mutex_lock(&service->mutex);
    rules = upload_rules_ref(service->rules);
    uv_mutex_unlock(&service->mutex);
    return rules;
}

static bool is_refusal(enum bits_cause cause)
{
    return bits_cause_status(cause) >= 400;
}

enum upload_verdict request_answer(struct upload_request *request,
                                   enum bits_cause cause)
{
    request->answer = (struct bits_answer){
        .type = request->packet.type,
        .cause = cause,
        .session_id = request->packet.session_id,
    };
    request->answered = true;
    return UPLOAD_ANSWER;
}

enum upload_verdict request_answer_next(struct upload_request *request,
                                        enum bits_cause cause, uint64_t next)
{
    (void)request_answer(request, cause);
    request->answer.has_next = request->packet.type == BITS_FRAGMENT;
    request->answer.next = next;
    return UPLOAD_ANSWER;
}

enum upload_verdict answer_when_learned(struct upload_active *active,
                                        struct upload_request *request)
{
    if (!active->learning) {
        return UPLOAD_ANSWER;
    }
    active_wait(&active->learners, request);
    return UPLOAD_PENDING;
}

static enum upload_verdict refuse(struct upload_service *service,
                                  struct upload_request *request,
                                  enum bits_cause cause, const char *detail)
{
    event_refused(service, request, cause, detail);
    return request_answer(request, cause);
}

/* --- Create-Session --------------------------------------------------------
 */

static void answer_created(struct upload_request *request)
{
    const struct config_upload *config = request->rule->config;

    bits_guid_format(&request->active->id, request->session_text);
    (void)request_answer(request, BITS_OK);
    request->answer.session_id = text_of(request->session_text);
    if (config->host_id) {
        request->answer.host_id = text_of(config->host_id);
        request->answer.host_id_fallback_timeout =
            (uint32_t)config->host_id_fallback_timeout;
    }
}

static void create_done(struct store_op *op)
{
    struct upload_active *active = CONTAINER_OF(op, struct upload_active, op);
    struct upload_service *service = active->service;
    struct upload_request *owner;

    uv_mutex_lock(&active->mutex);
    owner = active->owner;
    active->row_cause = op->cause == BITS_OK ? BITS_OK : BITS_SESSION_UNKNOWN;
    if (owner && op->cause == BITS_OK) {
        event_created(active, owner);
        answer_created(owner);
    } else if (owner) {
        (void)refuse(service, owner, op->cause, op->detail);
    }
    active_ready(active);
    uv_mutex_unlock(&active->mutex);
    active_release(&service->table, active);
}

static char *copy_text(struct bits_text text)
{
    return text.len ? strndup(text.ptr, text.len) : strdup("");
}

/* Fills the row of a new session.  False: no memory. */
static bool fill_row(struct upload_active *active,
                     const struct upload_request *request)
{
    struct store_session *row = &active->row;

    row->id = active->id;
    row->state = STORE_RECEIVING;
    row->prefix = strdup(request->rule->config->prefix);
    row->name = strdup(request->name);
    row->query = copy_text(request->target.query);
    row->user = copy_text(request->user);
    row->url = copy_text(request->url);
    row->delivered_as = strdup("");
    return row->prefix && row->name && row->query && row->user && row->url &&
           row->delivered_as;
}

static enum upload_verdict start_create(struct upload_service *service,
                                        struct upload_request *request)
{
    struct upload_active *active;
    struct bits_guid id;
    bool is_new;

    if (!os_random(&id, sizeof(id))) {
        return refuse(service, request, BITS_INTERNAL, "getrandom failed");
    }
    active = active_acquire(&service->table, service, &id, &is_new);
    if (!active) {
        return refuse(service, request, BITS_OVERLOADED, "");
    }
    request->active = active;
    if (!is_new || !fill_row(active, request)) {
        return refuse(service, request, BITS_OVERLOADED, "");
    }
    active->place = upload_place_ref(request->rule->place);
    active->phase = ACTIVE_BUSY;
    active->owner = request;
    active->op = (struct store_op){.done = create_done};
    active_ref(&service->table, active);
    service->store->ops->create(active->place->place, &active->row,
                                &active->op);
    return UPLOAD_PENDING;
}

static enum upload_verdict begin_create(struct upload_service *service,
                                        struct upload_request *request,
                                        enum bits_cause name_cause)
{
    char detail[STORE_DETAIL_MAX] = "";
    enum bits_cause cause = BITS_OK;

    if (!request->packet.protocol_known) {
        cause = BITS_PROTOCOL_UNKNOWN;
    } else if (name_cause != BITS_OK) {
        cause = name_cause;
    } else {
        cause = service->store->ops->check_name(request->rule->place->place,
                                                request->name, detail);
    }
    if (cause == BITS_OK &&
        request->rule->config->enabled == CONFIG_ENABLED_DRAIN) {
        cause = BITS_DRAINING;
    }
    if (cause != BITS_OK) {
        return refuse(service, request, cause, detail);
    }
    return start_create(service, request);
}

/* --- packets of a session --------------------------------------------------
 */

static enum bits_session_state protocol_state(enum store_state state)
{
    switch (state) {
    case STORE_RECEIVING:
        return BITS_SESSION_RECEIVING;
    case STORE_DELIVERING:
    case STORE_RETRY:
        return BITS_SESSION_RETRY;
    case STORE_DONE:
        return BITS_SESSION_DONE;
    case STORE_ENDING:
    case STORE_ENDED:
        return BITS_SESSION_ENDED;
    }
    return BITS_SESSION_NONE;
}

static bool same_text(const char *string, struct bits_text text)
{
    return text_equal(text_of(string), text);
}

static bool is_same_target(const struct store_session *row,
                           const struct upload_request *request)
{
    return strcmp(row->prefix, request->rule->config->prefix) == 0 &&
           request->name[0] != '\0' && strcmp(row->name, request->name) == 0 &&
           same_text(row->query, request->target.query);
}

static void read_facts(const struct upload_active *active,
                       const struct upload_request *request,
                       struct bits_facts *ret_facts)
{
    const struct store_session *row = &active->row;
    const struct config_upload *config = request->rule->config;

    *ret_facts = (struct bits_facts){
        .state = protocol_state(row->state),
        .same_target = is_same_target(row, request),
        .same_user = same_text(row->user, request->user),
        /* Bytes without the mark: the server died before it was committed. */
        .fragment_seen = row->fragment_seen || active->stored > 0,
        .total_known = row->total_known,
        .total = row->total,
        .stored = row->state == STORE_RECEIVING ? active->stored : row->total,
        .ended_by = row->ended_by,
        .ended_cause = row->ended_cause,
        .limits =
            {
                .max_upload_size = config->max_upload_size,
                .max_fragment_size = config->max_fragment_size,
                .refuse_empty = config->zero_length == CONFIG_EMPTY_REFUSE,
            },
    };
}

/* Opens and measures the data file once, where its length counts. */
static enum bits_cause measure(struct upload_active *active,
                               char detail[STORE_DETAIL_MAX])
{
    enum bits_cause cause;

    if (active->measured || active->row.state != STORE_RECEIVING) {
        return BITS_OK;
    }
    cause = active->service->store->ops->file_open(active->place->place,
                                                   &active->row, &active->file,
                                                   &active->stored, detail);
    active->measured = cause == BITS_OK;
    return cause;
}

/* The newest request wins: an older one that still receives is cut off. */
static void take_over(struct upload_active *active)
{
    struct upload_request *older = active->writer;

    if (older) {
        active->writer = NULL;
        older->front->cut(older);
    }
}

static void learn_from(struct upload_active *active,
                       const struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;

    if (plan->learn_fragment || plan->learn_total) {
        active->row.fragment_seen = true;
        active->unlearned = true;
    }
    if (plan->learn_total) {
        active->row.total_known = true;
        active->row.total = plan->total;
    }
}

static enum upload_verdict carry_out_answer(struct upload_active *active,
                                            struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;

    if (is_refusal(plan->answer_cause)) {
        event_refused(active->service, request, plan->answer_cause, "");
    } else {
        active->service->store->ops->touch(active->place->place, &active->row);
    }
    (void)request_answer(request, plan->answer_cause);
    request->answer.has_next = plan->has_next;
    request->answer.next = plan->next;
    learn_from(active, request);
    learn_start(active);
    return answer_when_learned(active, request);
}

static enum upload_verdict carry_out_store(struct upload_active *active,
                                           struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;
    char detail[STORE_DETAIL_MAX] = "";
    bool returns = active->writer || plan->skip > 0;
    enum bits_cause cause;

    take_over(active);
    learn_from(active, request);
    if (returns) {
        event_resumed(active, request);
    }
    cause = active->service->store->ops->begin(active->file, plan->offset,
                                               plan->length, detail);
    if (cause != BITS_OK) {
        event_refused(active->service, request, cause, detail);
        (void)request_answer_next(request, cause, active->stored);
        learn_start(active);
        return answer_when_learned(active, request);
    }
    active->writer = request;
    request->receiving = true;
    return UPLOAD_RECEIVE;
}

static bool has_body(const struct upload_request *request)
{
    return !request->body_done && request->packet.type == BITS_FRAGMENT &&
           (request->packet.framing == BITS_BODY_CHUNKED ||
            request->packet.content_length > 0);
}

static enum upload_verdict carry_out_delivery(struct upload_active *active,
                                              struct upload_request *request)
{
    if (has_body(request)) {
        request->receiving = true;
        request->dropping = true;
        return UPLOAD_RECEIVE;
    }
    if (request->inherits) {
        event_refused(active->service, request, request->inherited, "");
        return request_answer_next(request, request->inherited,
                                   active->row.total);
    }
    take_over(active);
    learn_from(active, request);
    active->row.total_known = true; /* Close without a Fragment: 0 bytes */
    active->end_after_delivery =
        request->plan.step == BITS_STEP_DELIVER_AND_END;
    delivery_start(active, request);
    return UPLOAD_PENDING;
}

static enum upload_verdict carry_out(struct upload_active *active,
                                     struct upload_request *request)
{
    switch (request->plan.step) {
    case BITS_STEP_ANSWER:
        return carry_out_answer(active, request);
    case BITS_STEP_STORE:
        return carry_out_store(active, request);
    case BITS_STEP_DELIVER:
    case BITS_STEP_DELIVER_AND_END:
        return carry_out_delivery(active, request);
    case BITS_STEP_END:
        take_over(active);
        ending_start(active, request, request->packet.type,
                     request->plan.answer_cause, /* expiry= */ false);
        return UPLOAD_PENDING;
    }
    return request_answer(request, BITS_INTERNAL);
}

/* A data file could not be removed when the session ended: the same verb,
 * sent again, tries again. */
static void end_again(const struct upload_active *active,
                      struct upload_request *request)
{
    const struct store_session *row = &active->row;
    struct bits_plan *plan = &request->plan;

    if (active->row_cause == BITS_OK && row->state == STORE_ENDING &&
        request->packet.type == row->ended_by &&
        plan->answer_cause == row->ended_cause) {
        plan->step = BITS_STEP_END;
    }
}

static enum upload_verdict plan_and_carry_out(struct upload_active *active,
                                              struct upload_request *request)
{
    char detail[STORE_DETAIL_MAX] = "";
    struct bits_facts facts = {.state = BITS_SESSION_NONE};
    enum bits_cause cause = active->row_cause;

    if (cause == BITS_OK) {
        cause = measure(active, detail);
    }
    if (cause != BITS_OK && cause != BITS_SESSION_UNKNOWN) {
        return refuse(active->service, request, cause, detail);
    }
    if (cause == BITS_OK) {
        read_facts(active, request, &facts);
    }
    bits_plan(&request->packet, &facts, &request->plan);
    end_again(active, request);
    return carry_out(active, request);
}

/* What the client stored is no secret to itself. */
static enum upload_verdict refuse_to_wait(struct upload_active *active,
                                          struct upload_request *request)
{
    const struct store_session *row = &active->row;
    enum upload_verdict verdict =
        refuse(active->service, request, BITS_DELIVERY_RUNNING, "");

    if (is_same_target(row, request) && same_text(row->user, request->user)) {
        verdict =
            request_answer_next(request, BITS_DELIVERY_RUNNING, row->total);
    }
    return verdict;
}

/* Plans the request now, or has it wait for its session. */
static enum upload_verdict proceed(struct upload_request *request)
{
    struct upload_active *active = request->active;

    switch (active->phase) {
    case ACTIVE_LOADING:
        active_wait(&active->waiters, request);
        return UPLOAD_PENDING;
    case ACTIVE_BUSY:
        if (active->waiters.count == WAITERS_MAX) {
            return refuse_to_wait(active, request);
        }
        active_wait(&active->waiters, request);
        return UPLOAD_PENDING;
    case ACTIVE_READY:
        break;
    }
    return plan_and_carry_out(active, request);
}

/* The place of a loaded row; a section that a reload removed has none. */
static struct upload_place *place_of(struct upload_service *service,
                                     const struct store_session *row)
{
    struct upload_rules *rules = current_rules(service);
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
    if (op->cause == BITS_OK) {
        active->place = place_of(service, &active->row);
        active->row_cause = active->place ? BITS_OK : BITS_SESSION_UNKNOWN;
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

static enum upload_verdict begin_in_session(struct upload_service *service,
                                            struct upload_request *request)
{
    struct upload_active *active;
    enum upload_verdict verdict;
    bool is_new;

    if (!request->packet.session_is_guid) {
        return refuse(service, request, BITS_SESSION_UNKNOWN, "");
    }
    active = active_acquire(&service->table, service, &request->packet.session,
                            &is_new);
    if (!active) {
        return refuse(service, request, BITS_OVERLOADED, "");
    }
    request->active = active;
    uv_mutex_lock(&active->mutex);
    verdict = proceed(request);
    uv_mutex_unlock(&active->mutex);
    if (is_new) {
        active_load(active);
    }
    return verdict;
}

/* --- the calls of the front end --------------------------------------------
 */

static enum bits_cause match(const struct upload_rules *rules,
                             struct bits_text path,
                             const struct upload_rule **ret_rule,
                             struct bits_text *ret_rest)
{
    *ret_rule = upload_rules_match(rules, path, ret_rest);
    if (!*ret_rule) {
        return BITS_PREFIX_UNKNOWN;
    }
    return (*ret_rule)->config->enabled == CONFIG_ENABLED_NO
               ? BITS_UPLOADS_DISABLED
               : BITS_OK;
}

enum bits_cause upload_covers(struct upload_service *service,
                              struct bits_text path)
{
    struct upload_rules *rules = current_rules(service);
    const struct upload_rule *rule;
    struct bits_text rest;
    enum bits_cause cause = match(rules, path, &rule, &rest);

    upload_rules_unref(rules);
    return cause;
}

enum upload_verdict upload_begin(struct upload_service *service,
                                 struct upload_request *request)
{
    struct bits_text rest = {NULL, 0};
    enum bits_cause cause;

    request->rules = current_rules(service);
    cause = match(request->rules, request->target.path, &request->rule, &rest);
    if (cause == BITS_PREFIX_UNKNOWN) {
        event_unknown_path(service, request);
        return request_answer(request, cause);
    }
    if (cause == BITS_OK) {
        cause = request->form;
    }
    if (cause != BITS_OK) {
        return refuse(service, request, cause, "");
    }
    if (request->packet.type == BITS_PING) {
        return request_answer(request, BITS_OK);
    }
    request->name = malloc(rest.len + 1);
    if (!request->name) {
        return refuse(service, request, BITS_OVERLOADED, "");
    }
    cause = bits_target_name(rest, request->name, rest.len + 1);
    return request->packet.type == BITS_CREATE_SESSION
               ? begin_create(service, request, cause)
               : begin_in_session(service, request);
}

enum upload_verdict upload_resume(struct upload_service *service,
                                  struct upload_request *request)
{
    enum upload_verdict verdict;

    (void)service;
    uv_mutex_lock(&request->active->mutex);
    verdict = request->answered ? UPLOAD_ANSWER : proceed(request);
    uv_mutex_unlock(&request->active->mutex);
    return verdict;
}

static void release_session(struct upload_request *request)
{
    struct upload_active *active = request->active;
    struct upload_service *service = active->service;

    uv_mutex_lock(&active->mutex);
    active_stop_waiting(&active->waiters, request);
    active_stop_waiting(&active->learners, request);
    if (active->owner == request) {
        active->owner = NULL;
    }
    uv_mutex_unlock(&active->mutex);
    active_release(&service->table, active);
}

void upload_release(struct upload_service *service,
                    struct upload_request *request)
{
    if (request->receiving) {
        (void)upload_end(service, request, BITS_BODY_CUT);
    }
    if (request->active) {
        release_session(request);
        request->active = NULL;
    }
    upload_rules_unref(request->rules);
    request->rules = NULL;
    free(request->name);
    request->name = NULL;
}
