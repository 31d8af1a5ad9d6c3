/*
 * tests/unit/server_pacing_test.c: which connection waits how long for which
 * rate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "server/pacing.h"

#define SECOND ((uint64_t)1000000000)
#define START (1000 * SECOND)
#define RATE ((uint64_t)1 << 20)
#define PORTION ((uint64_t)64 << 10)

static struct config_server no_rates(void)
{
    return (struct config_server){.max_rate = UINT64_MAX,
                                  .max_rate_per_user = UINT64_MAX,
                                  .max_rate_per_connection = UINT64_MAX};
}

static int setup(void **state)
{
    static struct pacing pacing;

    assert_int_equal(pacing_init(&pacing), 0);
    *state = &pacing;
    return 0;
}

static int teardown(void **state)
{
    pacing_done(*state);
    return 0;
}

static struct pacing_wait reserve(struct pacing *pacing, struct pacer *pacer,
                                  const struct config_server *rates,
                                  const char *user, uint64_t now)
{
    return pacing_reserve(
        pacing, pacer,
        &(struct pacing_wish){rates, text_of(user), UINT64_MAX, now});
}

/* Receives portions as one transfer; returns the wait for the last. */
static struct pacing_wait receive(struct pacing *pacing, struct pacer *pacer,
                                  const struct config_server *rates,
                                  const char *user, int portions)
{
    struct pacing_wait wait = {0, NULL};

    for (int i = 0; i < portions; i++) {
        wait = reserve(pacing, pacer, rates, user, START);
        assert_int_equal(pacer->portion, PORTION);
        pacing_spend(pacer, PORTION);
    }
    return wait;
}

static void assert_wait(struct pacing_wait wait, uint64_t ns, const char *rule)
{
    assert_int_equal(wait.ns, ns);
    assert_non_null(wait.rule);
    assert_string_equal(wait.rule, rule);
}

static void applies_only_if_a_rate_is_set(void **state)
{
    struct config_server rates = no_rates();

    (void)state;
    assert_false(pacing_applies(&rates));
    rates.max_rate = RATE;
    assert_true(pacing_applies(&rates));
}

static void limits_each_connection_for_itself(void **state)
{
    struct config_server rates = no_rates();
    struct pacer one = {0};
    struct pacer other = {0};

    rates.max_rate_per_connection = RATE;
    assert_int_equal(receive(*state, &one, &rates, "", 4).ns, 0);
    assert_wait(receive(*state, &one, &rates, "", 1), SECOND / 16,
                "max_rate_per_connection");
    assert_int_equal(receive(*state, &other, &rates, "", 4).ns, 0);
}

static void gives_a_user_with_many_connections_one_rate(void **state)
{
    struct config_server rates = no_rates();
    struct pacer pacers[100] = {0};
    struct pacer other = {0};
    struct pacing *pacing = *state;

    rates.max_rate_per_user = RATE;
    for (uint64_t i = 0; i < 100; i++) {
        struct pacing_wait wait = receive(pacing, &pacers[i], &rates, "ann", 1);

        if (i < 4) {
            assert_int_equal(wait.ns, 0);
        } else {
            assert_wait(wait, (i - 3) * SECOND / 16, "max_rate_per_user");
        }
    }
    assert_int_equal(receive(pacing, &other, &rates, "ben", 4).ns, 0);
    assert_int_equal(pacing->users, 2);
    for (int i = 0; i < 100; i++) {
        pacing_end(pacing, &pacers[i], START);
    }
    pacing_end(pacing, &other, START);
}

static void limits_all_users_together(void **state)
{
    struct config_server rates = no_rates();
    struct pacer one = {0};
    struct pacer other = {0};

    rates.max_rate = RATE;
    assert_int_equal(receive(*state, &one, &rates, "ann", 4).ns, 0);
    assert_wait(receive(*state, &other, &rates, "ben", 1), SECOND / 16,
                "max_rate");
}

/* Else a user with many connections would fill max_rate with waits. */
static void a_wait_for_the_own_rate_takes_nothing_of_all(void **state)
{
    struct config_server rates = no_rates();
    struct pacer pacers[100] = {0};
    struct pacer other = {0};
    uint64_t longest = 0;

    rates.max_rate = RATE;
    rates.max_rate_per_user = RATE / 2;
    for (uint64_t i = 0; i < 100; i++) {
        longest = reserve(*state, &pacers[i], &rates, "ann", START).ns;
    }
    assert_true(longest > 2 * SECOND);
    assert_int_equal(reserve(*state, &other, &rates, "ben", START).ns, 0);
    pacing_end(*state, &other, START);
    /* After its wait each takes its part of all, as it comes. */
    assert_int_equal(
        reserve(*state, &pacers[99], &rates, "ann", START + longest).ns, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(pacers[i].portion, PORTION / 2);
        pacing_end(*state, &pacers[i], START + longest);
    }
}

static void returns_what_was_not_received(void **state)
{
    struct config_server rates = no_rates();
    struct pacer pacer = {0};
    struct pacer other = {0};

    rates.max_rate = RATE;
    rates.max_rate_per_user = RATE;
    assert_int_equal(receive(*state, &pacer, &rates, "ann", 3).ns, 0);
    (void)reserve(*state, &pacer, &rates, "ann", START);
    pacing_end(*state, &pacer, START);
    assert_int_equal(pacer.portion, 0);
    assert_int_equal(receive(*state, &other, &rates, "ann", 1).ns, 0);
    assert_true(receive(*state, &other, &rates, "ann", 1).ns > 0);
    pacing_end(*state, &other, START);
}

/* Else a user who opens a transfer for each file would have no limit. */
static void remembers_a_user_until_his_bucket_is_full(void **state)
{
    struct config_server rates = no_rates();
    struct pacer pacer = {0};
    struct pacing *pacing = *state;

    rates.max_rate_per_user = RATE;
    (void)receive(pacing, &pacer, &rates, "ann", 16);
    pacing_end(pacing, &pacer, START);
    assert_int_equal(pacing->users, 1);
    assert_int_equal(receive(pacing, &pacer, &rates, "ann", 1).ns,
                     SECOND - 3 * SECOND / 16);
    pacing_end(pacing, &pacer, START + 17 * SECOND / 16);
    assert_int_equal(pacing->users, 0);
}

static void forgets_users_whose_transfers_ended(void **state)
{
    struct config_server rates = no_rates();
    struct pacing *pacing = *state;

    rates.max_rate_per_user = RATE;
    for (uint64_t i = 0; i < 10000; i++) {
        struct pacer pacer = {0};
        uint64_t now = START + i * SECOND / 100;
        char name[16];

        (void)snprintf(name, sizeof(name), "user%u", (unsigned)i);
        (void)reserve(pacing, &pacer, &rates, name, now);
        pacing_spend(&pacer, PORTION);
        pacing_end(pacing, &pacer, now);
        assert_true(pacing->users <= 8);
    }
}

static void takes_small_portions_of_a_low_rate(void **state)
{
    struct config_server rates = no_rates();
    struct pacer pacer = {0};

    rates.max_rate_per_connection = 1024;
    assert_wait(reserve(*state, &pacer, &rates, "", START),
                4 * SECOND - BUCKET_BURST, "max_rate_per_connection");
    assert_int_equal(pacer.portion, 4096);
    pacing_return(*state, &pacer);
    (void)pacing_reserve(*state, &pacer,
                         &(struct pacing_wish){&rates, TEXT(""), 10, START});
    assert_int_equal(pacer.portion, 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(applies_only_if_a_rate_is_set),
        TEST(limits_each_connection_for_itself),
        TEST(gives_a_user_with_many_connections_one_rate),
        TEST(limits_all_users_together),
        TEST(a_wait_for_the_own_rate_takes_nothing_of_all),
        TEST(returns_what_was_not_received),
        TEST(remembers_a_user_until_his_bucket_is_full),
        TEST(forgets_users_whose_transfers_ended),
        TEST(takes_small_portions_of_a_low_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
