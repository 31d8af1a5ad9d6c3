/*
 * session_fuzz.c: a session in memory that is driven by nothing but
 * bits_session_plan() and bits_session_conclude().
 *
 * Input: four bytes for each packet, see read_step().  However packets come,
 * break, repeat and lie, the stored bytes are a prefix of the client's file,
 * they never shrink while the session lives, a delivery happens with the whole
 * file only, and a packet that comes again is answered the same and changes
 * nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/session.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A small file: the interesting offsets are close to one another. */
#define FILE_SIZE 12
#define FRAGMENT_LIMIT 9

/* Empty Fragments that are accepted at one offset. */
#define PROBES_MAX 3

static const uint8_t file[] = "Hello, BITS!";

struct store {
    struct bits_facts facts;
    uint8_t bytes[FILE_SIZE];
    unsigned deliveries;
};

/* One packet and what happens to it on its way. */
struct step {
    struct bits_packet packet;
    uint64_t body; /* bytes of the body that arrive */
    bool cut;      /* then the connection breaks */
    enum bits_cause delivery;
    bool same_target;
    bool same_user;
    bool crash; /* the server dies before it delivers */
};

struct outcome {
    bool is_probe;
    bool answered;
    bool has_next;
    enum bits_cause cause;
    uint64_t next;
};

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void read_range(struct bits_packet *packet, uint8_t form, uint8_t ends)
{
    packet->range.first = ends % 16;
    packet->range.last = ends / 16;
    packet->range.total = form % 8 == 0 ? FILE_SIZE + 1 : FILE_SIZE;
    packet->range_form = BITS_RANGE_FORM_BYTES;
    if (packet->range.first > packet->range.last ||
        packet->range.last >= packet->range.total) {
        packet->range_form = BITS_RANGE_FORM_MALFORMED;
    } else if (form % 8 == 1) {
        packet->range_form = BITS_RANGE_FORM_EMPTY;
    }
}

static struct step read_step(const uint8_t *data)
{
    uint8_t way = data[2];
    struct step step = {
        .packet = {.type = BITS_PACKET_FRAGMENT,
                   .session_is_guid = data[3] != UINT8_MAX,
                   .framing = data[0] & 16 ? BITS_FRAMING_CHUNKED
                                           : BITS_FRAMING_LENGTH,
                   .content_coded = (data[3] & 31) == 30},
        .cut = (way & 1) != 0,
        .delivery = way & 2 ? BITS_CAUSE_OK : BITS_CAUSE_DISK_FULL,
        .same_target = (data[3] & 31) != 29,
        .same_user = (data[3] & 31) != 28,
        .crash = (way & 4) != 0,
    };

    if (data[0] % 16 >= 14) {
        step.packet.type = data[0] % 16 == 14 ? BITS_PACKET_CLOSE_SESSION
                                              : BITS_PACKET_CANCEL_SESSION;
        return step;
    }
    read_range(&step.packet, data[0] / 32, data[1]);
    step.body = step.packet.range_form == BITS_RANGE_FORM_BYTES
                    ? step.packet.range.last - step.packet.range.first + 1
                    : 0;
    if (step.packet.framing == BITS_FRAMING_CHUNKED) {
        step.body = way / 8 % 2 ? step.body : way / 16; /* may lie */
    } else {
        step.packet.content_length = way & 8 ? way / 16 : step.body;
    }
    if (step.cut) {
        step.body = smaller(step.body, way / 16);
    }
    return step;
}

static void learn(struct store *store, const struct bits_plan *plan)
{
    if (plan->learn_fragment) {
        require(!store->facts.fragment_seen);
        store->facts.fragment_seen = true;
    }
    if (plan->learn_total) {
        require(!store->facts.total_known);
        require(plan->total == FILE_SIZE || plan->total == FILE_SIZE + 1 ||
                plan->total == 0);
        store->facts.total_known = true;
        store->facts.total = plan->total;
    }
}

static enum bits_body_end take_body(struct store *store,
                                    const struct step *step,
                                    const struct bits_plan *plan)
{
    uint64_t whole = plan->skip + plan->length;

    require(plan->offset == store->facts.stored);
    require(plan->length > 0);
    require(step->packet.range.first <= plan->offset);
    require(plan->total == store->facts.total);
    require(plan->offset + plan->length <= plan->total);
    for (uint64_t i = plan->skip; i < smaller(step->body, whole); i++) {
        uint64_t at = step->packet.range.first + i;

        if (at < FILE_SIZE) {
            store->bytes[at] = file[at];
        }
        require(at == store->facts.stored);
        store->facts.stored++;
        store->facts.probes = 0;
    }
    if (step->cut) {
        return BITS_BODY_CUT;
    }
    if (step->body < whole) {
        return BITS_BODY_SHORT;
    }
    return step->body > whole ? BITS_BODY_LONG : BITS_BODY_WHOLE;
}

static enum bits_cause deliver(struct store *store, const struct step *step)
{
    require(store->deliveries == 0);
    require(store->facts.state == BITS_SESSION_RECEIVING ||
            store->facts.state == BITS_SESSION_RETRY);
    if (!store->facts.total_known) { /* Close takes the file for empty */
        require(!store->facts.fragment_seen);
        store->facts.total_known = true;
        store->facts.total = 0;
    }
    require(store->facts.stored == store->facts.total);
    if (step->delivery == BITS_CAUSE_OK) {
        store->deliveries++;
        store->facts.state = BITS_SESSION_DONE;
    } else {
        store->facts.state = BITS_SESSION_RETRY;
    }
    return step->delivery;
}

static void end(struct store *store, const struct step *step,
                enum bits_cause cause)
{
    store->facts.state = BITS_SESSION_ENDED;
    store->facts.ended_by = step->packet.type;
    store->facts.ended = bits_cause_outcome(cause);
    store->facts.stored = 0;
}

static struct outcome store_body(struct store *store, const struct step *step,
                                 const struct bits_plan *plan)
{
    struct outcome outcome = {.has_next = true};
    enum bits_body_end body_end = take_body(store, step, plan);

    switch (bits_session_conclude(plan, store->facts.stored, body_end,
                                  &outcome.cause)) {
    case BITS_CONCLUSION_SILENT:
        return outcome;
    case BITS_CONCLUSION_DELIVER:
        require(body_end == BITS_BODY_WHOLE);
        if (step->crash) {
            return outcome;
        }
        outcome.cause = deliver(store, step);
        break;
    case BITS_CONCLUSION_ANSWER:
        break;
    }
    outcome.answered = true;
    outcome.next = store->facts.stored;
    return outcome;
}

static struct outcome run(struct store *store, const struct step *step)
{
    struct outcome outcome = {.answered = true};
    struct bits_plan plan;

    store->facts.same_target = step->same_target;
    store->facts.same_user = step->same_user;
    bits_session_plan(&step->packet, &store->facts, &plan);
    learn(store, &plan);
    if (plan.is_probe) {
        require(plan.step == BITS_STEP_ANSWER);
        require(plan.next == step->packet.range.first);
        require(++store->facts.probes <= PROBES_MAX);
    }
    outcome.cause = plan.outcome.cause;
    outcome.is_probe = plan.is_probe;
    outcome.has_next = plan.has_next;
    outcome.next = plan.next;
    switch (plan.step) {
    case BITS_STEP_ANSWER:
        break;
    case BITS_STEP_STORE:
        return store_body(store, step, &plan);
    case BITS_STEP_DELIVER:
        outcome.cause = deliver(store, step);
        break;
    case BITS_STEP_END:
        end(store, step, plan.outcome.cause);
        break;
    case BITS_STEP_DELIVER_AND_END:
        outcome.cause = deliver(store, step);
        if (outcome.cause == BITS_CAUSE_OK) {
            end(store, step, BITS_CAUSE_OK);
        }
        break;
    }
    return outcome;
}

static void check_store(const struct store *before, const struct store *after)
{
    bool ended = after->facts.state == BITS_SESSION_ENDED;

    require(ended || after->facts.stored >= before->facts.stored);
    require(!after->facts.total_known || ended ||
            after->facts.stored <= after->facts.total);
    require(after->facts.fragment_seen || !before->facts.fragment_seen);
    require(!before->facts.total_known ||
            after->facts.total == before->facts.total);
    if (!ended) {
        require(memcmp(after->bytes, file,
                       smaller(after->facts.stored, FILE_SIZE)) == 0);
    }
}

/* An Ack that says "all of it" promises a delivery; an ended session repeats
 * its last answer to the verb that ended it, and is unknown to all others. */
static void check_outcome(const struct store *before, const struct store *after,
                          const struct step *step,
                          const struct outcome *outcome)
{
    if (step->packet.type == BITS_PACKET_FRAGMENT && outcome->answered &&
        outcome->cause == BITS_CAUSE_OK && after->facts.total_known &&
        outcome->next == after->facts.total) {
        require(after->facts.state == BITS_SESSION_DONE);
        require(after->deliveries == 1);
    }
    if (before->facts.state == BITS_SESSION_ENDED) {
        bool again = step->packet.type == before->facts.ended_by &&
                     step->packet.session_is_guid && step->same_target &&
                     step->same_user;

        require(outcome->cause == (again ? before->facts.ended.cause
                                         : BITS_CAUSE_SESSION_UNKNOWN));
    }
}

static bool same_store(const struct store *a, const struct store *b)
{
    return a->facts.state == b->facts.state &&
           a->facts.fragment_seen == b->facts.fragment_seen &&
           a->facts.total_known == b->facts.total_known &&
           a->facts.total == b->facts.total &&
           a->facts.stored == b->facts.stored && a->deliveries == b->deliveries;
}

/* The same packet once more.  A body that was not as long as its range gets
 * another answer once its bytes are there, and a session may complete. */
static void check_replay(const struct store *store, const struct step *step,
                         const struct outcome *first)
{
    struct store again = *store;
    struct outcome second = run(&again, step);

    check_store(store, &again);
    if (!first->answered || first->cause == BITS_CAUSE_RANGE_LENGTH ||
        (first->is_probe && second.cause == BITS_CAUSE_RANGE_LENGTH)) {
        return;
    }
    require(same_store(store, &again));
    require(second.answered && second.cause == first->cause);
    require(second.has_next == first->has_next);
    require(!second.has_next || second.next == first->next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store store = {
        .facts = {.state = BITS_SESSION_RECEIVING,
                  .limits = {.max_upload_size = FILE_SIZE + 1,
                             .max_fragment_size = FRAGMENT_LIMIT}},
    };

    if (size > 0) {
        store.facts.limits.refuse_empty = (data[0] & 1) != 0;
        store.facts.limits.max_upload_size -= data[0] / 2 % 2;
    }
    for (size_t i = 1; i + 4 <= size; i += 4) {
        struct step step = read_step(data + i);
        struct store before = store;
        struct outcome outcome = run(&store, &step);

        check_store(&before, &store);
        check_outcome(&before, &store, &step, &outcome);
        check_replay(&store, &step, &outcome);
    }
    return 0;
}
