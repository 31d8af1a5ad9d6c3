/*
 * upload/plan.c: Fragment, Close and Cancel: collects the facts, lets the
 * protocol plan the packet, and carries the plan out.
 */
#include "upload/plan.h"

#include <string.h>

#include "base/text.h"
#include "upload/ending.h"
#include "upload/events.h"
#include "upload/learn.h"
#include "upload/loading.h"
#include "upload/opening.h"
#include "upload/service.h"
#include "upload/verdict.h"
#include "upload/writer.h"

/* Requests that may wait for one session.  If another one arrives, one gets
 * 503: during a delivery the new one, which could only repeat the delivery;
 * otherwise the one that has waited longest, because the newest request wins.
 */
#define WAITERS_MAX 4

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
           request->name[0] != '\0' && strcmp(row->name, request->name) == 0;
}

/* Returns true if this request may ask again for the outcome of a session that
 * has ended. */
static bool is_same_marker(const struct store_session *row,
                           const struct upload_request *request)
{
    struct store_target target;

    return store_target_digest(request->user,
                               text_of(request->rule->config->prefix),
                               text_of(request->name), &target) &&
           memcmp(&target, &row->target, sizeof(target)) == 0;
}

static uint64_t max_size(const struct upload_request *request,
                         const struct config_upload *config)
{
    return request->max_size > 0 && request->max_size < config->max_upload_size
               ? request->max_size
               : config->max_upload_size;
}

static void read_facts(const struct upload_active *active,
                       const struct upload_request *request,
                       struct bits_facts *ret_facts)
{
    const struct store_session *row = &active->row;
    const struct config_upload *config = request->rule->config;

    *ret_facts = (struct bits_facts){
        .state = protocol_state(row->state),
        .same_target = row->state == STORE_ENDED ? is_same_marker(row, request)
                                                 : is_same_target(row, request),
        .same_user =
            row->state == STORE_ENDED || same_text(row->user, request->user),
        /* Bytes without the mark: the server crashed before its commit. */
        .fragment_seen = row->fragment_seen || active->stored > 0,
        .total_known = row->total_known,
        .total = row->total,
        .stored = row->state == STORE_RECEIVING ? active->stored : row->total,
        .probes = active->probed_at == active->stored ? active->probes : 0,
        .wrong_length = request->wrong_length,
        .ended_by = row->ended_by,
        .ended = row->ended,
        .limits =
            {
                .max_upload_size = max_size(request, config),
                .max_fragment_size = config->max_fragment_size,
                .refuse_empty = config->zero_length == CONFIG_EMPTY_REFUSE,
            },
    };
}

/* Returns true if the plan depends on the number of stored bytes.  A Cancel and
 * a request of another user get their answer even if the file cannot be
 * opened. */
static bool must_measure(const struct upload_active *active,
                         const struct upload_request *request)
{
    return !active->measured && active->row.state == STORE_RECEIVING &&
           request->packet.type != BITS_PACKET_CANCEL_SESSION &&
           is_same_target(&active->row, request) &&
           same_text(active->row.user, request->user);
}

static void learn_from(struct upload_active *active,
                       const struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;

    if (plan->learn_fragment || plan->learn_total) {
        active->row.fragment_seen = true;
        learn_note(active);
    }
    if (plan->learn_total) {
        active->row.total_known = true;
        active->row.total = plan->total;
    }
}

static void count_probe(struct upload_active *active, uint64_t offset)
{
    active->probes = active->probed_at == offset ? active->probes + 1 : 1;
    active->probed_at = offset;
}

static bool is_refusal(struct bits_outcome outcome)
{
    return outcome.status >= 400;
}

static bool has_body(const struct upload_request *request)
{
    return !request->body_taken &&
           request->packet.type == BITS_PACKET_FRAGMENT &&
           (request->packet.framing == BITS_FRAMING_CHUNKED ||
            request->packet.content_length > 0);
}

/* Drops the body; then the request is planned again. */
static enum upload_verdict drop_body(struct upload_request *request)
{
    request->unwanted = true;
    return UPLOAD_RECEIVE;
}

static enum upload_verdict carry_out_answer(struct upload_active *active,
                                            struct upload_request *request)
{
    const struct bits_plan *plan = &request->plan;

    if (!is_refusal(plan->outcome) && has_body(request) &&
        request->packet.framing == BITS_FRAMING_CHUNKED) {
        /* Only its end shows whether it is as long as its range. */
        return drop_body(request);
    }
    if (is_refusal(plan->outcome)) {
        event_refused(active->service, request, plan->outcome, "");
    } else if (active->row.state != STORE_ENDED) {
        ops_of(active)->touch(active->place->place, &active->row);
    }
    if (plan->is_probe) {
        count_probe(active, plan->next);
    }
    request_answer(request, plan->outcome);
    request->answer.has_next = plan->has_next;
    request->answer.next = plan->next;
    learn_from(active, request);
    return learn_then_answer(active, request);
}

/* Returns true if quotas must reserve room for the file first. */
static bool must_reserve(const struct upload_active *active,
                         const struct upload_request *request)
{
    const struct config_upload *config = request->rule->config;

    return active->learning != LEARNT && active->row.total_known &&
           (config->max_files != UINT64_MAX ||
            config->max_bytes != UINT64_MAX ||
            config->max_files_per_user != UINT64_MAX ||
            config->max_bytes_per_user != UINT64_MAX);
}

static void take_over(struct upload_active *active,
                      struct upload_request *request)
{
    request->takes_over |= active->writer != NULL;
    writer_cut(active);
}

/* Stores the body, unless it is already dropped as a duplicate.  If a delivery
 * lost those bytes meanwhile, the client must send them again. */
static enum upload_verdict carry_out_store(struct upload_active *active,
                                           struct upload_request *request)
{
    take_over(active, request);
    learn_from(active, request);
    if (must_reserve(active, request)) {
        return learn_then_plan(active, request);
    }
    if (request->takes_over || request->plan.skip > 0) {
        event_resumed(active, request);
    }
    if (request->body_taken) {
        struct bits_outcome gap = cause_outcome(BITS_CAUSE_RANGE_GAP);

        event_refused(active->service, request, gap, "");
        return opening_then_answer(active, request, gap);
    }
    return writer_begin(active, request);
}

static enum upload_verdict carry_out_delivery(struct upload_active *active,
                                              struct upload_request *request)
{
    if (has_body(request)) {
        return drop_body(request);
    }
    if (request->inherits) {
        event_refused(active->service, request, request->inherited, "");
        request_answer_next(request, request->inherited, active->row.total);
        return UPLOAD_ANSWER;
    }
    writer_cut(active);
    learn_from(active, request);
    if (!active->row.total_known) {
        active->row.total_known = true; /* Close without a Fragment: 0 bytes */
        learn_note(active);
    }
    if (must_reserve(active, request)) {
        return learn_then_plan(active, request);
    }
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
        writer_cut(active);
        ending_start(active, request, request->packet.type,
                     request->plan.outcome);
        return UPLOAD_PENDING;
    }
    request_answer(request, cause_outcome(BITS_CAUSE_INTERNAL));
    return UPLOAD_ANSWER;
}

/* If the data file could not be removed when the session ended, the same verb,
 * sent again, retries that. */
static void end_again(const struct upload_active *active,
                      struct upload_request *request)
{
    const struct store_session *row = &active->row;
    struct bits_plan *plan = &request->plan;

    if (active->row_cause == BITS_CAUSE_OK && row->state == STORE_ENDING &&
        request->packet.type == row->ended_by &&
        plan->outcome.cause == row->ended.cause) {
        plan->step = BITS_STEP_END;
    }
}

/* cause: BITS_CAUSE_OK if the session exists. */
static void make_plan(const struct upload_active *active,
                      struct upload_request *request, enum bits_cause cause)
{
    struct bits_facts facts = {.state = BITS_SESSION_NONE};

    if (cause == BITS_CAUSE_OK) {
        read_facts(active, request, &facts);
    }
    bits_session_plan(&request->packet, &facts, &request->plan);
    end_again(active, request);
}

/* Cuts the older request off, too: while it keeps the session, the session
 * keeps its folders open. */
static enum upload_verdict refuse_away(struct upload_active *active,
                                       struct upload_request *request)
{
    writer_cut(active);
    return request_refuse(active->service, request,
                          cause_outcome(active_away(active)),
                          active->place->root);
}

static enum upload_verdict plan_and_carry_out(struct upload_active *active,
                                              struct upload_request *request)
{
    const char *detail = "";
    enum bits_cause cause = active->row_cause;
    struct bits_outcome outcome = cause_outcome(cause);

    if (cause == BITS_CAUSE_OK && active_away(active) != BITS_CAUSE_OK) {
        return refuse_away(active, request);
    }
    if (cause == BITS_CAUSE_OK && must_measure(active, request)) {
        if (opening_start(active, request) == STORE_LATER) {
            return UPLOAD_PENDING;
        }
        outcome = active->op.outcome;
        cause = outcome.cause;
        detail = active->op.fault.text;
    }
    if (cause != BITS_CAUSE_OK && cause != BITS_CAUSE_SESSION_UNKNOWN) {
        return request_refuse(active->service, request, outcome, detail);
    }
    make_plan(active, request, cause);
    return carry_out(active, request);
}

/* Names the total as offset: during a delivery every byte is stored, whatever
 * the delivery's result. */
static enum upload_verdict refuse_to_wait(struct upload_active *active,
                                          struct upload_request *request)
{
    const struct store_session *row = &active->row;
    event_refused(active->service, request,
                  cause_outcome(CAUSE_DELIVERY_RUNNING), "");
    if (active->phase == ACTIVE_DELIVERING && is_same_target(row, request) &&
        same_text(row->user, request->user) && learn_is_saved(active)) {
        request_answer_next(request, cause_outcome(CAUSE_DELIVERY_RUNNING),
                            row->total);
    } else {
        request_answer(request, cause_outcome(CAUSE_DELIVERY_RUNNING));
    }
    return UPLOAD_ANSWER;
}

static void refuse_longest_waiting(struct upload_active *active)
{
    const struct bits_outcome busy = cause_outcome(CAUSE_SESSION_BUSY);
    struct upload_request *oldest = active_next_waiter(&active->waiters);

    event_refused(active->service, oldest, busy, "");
    request_answer(oldest, busy);
    oldest->front->ready(oldest);
}

static enum upload_verdict wait_for_session(struct upload_active *active,
                                            struct upload_request *request)
{
    if (active->waiters.count >= WAITERS_MAX) {
        refuse_longest_waiting(active);
    }
    active_wait(&active->waiters, request);
    return UPLOAD_PENDING;
}

/* The newest request wins, even while the store takes bytes of an older one: a
 * packet that needs more than an answer cuts the older request off.  The
 * service plans it again once the store has answered, because its offset
 * depends on that.  A packet that needs only an answer waits once: whenever it
 * is resumed, the store may already work on more of the body. */
static enum upload_verdict proceed_beside_body(struct upload_active *active,
                                               struct upload_request *request)
{
    bool is_usable = active->row_cause == BITS_CAUSE_OK &&
                     active_away(active) == BITS_CAUSE_OK;

    make_plan(active, request, active->row_cause);
    if (request->plan.step != BITS_STEP_ANSWER) {
        take_over(active, request);
    } else if (request->held_back && is_usable) {
        return carry_out_answer(active, request);
    }
    request->held_back = true;
    return wait_for_session(active, request);
}

/* Another process had the session meanwhile. */
static void load_again(struct upload_active *active,
                       struct upload_request *request)
{
    take_over(active, request);
    learn_lose(active);
    active_wait(&active->waiters, request);
    active_reload(active);
}

enum upload_verdict request_proceed(struct upload_request *request)
{
    struct upload_active *active = request->active;

    request->wait = UPLOAD_WAIT_PLAN;
    switch (active->phase) {
    case ACTIVE_STORING:
        return proceed_beside_body(active, request);
    case ACTIVE_LOADING:
        return wait_for_session(active, request);
    case ACTIVE_DELIVERING:
    case ACTIVE_BUSY:
        if (active->waiters.count >= WAITERS_MAX) {
            return refuse_to_wait(active, request);
        }
        active_wait(&active->waiters, request);
        return UPLOAD_PENDING;
    case ACTIVE_READY:
        break;
    }
    if (active->row_cause == CAUSE_FENCED) {
        load_again(active, request);
        return UPLOAD_PENDING;
    }
    return plan_and_carry_out(active, request);
}
