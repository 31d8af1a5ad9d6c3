/*
 * cause_test.c: what each cause is on the wire.  The numbers stand here a
 * second time on purpose: they are the contract with clients.  The rows have
 * the order of cause.def.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cause/outcome.h"

struct row {
    enum bits_cause cause;
    unsigned status;
    uint32_t hresult;
};

static const struct row rows[] = {
    {BITS_CAUSE_OK, 200, 0},
    {BITS_CAUSE_HEADER_TOO_LONG, 400, 0x80070057},
    {BITS_CAUSE_HEADER_REPEATED, 400, 0x80070057},
    {BITS_CAUSE_PACKET_TYPE_MISSING, 400, 0x80070057},
    {BITS_CAUSE_PACKET_TYPE_UNKNOWN, 400, 0x80070057},
    {BITS_CAUSE_LENGTH_MISSING, 411, 0x80070057},
    {BITS_CAUSE_LENGTH_MALFORMED, 400, 0x80070057},
    {BITS_CAUSE_BODY_UNEXPECTED, 400, 0x80070057},
    {BITS_CAUSE_PROTOCOLS_MISSING, 400, 0x80070057},
    {BITS_CAUSE_SESSION_ID_MISSING, 400, 0x80070057},
    {BITS_CAUSE_RANGE_MISSING, 400, 0x80070057},
    {BITS_CAUSE_NO_RIGHT, 403, 0x80070005},
    {BITS_CAUSE_SESSION_UNKNOWN, 500, 0x8020001F},
    {BITS_CAUSE_OTHER_TARGET, 500, 0x8020001F},
    {BITS_CAUSE_OTHER_USER, 403, 0x80070005},
    {BITS_CAUSE_PROTOCOL_UNKNOWN, 400, 0x80070057},
    {BITS_CAUSE_TARGET_MALFORMED, 400, 0x80070057},
    {BITS_CAUSE_TARGET_DOTS, 403, 0x80070005},
    {BITS_CAUSE_TARGET_CHARACTER, 403, 0x80070005},
    {BITS_CAUSE_TARGET_TOO_LONG, 403, 0x80070005},
    {BITS_CAUSE_TARGET_IS_FOLDER, 400, 0x80070057},
    {BITS_CAUSE_RANGE_MALFORMED, 400, 0x80070057},
    {BITS_CAUSE_RANGE_LENGTH, 400, 0x80070057},
    {BITS_CAUSE_CONTENT_CODED, 400, 0x80070057},
    {BITS_CAUSE_TOTAL_CHANGED, 400, 0x80070057},
    {BITS_CAUSE_UPLOAD_TOO_LARGE, 500, 0x80200020},
    {BITS_CAUSE_FRAGMENT_TOO_LARGE, 413, 0},
    {BITS_CAUSE_RANGE_GAP, 416, 0},
    {BITS_CAUSE_CLOSED_EARLY, 400, 0x80070057},
    {BITS_CAUSE_ZERO_LENGTH_REFUSED, 400, 0x80070057},
    {BITS_CAUSE_STAGED_FILE_MISSING, 404, 0x80070002},
    {BITS_CAUSE_DISK_FULL, 500, 0x80070070},
    {BITS_CAUSE_IO_ERROR, 500, 0x80004005},
    {BITS_CAUSE_INTERNAL, 500, 0x80004005},
};

static const struct row own_rows[] = {
    {CAUSE_PREFIX_UNKNOWN, 501, 0x80070005},
    {CAUSE_UPLOADS_DISABLED, 501, 0x80070005},
    {CAUSE_SIGN_IN_NEEDS_TLS, 403, 0x80070005},
    {CAUSE_SIGN_IN_MISSING, 403, 0x80070005},
    {CAUSE_TOO_MANY_FAILURES, 503, 0x801901F7},
    {CAUSE_TOO_MANY_CHECKS, 503, 0x801901F7},
    {CAUSE_PRINCIPAL_REFUSED, 403, 0x80070005},
    {CAUSE_TOO_MANY_TICKETS, 503, 0x801901F7},
    {CAUSE_PASSWORDS_UNREADABLE, 503, 0x801901F7},
    {CAUSE_CERTIFICATE_MISSING, 403, 0x80070005},
    {CAUSE_CERTIFICATE_UNNAMED, 403, 0x80070005},
    {CAUSE_TOKENS_UNREADABLE, 503, 0x801901F7},
    {CAUSE_TOKEN_FORBIDS, 403, 0x80070005},
    {CAUSE_USER_HEADER_FORGED, 403, 0x80070005},
    {CAUSE_USER_HEADER_MALFORMED, 403, 0x80070005},
    {CAUSE_WEB_PAGE_REFUSED, 403, 0x80070005},
    {CAUSE_INVITE_KEYS_UNREADABLE, 503, 0x801901F7},
    {CAUSE_INVITATION_INVALID, 403, 0x80070005},
    {CAUSE_INVITATION_EXPIRED, 403, 0x80070005},
    {CAUSE_INVITATION_USED, 403, 0x80070005},
    {CAUSE_INVITATION_BUSY, 503, 0x801901F7},
    {CAUSE_USER_NOT_LISTED, 403, 0x80070005},
    {CAUSE_GROUPS_UNREADABLE, 503, 0x801901F7},
    {CAUSE_TARGET_TOO_DEEP, 403, 0x80070005},
    {CAUSE_NAME_NOT_UTF8, 403, 0x80070005},
    {CAUSE_NAME_CHARACTER, 403, 0x80070005},
    {CAUSE_NAME_INVISIBLE, 403, 0x80070005},
    {CAUSE_NAME_BEGINNING, 403, 0x80070005},
    {CAUSE_NAME_ENDING, 403, 0x80070005},
    {CAUSE_NAME_DEVICE, 403, 0x80070005},
    {CAUSE_NAME_TOO_LONG, 403, 0x80070005},
    {CAUSE_NAME_NOT_ALLOWED, 403, 0x80070005},
    {CAUSE_TARGET_RESERVED, 403, 0x80070005},
    {CAUSE_TARGET_LINK, 403, 0x80070005},
    {CAUSE_FOLDER_MISSING, 404, 0x80070003},
    {CAUSE_TOO_MANY_FOLDERS, 404, 0x80070003},
    {CAUSE_FOLDER_IS_FILE, 404, 0x80070003},
    {CAUSE_FILE_EXISTS, 403, 0x80070005},
    {CAUSE_DRAINING, 503, 0x801901F7},
    {CAUSE_STATE_FULL, 500, 0x80070070},
    {CAUSE_TOO_MANY_SESSIONS, 503, 0x801901F7},
    {CAUSE_QUOTA_TOO_SMALL, 403, 0x80070005},
    {CAUSE_QUOTA_USED_UP, 503, 0x801901F7},
    {CAUSE_WILL_NOT_FIT, 500, 0x80070070},
    {CAUSE_QUOTA_EXCEEDED, 500, 0x80070070},
    {CAUSE_FILE_SIZE_LIMIT, 500, 0x80200020},
    {CAUSE_READ_ONLY, 500, 0x80004005},
    {CAUSE_STAGED_FILE_LOST, 500, 0x80004005},
    {CAUSE_OTHER_FILE_SYSTEM, 500, 0x80004005},
    {CAUSE_NO_FREE_NAME, 500, 0x80004005},
    {CAUSE_PLACE_AWAY, 503, 0x801901F7},
    {CAUSE_INDEX_BUSY, 503, 0x801901F7},
    {CAUSE_INDEX_FAILED, 500, 0x80004005},
    {CAUSE_OVERLOADED, 503, 0x801901F7},
    {CAUSE_FENCED, 503, 0x801901F7},
    {CAUSE_SESSION_BUSY, 503, 0x801901F7},
    {CAUSE_DELIVERY_RUNNING, 503, 0x801901F7},
};

static void assert_row(const struct row *row)
{
    struct bits_outcome outcome = cause_outcome(row->cause);

    assert_int_equal(outcome.cause, row->cause);
    assert_int_equal(outcome.status, row->status);
    assert_int_equal(outcome.hresult, row->hresult);
    assert_int_equal(outcome.context, 0x5);
    assert_int_equal(outcome.retry_after, 0);
}

/* There is a row for each cause from `first` to the one before `behind`. */
static void assert_rows(const struct row *table, size_t count, unsigned first,
                        unsigned behind)
{
    for (unsigned cause = first; cause < behind; cause++) {
        size_t at = cause - first;

        if (at >= count || table[at].cause != cause) {
            fail_msg("cause_test.c lacks a row for %s at its place in "
                     "cause.def",
                     cause_name((enum bits_cause)cause));
        }
        assert_row(&table[at]);
    }
    assert_int_equal(count, behind - first);
}

static void each_cause_has_its_status_and_error_code(void **state)
{
    (void)state;
    assert_rows(rows, sizeof(rows) / sizeof(rows[0]), 0, BITS_CAUSE_COUNT);
    assert_rows(own_rows, sizeof(own_rows) / sizeof(own_rows[0]),
                BITS_CAUSE_OWN, CAUSE_BEHIND_LAST);
}

static void causes_say_whom_they_concern(void **state)
{
    (void)state;
    assert_int_equal(cause_concern(BITS_CAUSE_RANGE_GAP), BITS_CONCERN_CLIENT);
    assert_int_equal(cause_concern(BITS_CAUSE_NO_RIGHT), BITS_CONCERN_SETUP);
    assert_int_equal(cause_concern(CAUSE_READ_ONLY), BITS_CONCERN_SERVER);
}

static void names_are_those_of_the_table(void **state)
{
    (void)state;
    assert_string_equal(cause_name(BITS_CAUSE_OK), "OK");
    assert_string_equal(cause_name(BITS_CAUSE_RANGE_GAP), "RANGE_GAP");
    assert_string_equal(cause_name(BITS_CAUSE_INTERNAL), "INTERNAL");
    assert_string_equal(cause_name(CAUSE_INDEX_BUSY), "INDEX_BUSY");
}

static void assert_words(const char *sentence)
{
    size_t size = strlen(sentence);

    assert_true(size > 0);
    assert_int_not_equal(sentence[size - 1], '.');
    assert_null(strpbrk(sentence, "\r\n\""));
    assert_in_range(size, 1, BITS_ERROR_TEXT_MAX - 40); /* and a fault */
    for (size_t i = 0; i < size; i++) {
        assert_in_range(sentence[i], 0x20, 0x7e);
    }
}

static void sentences_are_words_without_a_full_stop(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BITS_CAUSE_COUNT; i++) {
        assert_words(cause_sentence((enum bits_cause)i));
    }
    for (unsigned i = BITS_CAUSE_OWN; i < CAUSE_BEHIND_LAST; i++) {
        assert_words(cause_sentence((enum bits_cause)i));
    }
}

static void only_bitsd_names_its_options(void **state)
{
    const enum bits_cause refused = BITS_CAUSE_ZERO_LENGTH_REFUSED;

    (void)state;
    for (unsigned i = 0; i < BITS_CAUSE_COUNT; i++) {
        assert_null(strstr(bits_cause_sentence((enum bits_cause)i), " = "));
    }
    assert_non_null(strstr(cause_sentence(refused), "zero_length = refuse"));
}

static void an_unknown_cause_is_our_own_failure(void **state)
{
    (void)state;
    assert_int_equal(cause_status(BITS_CAUSE_COUNT), 500);
    assert_int_equal(cause_status(CAUSE_BEHIND_LAST), 500);
    assert_int_equal(bits_cause_outcome(BITS_CAUSE_OWN).hresult, BITS_HR_FAIL);
    assert_string_equal(cause_name(CAUSE_BEHIND_LAST), "INTERNAL");
}

/* --- as text -------------------------------------------------------------- */

static void assert_kept(struct bits_outcome outcome, const char *expected)
{
    char text[OUTCOME_TEXT_MAX];
    struct bits_outcome read;

    outcome_format(&outcome, text);
    assert_string_equal(text, expected);
    read = outcome_parse(text);
    assert_memory_equal(&read, &outcome, sizeof(read));
}

static void an_outcome_is_kept_as_text(void **state)
{
    (void)state;
    assert_kept(cause_outcome(BITS_CAUSE_OK), "OK");
    assert_kept(cause_outcome(CAUSE_READ_ONLY), "READ_ONLY");
    assert_kept((struct bits_outcome){.cause = BITS_CAUSE_INTERNAL,
                                      .status = 413,
                                      .hresult = UINT32_MAX,
                                      .context = BITS_CONTEXT_APPLICATION,
                                      .retry_after = 30},
                "INTERNAL 413 4294967295 7 30");
}

/* A version before or after this one may have written it. */
static void a_malformed_outcome_is_our_own_failure(void **state)
{
    static const char *const texts[] = {NULL, "", "NO_CAUSE", "NO_CAUSE 1 2"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(outcome_parse(texts[i]).cause, BITS_CAUSE_INTERNAL);
        assert_int_equal(outcome_parse(texts[i]).status, 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_has_its_status_and_error_code),
        cmocka_unit_test(causes_say_whom_they_concern),
        cmocka_unit_test(names_are_those_of_the_table),
        cmocka_unit_test(sentences_are_words_without_a_full_stop),
        cmocka_unit_test(only_bitsd_names_its_options),
        cmocka_unit_test(an_unknown_cause_is_our_own_failure),
        cmocka_unit_test(an_outcome_is_kept_as_text),
        cmocka_unit_test(a_malformed_outcome_is_our_own_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
