/*
 * tests/unit/store_quota_test.c: periods, and what fits into a quota.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cause/cause.h"
#include "store/quota.h"

#define DAY ((int64_t)86400)

static struct store_section section_with(uint64_t files, uint64_t bytes)
{
    return (struct store_section){
        .prefix = "/",
        .quota_period = (uint64_t)DAY,
        .quota = {UINT64_MAX, UINT64_MAX},
        .quota_per_user = {files, bytes},
    };
}

static enum bits_cause judge(const struct store_section *section,
                             const struct quota_usage *usage, uint64_t bytes,
                             struct fault *ret_fault)
{
    return quota_judge(&(struct quota_claim){.section = section,
                                             .owner = QUOTA_OF_USER,
                                             .bytes = bytes,
                                             .now = 100 * DAY + 5},
                       usage, ret_fault);
}

static void periods_are_aligned_to_midnight(void **state)
{
    struct store_section section = section_with(1, 1);

    (void)state;
    assert_int_equal(quota_until(&section, 100 * DAY), 101 * DAY);
    assert_int_equal(quota_until(&section, 101 * DAY - 1), 101 * DAY);
    assert_int_equal(quota_until(&section, 0), DAY);
    assert_int_equal(quota_until(&section, -1), 0);
    section.quota_period = 3600;
    assert_int_equal(quota_until(&section, 100 * DAY + 3599), 100 * DAY + 3600);
}

static void exactly_the_limit_fits(void **state)
{
    struct store_section section = section_with(3, 100);
    struct quota_usage usage = {.held_files = 1,
                                .held_bytes = 10,
                                .until = 101 * DAY,
                                .files = 1,
                                .bytes = 20};
    struct fault fault;

    (void)state;
    assert_int_equal(judge(&section, &usage, 70, &fault), BITS_CAUSE_OK);
    assert_int_equal(judge(&section, &usage, 71, &fault), CAUSE_QUOTA_USED_UP);
    assert_string_equal(fault.text, "max_bytes_per_user = 100, 30 are in use");
    usage.files = 2;
    assert_int_equal(judge(&section, &usage, 0, &fault), CAUSE_QUOTA_USED_UP);
    assert_string_equal(fault.text, "max_files_per_user = 3, 3 are in use");
}

static void a_file_above_the_quota_never_fits(void **state)
{
    struct store_section section = section_with(UINT64_MAX, 100);
    struct quota_usage usage = {0};
    struct fault fault;

    (void)state;
    assert_int_equal(judge(&section, &usage, 100, &fault), BITS_CAUSE_OK);
    assert_int_equal(judge(&section, &usage, 101, &fault),
                     CAUSE_QUOTA_TOO_SMALL);
    assert_string_equal(fault.text,
                        "max_bytes_per_user = 100, the file has 101");
    assert_int_equal(judge(&section, &usage, UINT64_MAX, &fault),
                     CAUSE_QUOTA_TOO_SMALL);
}

static void another_period_starts_with_what_is_held(void **state)
{
    struct store_section section = section_with(UINT64_MAX, 100);
    struct quota_usage usage = {
        .held_bytes = 10, .until = 100 * DAY, .files = 1, .bytes = 100};
    struct fault fault;

    (void)state;
    assert_int_equal(judge(&section, &usage, 90, &fault), BITS_CAUSE_OK);
    assert_int_equal(judge(&section, &usage, 91, &fault), CAUSE_QUOTA_USED_UP);
    /* The clock was set back: that period has not come yet. */
    usage.until = 200 * DAY;
    assert_int_equal(judge(&section, &usage, 90, &fault), BITS_CAUSE_OK);
    quota_deliver(&usage, 101 * DAY, 7);
    assert_int_equal(usage.files, 1);
    assert_int_equal(usage.bytes, 7);
    quota_deliver(&usage, 101 * DAY, 8);
    assert_int_equal(usage.files, 2);
    assert_int_equal(usage.bytes, 15);
}

static void a_lowered_limit_does_not_overflow(void **state)
{
    struct store_section section = section_with(1, 10);
    struct quota_usage usage = {.held_files = 5, .held_bytes = UINT64_MAX};
    struct fault fault;

    (void)state;
    assert_int_equal(judge(&section, &usage, 1, &fault), CAUSE_QUOTA_USED_UP);
    section = section_with(UINT64_MAX, UINT64_MAX);
    assert_int_equal(judge(&section, &usage, 1, &fault), CAUSE_QUOTA_USED_UP);
    assert_int_equal(judge(&section, &usage, 0, &fault), BITS_CAUSE_OK);
}

static void clients_wait_for_the_next_period_or_an_hour(void **state)
{
    struct store_section section = section_with(1, 1);

    (void)state;
    assert_int_equal(quota_retry_after(&section, 101 * DAY - 1), 1);
    assert_int_equal(quota_retry_after(&section, 101 * DAY - 3599), 3599);
    assert_int_equal(quota_retry_after(&section, 100 * DAY), 3600);
}

static void a_section_without_a_limit_has_no_quota(void **state)
{
    struct store_section section = section_with(UINT64_MAX, 1);

    (void)state;
    assert_true(quota_limits(&section, QUOTA_OF_USER));
    assert_false(quota_limits(&section, QUOTA_OF_ALL));
    section.quota_period = 0;
    assert_false(quota_applies(&section));
    assert_false(quota_limits(&section, QUOTA_OF_USER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_aligned_to_midnight),
        cmocka_unit_test(exactly_the_limit_fits),
        cmocka_unit_test(a_file_above_the_quota_never_fits),
        cmocka_unit_test(another_period_starts_with_what_is_held),
        cmocka_unit_test(a_lowered_limit_does_not_overflow),
        cmocka_unit_test(clients_wait_for_the_next_period_or_an_hour),
        cmocka_unit_test(a_section_without_a_limit_has_no_quota),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
