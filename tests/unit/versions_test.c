/*
 * versions_test.c: programs and a libopenbits of different versions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <openbits/openbits.h>

static void the_library_knows_its_version(void **state)
{
    (void)state;
    assert_int_equal(bits_version_number(), BITS_VERSION_NUMBER);
}

static struct bits_transfer_options usable_options(void)
{
    static const char url[] = "http://srv.example/up/hello.txt";

    return (struct bits_transfer_options){
        .url = {url, sizeof(url) - 1},
        .size = 12,
        .retry = bits_retry_foreground,
    };
}

static void a_transfer_refuses_options_newer_than_the_library(void **state)
{
    struct bits_transfer_options options = usable_options();
    struct bits_transfer transfer;

    (void)state;
    assert_true(bits_transfer_start(&transfer, &options));
    options.reserved[7] = 1;
    assert_false(bits_transfer_start(&transfer, &options));
    options = usable_options();
    options.retry.reserved[0] = UINT64_C(1) << 63;
    assert_false(bits_transfer_start(&transfer, &options));
}

static void a_transfer_refuses_a_state_newer_than_the_library(void **state)
{
    struct bits_transfer_options options = usable_options();
    struct bits_transfer_state saved = {.sent_end = 0};
    struct bits_transfer transfer;

    (void)state;
    assert_true(bits_transfer_resume(&transfer, &options, &saved, 0));
    saved.reserved[0] = 1;
    assert_false(bits_transfer_resume(&transfer, &options, &saved, 0));
}

static enum bits_cause cause_of(const struct bits_facts *facts)
{
    struct bits_packet packet = {.type = BITS_PACKET_CANCEL_SESSION,
                                 .session_is_guid = true};
    struct bits_plan plan;

    bits_session_plan(&packet, facts, &plan);
    return plan.outcome.cause;
}

static void a_plan_refuses_facts_newer_than_the_library(void **state)
{
    struct bits_facts facts = {.state = BITS_SESSION_RECEIVING,
                               .same_target = true,
                               .same_user = true};

    (void)state;
    assert_int_equal(cause_of(&facts), BITS_CAUSE_OK);
    facts.limits.reserved[3] = 1;
    assert_int_equal(cause_of(&facts), BITS_CAUSE_INTERNAL);
    facts.limits.reserved[3] = 0;
    facts.reserved[0] = 1;
    assert_int_equal(cause_of(&facts), BITS_CAUSE_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_knows_its_version),
        cmocka_unit_test(a_transfer_refuses_options_newer_than_the_library),
        cmocka_unit_test(a_transfer_refuses_a_state_newer_than_the_library),
        cmocka_unit_test(a_plan_refuses_facts_newer_than_the_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
