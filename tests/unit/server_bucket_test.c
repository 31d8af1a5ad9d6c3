/*
 * tests/unit/server_bucket_test.c: how long bytes wait for their rate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/bucket.h"

#define SECOND ((uint64_t)1000000000)
#define START (1000 * SECOND)

static void lets_a_burst_pass_and_not_a_byte_more(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    assert_int_equal(bucket_take(&bucket, 1000, 249, START), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 1, START), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 1, START), SECOND / 1000);
    assert_int_equal(bucket_take(&bucket, 1000, 1000, START),
                     SECOND + SECOND / 1000);
}

static void fills_in_idle_time_to_a_burst_at_most(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    assert_int_equal(bucket_take(&bucket, 1000, 250, START), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 100, START + SECOND / 10), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 250, START + 3600 * SECOND), 0);
    assert_true(bucket_take(&bucket, 1000, 1, START + 3600 * SECOND) > 0);
}

static void is_full_when_everything_taken_is_paid_for(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    assert_true(bucket_is_full(&bucket, START));
    (void)bucket_take(&bucket, 1000, 500, START);
    assert_false(bucket_is_full(&bucket, START + SECOND / 2 - 1));
    assert_true(bucket_is_full(&bucket, START + SECOND / 2));
}

static void gives_returned_bytes_to_the_next(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    (void)bucket_take(&bucket, 1000, 250, START);
    assert_int_equal(bucket_take(&bucket, 1000, 500, START), SECOND / 2);
    bucket_return(&bucket, 500);
    assert_int_equal(bucket_take(&bucket, 1000, 100, START), SECOND / 10);
}

static void returns_no_more_than_a_burst(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    bucket_return(&bucket, 1000); /* never used */
    (void)bucket_take(&bucket, 1000, 1, START);
    bucket_return(&bucket, UINT32_MAX);
    assert_int_equal(bucket_take(&bucket, 1000, 250, START), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 1, START), SECOND / 1000);
}

static void starts_full_with_another_rate(void **state)
{
    struct bucket bucket = {0};

    (void)state;
    (void)bucket_take(&bucket, 1000, 1000000, START);
    assert_int_equal(bucket_take(&bucket, 2000, 500, START), 0);
    assert_int_equal(bucket_take(&bucket, 2000, 2, START), SECOND / 1000);
}

/* In any order of waits, the bytes of a time are those of the rate and one
 * burst. */
static void keeps_the_rate(void **state)
{
    struct bucket bucket = {0};
    uint64_t now = START;
    uint64_t total = 0;
    uint64_t seed = 1;

    (void)state;
    while (now < START + 100 * SECOND) {
        uint64_t bytes = 1 + (seed = seed * 48271 % 2147483647) % 5000;

        now += bucket_take(&bucket, 10000, bytes, now);
        total += bytes;
        assert_true(total <=
                    (now - START + BUCKET_BURST) / (SECOND / 10000) + 1);
    }
    assert_true(total > 999000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_a_burst_pass_and_not_a_byte_more),
        cmocka_unit_test(fills_in_idle_time_to_a_burst_at_most),
        cmocka_unit_test(is_full_when_everything_taken_is_paid_for),
        cmocka_unit_test(gives_returned_bytes_to_the_next),
        cmocka_unit_test(returns_no_more_than_a_burst),
        cmocka_unit_test(starts_full_with_another_rate),
        cmocka_unit_test(keeps_the_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
