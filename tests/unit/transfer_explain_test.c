/*
 * transfer_explain_test.c: errors in words: every code of the wire, every
 * status of C25, every reason.  The values stand here a second time on purpose.
 */
#include "transfer_world.h"

static struct bits_text text(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

static const uint32_t values[] = {
    0x8020001F, 0x80200020, 0x80070005, 0x80070057, 0x80070070, 0x80070112,
    0x80070002, 0x80070003, 0x80070050, 0x800700B7, 0x800705B4, 0x80004005,
    0x80200005, 0x80200010, 0x80200011, 0x80200012, 0x80200013, 0x8020001C,
    0x8020001D, 0x80200021, 0x80200022, 0x80200023, 0x80200025, 0x80200026,
    0x80200027, 0x80200028, 0x8020002B, 0x8020002C, 0x80200040, 0x80190190,
    0x80190191, 0x80190193, 0x80190194, 0x80190197, 0x80190198, 0x80190199,
    0x8019019B, 0x8019019D, 0x801901A0, 0x801901F4, 0x801901F5, 0x801901F6,
    0x801901F7, 0x801901F8, 0x801901F9, 0x80072EE7, 0x80072EE2, 0x80072EFE,
    0x80072F78, 0x80072F0C,
};

static void every_value_of_the_register_has_a_row_of_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        const struct bits_explanation *row = bits_error_find(values[i]);

        assert_non_null(row);
        assert_int_equal(row->first, values[i]);
        assert_int_equal(row->last, values[i]);
    }
}

static void every_status_that_is_an_error_is_explained(void **state)
{
    (void)state;
    for (uint32_t status = 300; status < 600; status++) {
        assert_non_null(bits_error_find(0x80190000 + status));
    }
    assert_null(bits_error_find(0x80190000));
    assert_null(bits_error_find(0x80190000 + 600));
    assert_null(bits_error_find(0));
    assert_null(bits_error_find(0x80200000));
}

static void people_write_codes_in_many_ways(void **state)
{
    static const struct {
        const char *text;
        const char *name; /* NULL: not known */
    } rows[] = {
        {"0x80190194", "BG_E_HTTP_ERROR_404"},
        {"0X80190194", "BG_E_HTTP_ERROR_404"},
        {"80190194", "BG_E_HTTP_ERROR_404"},
        {"-2145844844", "BG_E_HTTP_ERROR_404"},
        {"2149122452", "BG_E_HTTP_ERROR_404"},
        {"404", "BG_E_HTTP_ERROR_404"},
        {" 404 ", "BG_E_HTTP_ERROR_404"},
        {"BG_E_TOO_LARGE", "BG_E_TOO_LARGE"},
        {"bg_e_too_large", "BG_E_TOO_LARGE"},
        {"0x8020001f", "BG_E_SESSION_NOT_FOUND"},
        {"E_ACCESSDENIED", "E_ACCESSDENIED"},
        {"-2147024891", "E_ACCESSDENIED"},
        {"200", "HTTP 200 OK"},
        {"302", "HTTP 3xx"},
        {"418", "HTTP 4xx"},
        {"599", "HTTP 5xx"},
        {"0x80070112", "0x80070112"},
        {"", NULL},
        {"-", NULL},
        {"0", NULL},
        {"600", NULL},
        {"0x", NULL},
        {"0x1", NULL},
        {"99999999999", NULL},
        {"BG_E_NONSENSE", NULL},
        {"-1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct bits_explanation *row = bits_explain(text(rows[i].text));

        if (!rows[i].name) {
            assert_null(row);
        } else {
            assert_non_null(row);
            assert_string_equal(row->name, rows[i].name);
        }
    }
}

static void assert_words(const char *words)
{
    size_t size = strlen(words);

    assert_true(size > 0);
    assert_int_not_equal(words[size - 1], '.');
    assert_null(strpbrk(words, "\r\n\t"));
}

static void rows_are_words_and_no_row_hides_another(void **state)
{
    const struct bits_explanation *row;
    size_t count = 0;

    (void)state;
    for (; (row = bits_explanation_at(count)) != NULL; count++) {
        assert_words(row->name);
        assert_words(row->meaning);
        assert_words(row->cause);
        assert_words(row->remedy);
        assert_ptr_equal(bits_explain(text(row->name)), row);
        if (row->first == row->last) {
            assert_ptr_equal(bits_error_find(row->first), row);
        } else {
            assert_ptr_equal(bits_error_find(row->last), row);
        }
    }
    assert_true(count > COUNT(values));
}

static void every_reason_has_its_sentence_or_a_better_one(void **state)
{
    (void)state;
    for (unsigned reason = 0; reason < BITS_REASON_COUNT; reason++) {
        const char *sentence = bits_reason_sentence((enum bits_reason)reason);

        if (reason <= BITS_REASON_LOCAL) {
            assert_null(sentence);
        } else {
            assert_non_null(sentence);
            assert_words(sentence);
        }
    }
    assert_null(bits_reason_sentence(BITS_REASON_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_the_register_has_a_row_of_its_own),
        cmocka_unit_test(every_status_that_is_an_error_is_explained),
        cmocka_unit_test(people_write_codes_in_many_ways),
        cmocka_unit_test(rows_are_words_and_no_row_hides_another),
        cmocka_unit_test(every_reason_has_its_sentence_or_a_better_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
