/*
 * tests/unit/server_log_limit_test.c: how many lines peers can cause.
 */
#include "server/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static unsigned allowed(struct log_limit *limit, uint64_t now, unsigned times,
                        uint64_t *ret_skipped)
{
    unsigned count = 0;

    for (unsigned i = 0; i < times; i++) {
        count += log_limit_allows(limit, now, ret_skipped);
    }
    return count;
}

static void allows_so_many_lines_a_minute(void **state)
{
    struct log_limit limit = {0};
    uint64_t skipped = 0;

    (void)state;
    assert_int_equal(allowed(&limit, 5, LOG_LIMIT_LINES, &skipped),
                     LOG_LIMIT_LINES);
    assert_int_equal(allowed(&limit, 60004, 7, &skipped), 0);
    assert_int_equal(skipped, 0);
    assert_true(log_limit_allows(&limit, 60005, &skipped));
    assert_int_equal(skipped, 7);
    assert_true(log_limit_allows(&limit, 60005, &skipped));
    assert_int_equal(skipped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_so_many_lines_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
