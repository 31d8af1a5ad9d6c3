/*
 * transfer_pair_test.c: the client's machine against the server's three
 * functions, with every packet lost, cut or answered in vain in turn, and
 * either side restarted: the file arrives whole, once, or the server ends with
 * nothing that was not acknowledged.
 */
#include "transfer_world.h"

#include <openbits/session.h>

#define FILE_SIZE 37
#define FRAGMENT 10
#define PACKETS_MAX 40

static const char file[FILE_SIZE + 1] = "0123456789abcdefghijklmnopqrstuvwxyzA";

/* What is done to one packet. */
enum fault {
    FAULT_NONE,
    FAULT_UNSENT,        /* it never arrives */
    FAULT_CUT,           /* half of its body does, no answer comes back */
    FAULT_ACK_LOST,      /* it arrives, its answer does not */
    FAULT_PROXY_502,     /* a proxy answers in the server's place */
    FAULT_PROXY_PAGE,    /* so, with a page and success */
    FAULT_FORGOTTEN,     /* the server has lost its sessions before */
    FAULT_BYTES_LOST,    /* and here some of its bytes */
    FAULT_CLIENT_KILLED, /* the packet leaves, then the client is killed */
    FAULT_COUNT
};

struct server {
    struct bits_facts facts;
    char bytes[FILE_SIZE];
    unsigned deliveries;
};

struct pair {
    struct world client;
    struct server server;
    unsigned packets;
};

static void begin_session(struct server *server)
{
    server->facts = (struct bits_facts){
        .state = BITS_SESSION_RECEIVING,
        .same_target = true,
        .same_user = true,
        .limits = {UINT64_MAX, UINT64_MAX, false},
    };
}

static struct bits_packet packet_of(const struct bits_action *action)
{
    struct bits_packet packet = {
        .type = action->type,
        .session_is_guid = true,
        .framing = BITS_FRAMING_LENGTH,
        .content_length = action->length,
    };

    if (action->type == BITS_PACKET_FRAGMENT) {
        packet.range_form = BITS_RANGE_FORM_BYTES;
        packet.range = (struct bits_range){
            action->offset, action->offset + action->length - 1, FILE_SIZE};
    }
    return packet;
}

static enum bits_cause deliver(struct server *server)
{
    assert_int_equal(server->facts.stored, FILE_SIZE);
    assert_memory_equal(server->bytes, file, FILE_SIZE);
    server->deliveries++;
    server->facts.state = BITS_SESSION_DONE;
    return BITS_CAUSE_OK;
}

/* Takes `arrived` bytes of the body.  False: the client is gone. */
static bool store(struct server *server, const struct bits_action *action,
                  const struct bits_plan *plan, uint64_t arrived,
                  struct bits_outcome *ret_outcome)
{
    enum bits_cause cause = BITS_CAUSE_OK;

    for (uint64_t i = plan->skip; i < arrived; i++) {
        assert_int_equal(action->offset + i, server->facts.stored);
        server->bytes[server->facts.stored++] = file[action->offset + i];
    }
    switch (bits_session_conclude(
        plan, server->facts.stored,
        arrived < action->length ? BITS_BODY_CUT : BITS_BODY_WHOLE, &cause)) {
    case BITS_CONCLUSION_SILENT:
        return false;
    case BITS_CONCLUSION_DELIVER:
        cause = deliver(server);
        break;
    case BITS_CONCLUSION_ANSWER:
        break;
    }
    *ret_outcome = bits_cause_outcome(cause);
    return true;
}

/* The server's answer to FRAGMENT, CLOSE and CANCEL. */
static bool serve(struct server *server, const struct bits_action *action,
                  uint64_t arrived, struct bits_answer *answer)
{
    struct bits_packet packet = packet_of(action);
    struct bits_plan plan;

    bits_session_plan(&packet, &server->facts, &plan);
    answer->outcome = plan.outcome;
    answer->has_next = plan.has_next;
    server->facts.fragment_seen |= plan.learn_fragment;
    if (plan.learn_total) {
        server->facts.total_known = true;
        server->facts.total = plan.total;
    }
    switch (plan.step) {
    case BITS_STEP_STORE:
        if (!store(server, action, &plan, arrived, &answer->outcome)) {
            return false;
        }
        break;
    case BITS_STEP_DELIVER:
        answer->outcome = bits_cause_outcome(deliver(server));
        break;
    case BITS_STEP_END:
        server->facts.state = BITS_SESSION_ENDED;
        server->facts.ended_by = action->type;
        server->facts.ended = answer->outcome;
        break;
    case BITS_STEP_ANSWER:
        break;
    case BITS_STEP_DELIVER_AND_END:
        fail_msg("Close is never sent before the last byte was acknowledged");
    }
    answer->next = plan.has_next ? server->facts.stored : 0;
    return arrived == action->length;
}

static void feed_field(void *context, const char *name, struct bits_text value)
{
    struct world *client = context;

    bits_transfer_answer_field(&client->transfer,
                               (struct bits_text){name, strlen(name)}, value);
}

static void feed(struct world *client, const struct bits_answer *answer)
{
    bits_transfer_answer_status(&client->transfer, answer->outcome.status);
    bits_answer_fields(answer, feed_field, client);
    bits_transfer_answer_end(&client->transfer, client->now_ms);
}

/* False: no answer was made. */
static bool receive(struct server *server, const struct bits_action *action,
                    uint64_t arrived, struct bits_answer *answer)
{
    *answer = (struct bits_answer){
        .type = action->type,
        .outcome = bits_cause_outcome(BITS_CAUSE_OK),
        .session_id = {"{s}", 3},
    };
    if (action->type == BITS_PACKET_CREATE_SESSION) {
        if (server->deliveries > 0) {
            answer->outcome = bits_cause_outcome(BITS_CAUSE_TARGET_DOTS);
            return true;
        }
        begin_session(server);
        return true;
    }
    return action->type == BITS_PACKET_PING ||
           serve(server, action, arrived, answer);
}

static void lose_bytes(struct server *server)
{
    if (server->facts.state == BITS_SESSION_RECEIVING) {
        server->facts.stored /= 2;
    }
}

/* One packet, and what becomes of it. */
static void transmit(struct pair *pair, enum fault fault)
{
    struct world *client = &pair->client;
    const struct bits_action action = client->action;
    uint64_t arrived = fault == FAULT_CUT ? action.length / 2 : action.length;
    struct bits_answer answer;
    bool answered;

    if (fault == FAULT_UNSENT) {
        bits_transfer_broken(&client->transfer, client->now_ms,
                             BITS_TRANSPORT_CONNECT, 0);
        return;
    }
    if (fault == FAULT_PROXY_502 || fault == FAULT_PROXY_PAGE) {
        world_answer(client, fault == FAULT_PROXY_502 ? 502 : 200,
                     "Server: nginx\n");
        return;
    }
    if (fault == FAULT_FORGOTTEN) {
        pair->server.facts.state = BITS_SESSION_NONE;
    } else if (fault == FAULT_BYTES_LOST) {
        lose_bytes(&pair->server);
    }
    answered = receive(&pair->server, &action, arrived, &answer);
    if (fault == FAULT_CLIENT_KILLED) {
        world_resume(client);
    } else if (fault == FAULT_CUT || fault == FAULT_ACK_LOST || !answered) {
        bits_transfer_broken(&client->transfer, client->now_ms,
                             BITS_TRANSPORT_BROKEN, arrived);
    } else {
        feed(client, &answer);
    }
}

/* Runs to the end; fault number i meets packet at[i]. */
static void run(struct pair *pair, const unsigned *at, const enum fault *faults,
                size_t count)
{
    struct world *client = &pair->client;

    world_init(client, FILE_SIZE);
    client->options.fragment_start = FRAGMENT;
    client->options.fragment_max = FRAGMENT;
    client->options.foreground = false; /* a page of a proxy may pass */
    pair->server = (struct server){.deliveries = 0};
    pair->packets = 0;
    world_start(client);
    for (;;) {
        enum fault fault = FAULT_NONE;

        world_next(client);
        if (client->action.kind == BITS_ACTION_WAIT) {
            client->now_ms = client->action.until_ms;
            continue;
        }
        if (client->action.kind != BITS_ACTION_SEND) {
            return;
        }
        for (size_t i = 0; i < count; i++) {
            fault = at[i] == pair->packets ? faults[i] : fault;
        }
        pair->packets++;
        assert_true(pair->packets < PACKETS_MAX);
        transmit(pair, fault);
    }
}

static void assert_delivered(const struct pair *pair)
{
    assert_int_equal(pair->client.action.kind, BITS_ACTION_DONE);
    assert_int_equal(pair->server.deliveries, 1);
    assert_memory_equal(pair->server.bytes, file, FILE_SIZE);
}

static void without_faults_it_takes_as_few_packets_as_can_be(void **state)
{
    struct pair pair;

    (void)state;
    run(&pair, NULL, NULL, 0);
    assert_delivered(&pair);
    assert_int_equal(pair.packets, 1 + 4 + 1);
}

/* A server that delivered and forgot before it acknowledged the last byte or
 * Close: the file is there, and the client must not say so. */
static bool is_forgotten_delivery(const struct pair *pair)
{
    const struct bits_action *action = &pair->client.action;

    return pair->server.deliveries == 1 && action->kind == BITS_ACTION_FAILED &&
           (action->failure->reason == BITS_REASON_CLOSE_LOST ||
            action->failure->hresult == 0x80070005);
}

static void any_fault_of_any_packet_is_survived(void **state)
{
    const unsigned close = 5;

    (void)state;
    for (unsigned at = 0; at < 6; at++) {
        for (unsigned fault = 1; fault < FAULT_COUNT; fault++) {
            enum fault faults[] = {(enum fault)fault};
            struct pair pair;

            run(&pair, &at, faults, 1);
            if (at == close && fault == FAULT_FORGOTTEN) {
                assert_true(is_forgotten_delivery(&pair));
            } else {
                assert_delivered(&pair);
            }
        }
    }
}

static void any_two_faults_are_survived(void **state)
{
    unsigned forgotten = 0;

    (void)state;
    for (unsigned round = 0; round < FAULT_COUNT * FAULT_COUNT; round++) {
        enum fault faults[] = {(enum fault)(round / FAULT_COUNT),
                               (enum fault)(round % FAULT_COUNT)};

        for (unsigned i = 0; i < 12 * 12; i++) {
            unsigned at[] = {i / 12, i % 12};
            struct pair pair;

            run(&pair, at, faults, 2);
            if (is_forgotten_delivery(&pair)) {
                assert_true(faults[0] == FAULT_FORGOTTEN ||
                            faults[1] == FAULT_FORGOTTEN);
                forgotten++;
            } else {
                assert_delivered(&pair);
            }
        }
    }
    assert_true(forgotten > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_it_takes_as_few_packets_as_can_be),
        cmocka_unit_test(any_fault_of_any_packet_is_survived),
        cmocka_unit_test(any_two_faults_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
