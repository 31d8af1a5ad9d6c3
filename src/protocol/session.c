/*
 * protocol/session.c: what a server does with a FRAGMENT, a CLOSE or a CANCEL:
 * rules V11 to V13, F1 to F9 with F2a, early and late Close [MC-BUP 3.2.5].
 * Comments name the rules of docs/protocol.md. packet.c checks the form of
 * packets, ack.c writes the answer.
 */
#include <openbits/session.h>

#include "protocol/reserved.h"

/* Empty bodies that are accepted at one offset [F2a]. libcurl sends one; the
 * limit keeps a client from looping when a proxy strips bodies. */
#define PROBES_MAX 3

/* The facts, prepared for the rules of Fragment and Close. */
struct view {
    enum bits_session_state state; /* RECEIVING, RETRY or DONE */
    bool total_known;
    uint64_t total;
    uint64_t next; /* the offset to announce */
    unsigned probes;
    bool wrong_length;
};

const char *bits_session_state_name(enum bits_session_state state)
{
    static const char *const names[] = {
        [BITS_SESSION_NONE] = "NONE",   [BITS_SESSION_RECEIVING] = "RECEIVING",
        [BITS_SESSION_RETRY] = "RETRY", [BITS_SESSION_DONE] = "DONE",
        [BITS_SESSION_ENDED] = "ENDED",
    };

    return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state]
                                                              : "unknown";
}

static void plan_answer(struct bits_plan *plan, enum bits_cause cause)
{
    plan->step = BITS_STEP_ANSWER;
    plan->outcome = bits_cause_outcome(cause);
}

static void plan_end(struct bits_plan *plan, enum bits_cause cause)
{
    plan->step = BITS_STEP_END;
    plan->outcome = bits_cause_outcome(cause);
}

/* V11 for a session that ended: the verb that ended it gets the same answer
 * again; for any other packet the session is unknown. */
static struct bits_outcome check_ended(const struct bits_packet *packet,
                                       const struct bits_facts *facts)
{
    if (packet->type != facts->ended_by || !facts->same_target ||
        !facts->same_user) {
        return bits_cause_outcome(BITS_CAUSE_SESSION_UNKNOWN);
    }
    return facts->ended;
}

/* V11 to V13.  Returns false with the answer in *ret_outcome if one fails. */
static bool check_session(const struct bits_packet *packet,
                          const struct bits_facts *facts,
                          struct bits_outcome *ret_outcome)
{
    enum bits_cause cause = BITS_CAUSE_OK;

    if (!packet->session_is_guid || facts->state == BITS_SESSION_NONE) {
        cause = BITS_CAUSE_SESSION_UNKNOWN;
    } else if (facts->state == BITS_SESSION_ENDED) {
        *ret_outcome = check_ended(packet, facts);
        return false;
    } else if (!facts->same_target) {
        cause = BITS_CAUSE_OTHER_TARGET;
    } else if (!facts->same_user) {
        cause = BITS_CAUSE_OTHER_USER;
    }
    *ret_outcome = bits_cause_outcome(cause);
    return cause == BITS_CAUSE_OK;
}

/* Derives what the row alone does not tell.  RECEIVING with every byte stored:
 * the server stopped between the last byte and the delivery.  Complete without
 * a total: Close took the session for an empty file. */
static struct view view_of(const struct bits_facts *facts)
{
    struct view view = {
        .state = facts->state,
        .total_known = facts->total_known,
        .total = facts->total_known ? facts->total : 0,
        .next = facts->stored,
        .probes = facts->probes,
        .wrong_length = facts->wrong_length,
    };

    if (view.state == BITS_SESSION_RECEIVING && view.total_known &&
        facts->stored == facts->total) {
        view.state = BITS_SESSION_RETRY;
    }
    if (view.state != BITS_SESSION_RECEIVING) {
        view.total_known = true;
        view.next = view.total;
    }
    return view;
}

/* An empty-file range is accepted before F1 is checked, but only without a body
 * and only if the file can still be empty. */
static bool is_empty_file(const struct bits_packet *packet)
{
    return packet->range_form == BITS_RANGE_FORM_EMPTY &&
           packet->framing == BITS_FRAMING_LENGTH &&
           packet->content_length == 0;
}

static uint64_t range_length(const struct bits_range *range)
{
    return range->last - range->first + 1;
}

/* F2a: until libcurl knows whether the server wants Digest or NTLM, it sends
 * the headers of the whole Fragment without its body. */
static bool is_probe(const struct bits_packet *packet, const struct view *view)
{
    return packet->range_form == BITS_RANGE_FORM_BYTES &&
           packet->framing == BITS_FRAMING_LENGTH &&
           packet->content_length == 0 && packet->range.first == view->next &&
           (!view->total_known || packet->range.total == view->total) &&
           view->probes < PROBES_MAX;
}

/* Until a chunked body has ended, its length is taken from the range. */
static bool is_of_wrong_length(const struct bits_packet *packet,
                               const struct view *view)
{
    return packet->framing == BITS_FRAMING_LENGTH
               ? packet->content_length != range_length(&packet->range)
               : view->wrong_length;
}

/* F1 to F4: checked in every state. */
static enum bits_cause check_range(const struct bits_packet *packet,
                                   const struct view *view)
{
    bool empty = is_empty_file(packet);
    uint64_t total = empty ? 0 : packet->range.total;

    if (!empty && packet->range_form != BITS_RANGE_FORM_BYTES) {
        return BITS_CAUSE_RANGE_MALFORMED; /* F1 */
    }
    if (!empty && is_of_wrong_length(packet, view)) {
        return BITS_CAUSE_RANGE_LENGTH; /* F2 */
    }
    if (packet->content_coded) {
        return BITS_CAUSE_CONTENT_CODED; /* F3 */
    }
    if (view->total_known ? total != view->total : total < view->next) {
        return BITS_CAUSE_TOTAL_CHANGED; /* F4 */
    }
    return BITS_CAUSE_OK;
}

/* F5 and F6: checked while the session collects bytes. */
static enum bits_cause check_limits(const struct bits_range *range,
                                    const struct bits_limits *limits)
{
    if (range->total > limits->max_upload_size || range->total > INT64_MAX) {
        return BITS_CAUSE_UPLOAD_TOO_LARGE; /* F5 */
    }
    if (range_length(range) > limits->max_fragment_size) {
        return BITS_CAUSE_FRAGMENT_TOO_LARGE; /* F6 */
    }
    return BITS_CAUSE_OK;
}

/* F7 to F9. */
static void plan_bytes(struct bits_plan *plan, const struct bits_range *range,
                       uint64_t stored)
{
    if (range->first > stored) {
        plan_answer(plan, BITS_CAUSE_RANGE_GAP); /* F7 */
        return;
    }
    if (range->last < stored) {
        plan_answer(plan, BITS_CAUSE_OK); /* F9 */
        return;
    }
    plan->step = BITS_STEP_STORE; /* F8 */
    plan->skip = stored - range->first;
    plan->offset = stored;
    plan->length = range->last - stored + 1;
}

static void learn_total(struct bits_plan *plan, const struct view *view,
                        uint64_t total)
{
    plan->learn_total = !view->total_known;
    plan->total = total;
}

static void plan_receiving(struct bits_plan *plan,
                           const struct bits_packet *packet,
                           const struct bits_facts *facts,
                           const struct view *view)
{
    enum bits_cause cause;

    if (is_empty_file(packet)) {
        learn_total(plan, view, 0);
        plan->step = BITS_STEP_DELIVER;
        return;
    }
    cause = check_limits(&packet->range, &facts->limits);
    if (cause != BITS_CAUSE_OK) {
        plan_answer(plan, cause);
        return;
    }
    learn_total(plan, view, packet->range.total);
    if (view->next == packet->range.total) {
        /* The server stopped before it had stored the total. */
        plan->step = BITS_STEP_DELIVER;
        return;
    }
    plan_bytes(plan, &packet->range, view->next);
}

static void plan_fragment(struct bits_plan *plan,
                          const struct bits_packet *packet,
                          const struct bits_facts *facts)
{
    struct view view = view_of(facts);
    enum bits_cause cause = check_range(packet, &view);

    plan->has_next = true;
    plan->next = view.next;
    plan->learn_fragment =
        view.state != BITS_SESSION_DONE && !facts->fragment_seen;

    if (is_probe(packet, &view)) {
        plan->is_probe = true;
        plan_answer(plan, BITS_CAUSE_OK);
    } else if (cause != BITS_CAUSE_OK) {
        plan_answer(plan, cause);
    } else if (view.state == BITS_SESSION_DONE) {
        plan_answer(plan, BITS_CAUSE_OK);
    } else if (is_empty_file(packet) && facts->limits.refuse_empty) {
        plan_answer(plan, BITS_CAUSE_ZERO_LENGTH_REFUSED);
    } else if (view.state == BITS_SESSION_RETRY) {
        plan->step = BITS_STEP_DELIVER;
    } else {
        plan_receiving(plan, packet, facts, &view);
    }
}

static void plan_close(struct bits_plan *plan, const struct bits_facts *facts)
{
    struct view view = view_of(facts);
    bool empty = !facts->fragment_seen || (view.total_known && view.total == 0);

    if (view.state == BITS_SESSION_DONE) {
        plan_end(plan, BITS_CAUSE_OK);
    } else if (view.state == BITS_SESSION_RECEIVING && facts->fragment_seen) {
        plan_end(plan, BITS_CAUSE_CLOSED_EARLY);
    } else if (empty && facts->limits.refuse_empty) {
        plan_end(plan, BITS_CAUSE_ZERO_LENGTH_REFUSED);
    } else {
        plan->step = BITS_STEP_DELIVER_AND_END;
    }
}

void bits_session_plan(const struct bits_packet *packet,
                       const struct bits_facts *facts,
                       struct bits_plan *ret_plan)
{
    *ret_plan = (struct bits_plan){.step = BITS_STEP_ANSWER};
    if (!RESERVED_IS_ZERO(facts) || !RESERVED_IS_ZERO(&facts->limits)) {
        plan_answer(ret_plan, BITS_CAUSE_INTERNAL);
        return;
    }
    if (!check_session(packet, facts, &ret_plan->outcome)) {
        return;
    }
    switch (packet->type) {
    case BITS_PACKET_FRAGMENT:
        plan_fragment(ret_plan, packet, facts);
        break;
    case BITS_PACKET_CLOSE_SESSION:
        plan_close(ret_plan, facts);
        break;
    case BITS_PACKET_CANCEL_SESSION:
        plan_end(ret_plan, BITS_CAUSE_OK);
        break;
    case BITS_PACKET_PING:
    case BITS_PACKET_CREATE_SESSION:
        /* These types have no session: the caller's mistake. */
        plan_answer(ret_plan, BITS_CAUSE_INTERNAL);
        break;
    }
}

enum bits_conclusion bits_session_conclude(const struct bits_plan *plan,
                                           uint64_t stored,
                                           enum bits_body_end end,
                                           enum bits_cause *ret_cause)
{
    switch (end) {
    case BITS_BODY_CUT:
        return BITS_CONCLUSION_SILENT;
    case BITS_BODY_SHORT:
    case BITS_BODY_LONG:
        *ret_cause = BITS_CAUSE_RANGE_LENGTH;
        return BITS_CONCLUSION_ANSWER;
    case BITS_BODY_WHOLE:
        break;
    }
    if (stored == plan->total) {
        return BITS_CONCLUSION_DELIVER;
    }
    *ret_cause = BITS_CAUSE_OK;
    return BITS_CONCLUSION_ANSWER;
}
