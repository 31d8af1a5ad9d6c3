/*
 * protocol_session.h: sessions, packets and expectations for the tests of
 * bits_session_plan().
 */
#ifndef PROTOCOL_SESSION_H
#define PROTOCOL_SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openbits/session.h>

#define MAX UINT64_MAX
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct bits_limits no_limits = {MAX, MAX, false};

/* A session with `stored` of `total` bytes. */
static inline struct bits_facts session(enum bits_session_state state,
                                        uint64_t stored, uint64_t total)
{
    return (struct bits_facts){
        .state = state,
        .same_target = true,
        .same_user = true,
        .fragment_seen = true,
        .total_known = true,
        .total = total,
        .stored = stored,
        .limits = no_limits,
    };
}

/* A session that has seen no Fragment. */
static inline struct bits_facts new_session(void)
{
    struct bits_facts facts = session(BITS_SESSION_RECEIVING, 0, 0);

    facts.fragment_seen = false;
    facts.total_known = false;
    return facts;
}

static inline struct bits_packet packet_of(enum bits_packet_type type)
{
    return (struct bits_packet){
        .type = type,
        .session_is_guid = true,
        .range_form = BITS_RANGE_FORM_MALFORMED,
    };
}

/* A good Fragment; its body is as long as its range. */
static inline struct bits_packet fragment(uint64_t first, uint64_t last,
                                          uint64_t total)
{
    struct bits_packet packet = packet_of(BITS_PACKET_FRAGMENT);

    packet.framing = BITS_FRAMING_LENGTH;
    packet.content_length = last - first + 1;
    packet.range_form = BITS_RANGE_FORM_BYTES;
    packet.range = (struct bits_range){first, last, total};
    return packet;
}

static inline struct bits_packet empty_fragment(void)
{
    struct bits_packet packet = packet_of(BITS_PACKET_FRAGMENT);

    packet.framing = BITS_FRAMING_LENGTH;
    packet.range_form = BITS_RANGE_FORM_EMPTY;
    return packet;
}

static inline struct bits_plan plan_of(struct bits_packet packet,
                                       struct bits_facts facts)
{
    struct bits_plan plan;

    bits_session_plan(&packet, &facts, &plan);
    return plan;
}

static inline void assert_answers(struct bits_plan plan, enum bits_cause cause)
{
    assert_int_equal(plan.step, BITS_STEP_ANSWER);
    assert_int_equal(plan.outcome.cause, cause);
}

static inline void assert_answers_next(struct bits_plan plan,
                                       enum bits_cause cause, uint64_t next)
{
    assert_answers(plan, cause);
    assert_true(plan.has_next);
    assert_int_equal(plan.next, next);
}

static inline void assert_delivers(struct bits_plan plan, uint64_t next)
{
    assert_int_equal(plan.step, BITS_STEP_DELIVER);
    assert_true(plan.has_next);
    assert_int_equal(plan.next, next);
}

static inline void assert_ends(struct bits_plan plan, enum bits_cause cause)
{
    assert_int_equal(plan.step, BITS_STEP_END);
    assert_int_equal(plan.outcome.cause, cause);
    assert_false(plan.has_next);
}

static inline void assert_stores(struct bits_plan plan, uint64_t skip,
                                 uint64_t offset, uint64_t length)
{
    assert_int_equal(plan.step, BITS_STEP_STORE);
    assert_int_equal(plan.skip, skip);
    assert_int_equal(plan.offset, offset);
    assert_int_equal(plan.length, length);
    assert_true(plan.has_next);
    assert_int_equal(plan.next, offset);
}

#endif
