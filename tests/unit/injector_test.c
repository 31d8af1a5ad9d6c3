/*
 * tests/unit/injector_test.c: which calls a rule of the injector is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <time.h>

#include "injector.h"

static int end_rules(void **state)
{
    (void)state;
    inject_nothing();
    return 0;
}

static void a_place_is_one_of_its_globs(void **state)
{
    static const struct {
        const char *place;
        const char *path;
        uint32_t hits;
    } rows[] = {
        {"data", "/r/.bitsd/0f/a-b", 1},
        {"data", "/r/.bitsd/0f", 0},
        {"staging", "/r/.bitsd/0f", 1},
        {"staging", "/r/.bitsd", 1},
        {"staging", "/r/.bitsd/index-id", 0},
        {"index", "/s/index.db-wal", 1},
        {"index", "/s/state", 1},
        {"index", "/r/file", 0},
        {"elsewhere", "/r/file", 1},
        {"elsewhere", "/r/.bitsd/0f", 0},
        {"elsewhere", "/s/index.db", 0},
        {"/r/*|/s/a", "/s/a", 1},
        {"/r/*|/s/a", "/s/ab", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rule *rule = inject("open %s note", rows[i].place);

        assert_int_equal(open(rows[i].path, O_RDONLY | O_CLOEXEC), -1);
        if (rule_hits(rule) != rows[i].hits) {
            fail_msg("%s: %s", rows[i].place, rows[i].path);
        }
        rule_end(rule);
    }
}

/* The allocator of a sanitizer asks the clock while its heap is locked. */
static void a_rule_takes_no_memory(void **state)
{
    struct rule *memory = inject("memory note");
    struct rule *clock = inject("clock wall|boot note");
    struct timespec now;

    (void)state;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    assert_int_equal(rule_hits(clock), 0);
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    assert_int_equal(rule_hits(clock), 1);
    assert_int_equal(rule_hits(memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_place_is_one_of_its_globs, end_rules),
        cmocka_unit_test_teardown(a_rule_takes_no_memory, end_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
