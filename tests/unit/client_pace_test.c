/*
 * client_pace_test.c: no more bytes than the rate allows, and no fewer.
 */
#include "client/http/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define SECOND UINT64_C(1000000)

static void no_rate_sets_no_limit(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 0, 5);
    assert_int_equal(pace_take(&pace, 5, SIZE_MAX), SIZE_MAX);
    assert_int_equal(pace_wait_us(&pace), 0);
}

/* What a patient sender gets away with in this time. */
static uint64_t send_for(struct pace *pace, uint64_t start_us,
                         uint64_t duration_us)
{
    uint64_t now_us = start_us;
    uint64_t sent = 0;

    while (now_us < start_us + duration_us) {
        size_t taken = pace_take(pace, now_us, 65536);

        sent += taken;
        if (taken == 0) {
            now_us += pace_wait_us(pace);
        }
    }
    return sent;
}

static void the_rate_holds_over_ten_seconds(void **state)
{
    static const uint64_t rates[] = {1,      7,       100,      1000,
                                     123457, 1 << 20, 50000000, 1 << 30};

    (void)state;
    for (size_t i = 0; i < COUNT(rates); i++) {
        uint64_t rate = rates[i];
        struct pace pace;
        uint64_t sent;

        pace_init(&pace, rate, 1000);
        sent = send_for(&pace, 1000, 10 * SECOND);
        assert_in_range(sent, rate * 10 - rate / 10 - 1, rate * 10 + 1);
    }
}

static void a_pause_is_not_made_up_for(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace_take(&pace, 3600 * SECOND, 65536), 250);
    assert_int_equal(pace_take(&pace, 3600 * SECOND, 65536), 0);
}

static void a_wait_is_long_enough(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace_take(&pace, 0, 10), 0);
    assert_int_equal(pace_take(&pace, pace_wait_us(&pace), 100), 50);
}

static void the_last_bytes_do_not_wait_for_a_step(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 1000, 0);
    assert_int_equal(pace_take(&pace, SECOND / 100, 10), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_rate_sets_no_limit),
        cmocka_unit_test(the_rate_holds_over_ten_seconds),
        cmocka_unit_test(a_pause_is_not_made_up_for),
        cmocka_unit_test(a_wait_is_long_enough),
        cmocka_unit_test(the_last_bytes_do_not_wait_for_a_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
