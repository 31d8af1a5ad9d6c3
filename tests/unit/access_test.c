/*
 * tests/unit/access_test.c: what signing in rests on: the cache of passwords,
 * the budgets of failures, the value of Authorization.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/basic_text.h"
#include "access/failures.h"
#include "access/group_table.h"
#include "access/password_cache.h"
#include "access/password_table.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND UINT64_C(1000000000)

/* --- the cache --- */

static struct password_digest digest_of(const struct password_cache *cache,
                                        const char *a, const char *b)
{
    const char *const texts[] = {a, b};
    struct password_digest digest;

    assert_true(password_cache_digest(cache, texts, 2, &digest));
    return digest;
}

static bool finds(const struct password_cache *cache, const char *a,
                  const char *b, uint64_t checked)
{
    const struct password_digest digest = digest_of(cache, a, b);
    uint64_t found;

    return password_cache_find(cache, &digest, &found) && found == checked;
}

static void add(struct password_cache *cache, const char *a, const char *b,
                uint64_t now)
{
    const struct password_digest digest = digest_of(cache, a, b);

    password_cache_add(cache, &digest, now);
}

static void the_cache_tells_texts_apart(void **state)
{
    struct password_cache cache;

    (void)state;
    assert_true(password_cache_init(&cache, 100));
    add(&cache, "ann", "sx", 5);
    assert_true(finds(&cache, "ann", "sx", 5));
    assert_false(finds(&cache, "anns", "x", 5));
    assert_false(finds(&cache, "ann", "s", 5));
    add(&cache, "ann", "sx", 9);
    assert_true(finds(&cache, "ann", "sx", 9));
    password_cache_done(&cache);
}

static void each_cache_has_a_key_of_its_own(void **state)
{
    struct password_cache one;
    struct password_cache other;
    struct password_digest a;
    struct password_digest b;

    (void)state;
    assert_true(password_cache_init(&one, 1));
    assert_true(password_cache_init(&other, 1));
    a = digest_of(&one, "ann", "secret");
    b = digest_of(&other, "ann", "secret");
    assert_memory_not_equal(&a, &b, sizeof(a));
    password_cache_done(&one);
    password_cache_done(&other);
}

/* 8 fit into one row, where the oldest gives way. */
static void the_oldest_entry_gives_way(void **state)
{
    struct password_cache cache;
    char name[] = "a";

    (void)state;
    assert_true(password_cache_init(&cache, 8));
    for (uint64_t i = 1; i <= 9; i++) {
        name[0] = (char)('a' + i);
        add(&cache, name, "", i);
    }
    assert_false(finds(&cache, "b", "", 1));
    for (uint64_t i = 2; i <= 9; i++) {
        name[0] = (char)('a' + i);
        assert_true(finds(&cache, name, "", i));
    }
    password_cache_done(&cache);
}

/* --- failures --- */

static const struct failures_who ann = {1, 2};
static const struct failures_who bob = {1, 3};
static const struct failures_who far = {4, 5};

static unsigned take_all(struct failures *failures, struct failures_who who,
                         uint64_t burst, uint64_t now)
{
    unsigned taken = 0;

    while (failures_take(failures, who, burst, now)) {
        taken++;
    }
    return taken;
}

static void a_name_has_a_burst_and_then_one_a_second(void **state)
{
    struct failures *failures = calloc(1, sizeof(*failures));

    (void)state;
    assert_non_null(failures);
    assert_int_equal(take_all(failures, ann, 5, SECOND), 5);
    assert_int_equal(take_all(failures, ann, 5, SECOND * 19 / 10), 0);
    assert_int_equal(take_all(failures, ann, 5, SECOND * 2), 1);
    assert_int_equal(take_all(failures, bob, 5, SECOND * 2), 5);
    assert_int_equal(take_all(failures, far, 5, SECOND * 2), 5);
    assert_int_equal(take_all(failures, ann, 5, SECOND * 1000), 5);
    free(failures);
}

static void an_address_has_ten_times_as_many(void **state)
{
    struct failures *failures = calloc(1, sizeof(*failures));
    struct failures_who who = {1, 100};
    unsigned taken = 0;

    (void)state;
    assert_non_null(failures);
    for (; who.name < 200; who.name++) {
        taken += take_all(failures, who, 2, SECOND);
    }
    assert_int_equal(taken, 20);
    assert_int_equal(take_all(failures, far, 2, SECOND), 2);
    /* It fills up by ten in a second. */
    who.name = 300;
    assert_int_equal(take_all(failures, who, 2, SECOND * 3 / 2), 2);
    free(failures);
}

static void a_success_gives_back_what_it_took(void **state)
{
    struct failures *failures = calloc(1, sizeof(*failures));

    (void)state;
    assert_non_null(failures);
    for (int i = 0; i < 100; i++) {
        assert_true(failures_take(failures, ann, 1, SECOND));
        failures_return(failures, ann, 1, SECOND);
    }
    assert_int_equal(take_all(failures, ann, 1, SECOND), 1);
    /* What is given back late makes no burst larger. */
    failures_return(failures, ann, 1, SECOND * 100);
    assert_int_equal(take_all(failures, ann, 1, SECOND * 200), 1);
    free(failures);
}

/* More than there is room for: the one used longest ago begins anew. */
static void too_many_budgets_forget_the_oldest(void **state)
{
    struct failures *failures = calloc(1, sizeof(*failures));

    (void)state;
    assert_non_null(failures);
    for (uint64_t i = 1; i <= FAILURES_WIDTH + 1; i++) {
        const struct failures_who who = {7, 1 + i * FAILURES_ROWS};

        assert_int_equal(take_all(failures, who, 1, SECOND + i), 1);
    }
    assert_int_equal(take_all(failures,
                              (struct failures_who){8, 1 + FAILURES_ROWS}, 1,
                              SECOND + 100),
                     1);
    assert_int_equal(
        take_all(failures,
                 (struct failures_who){8, 1 + FAILURES_WIDTH * FAILURES_ROWS},
                 1, SECOND + 100),
        0);
    free(failures);
}

/* --- Authorization --- */

static void the_value_of_authorization_is_read(void **state)
{
    struct basic_text text;

    (void)state;
    assert_true(basic_text_read(TEXT("Basic QTpi"), &text));
    assert_true(text_equal(text.user, TEXT("A")));
    assert_string_equal(text.password, "b");
    assert_true(basic_text_read(TEXT("bASIC   YW5uOjo6Og=="), &text));
    assert_true(text_equal(text.user, TEXT("ann")));
    assert_string_equal(text.password, ":::");
    assert_true(basic_text_read(TEXT("Basic YW5uOg=="), &text));
    assert_string_equal(text.password, "");
    assert_false(basic_text_read(TEXT("Basic"), &text));
    assert_false(basic_text_read(TEXT("Basicx QTpi"), &text));
    assert_false(basic_text_read(TEXT("Basic QTp"), &text));
    assert_false(basic_text_read(TEXT("Basic QT=i"), &text));
    assert_false(basic_text_read(TEXT("Basic Q==="), &text));
    assert_false(basic_text_read(TEXT("Basic ===="), &text));
    assert_false(basic_text_read(TEXT("Basic QTpi QTpi"), &text));
    assert_false(basic_text_read(TEXT("Basic QTpiAA=="), &text));
}

/* --- tables --- */

static void the_first_of_two_lines_with_one_name_counts(void **state)
{
    static const char lines[] =
        "b:$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnop"
        "qrstuvwxyzABCDE\n"
        "a:$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnop"
        "qrstuvwxyzABCDF\n"
        "b:$2b$04$abcdefghijklmnopqrstuuabcdefghijklmnop"
        "qrstuvwxyzABCDG";
    struct string_list errors = {0};
    struct report report = {.lines = &errors};
    struct password_table *table =
        password_table_new(strdup(lines), sizeof(lines) - 1, "/p", &report);

    (void)state;
    assert_non_null(table);
    assert_int_equal(table->count, 2);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.items[0],
                        "/p:3: user b: the name is on line 1, too; remove one");
    assert_non_null(
        strstr(password_table_find(table, TEXT("b"))->hash, "ABCDE"));
    assert_non_null(
        strstr(password_table_find(table, TEXT("a"))->hash, "ABCDF"));
    assert_null(password_table_find(table, TEXT("bb")));
    assert_null(password_table_find(table, TEXT("")));
    password_table_free(table);
    string_list_done(&errors);
}

/* Of a file that is something else only the first faults are named. */
static void faults_without_end_are_not_all_named(void **state)
{
    enum { LINES = 5000 };
    char *text = malloc(4 * LINES + 1);
    struct string_list errors = {0};
    struct report report = {.lines = &errors};
    struct password_table *table;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++) {
        memcpy(text + 4 * i, "a:b\n", 5);
    }
    table = password_table_new(text, (size_t)4 * LINES, "/p", &report);
    assert_non_null(table);
    assert_int_equal(table->count, 0);
    assert_true(report.failed);
    assert_int_equal(errors.count, 100);
    assert_non_null(strstr(errors.items[98], "/p:99: user a: "));
    assert_string_equal(errors.items[99],
                        "/p: more lines have faults; is it a password file?");
    password_table_free(table);
    string_list_done(&errors);
}

/* --- groups --------------------------------------------------------------- */

static void groups_have_the_members_of_all_their_lines(void **state)
{
    static const char lines[] = "a: ann bob\n"
                                "\n"
                                "# c: eve\n"
                                " b :\teve \r\n"
                                "a: zoe\n"
                                "empty:\n"
                                "no colon\n"
                                ": eve\n"
                                "two words: eve\n"
                                "last: a:b";
    struct string_list errors = {0};
    struct report report = {.lines = &errors};
    struct group_table *table =
        group_table_new(strdup(lines), sizeof(lines) - 1, "/g", &report);

    (void)state;
    assert_int_equal(group_table_count(table), 5);
    assert_true(group_table_has(table, TEXT("a"), TEXT("bob")));
    assert_true(group_table_has(table, TEXT("a"), TEXT("zoe")));
    assert_true(group_table_has(table, TEXT("b"), TEXT("eve")));
    assert_true(group_table_has(table, TEXT("last"), TEXT("a:b")));
    assert_false(group_table_has(table, TEXT("a"), TEXT("eve")));
    assert_false(group_table_has(table, TEXT("a"), TEXT("bo")));
    assert_false(group_table_has(table, TEXT("a"), TEXT("bobb")));
    assert_false(group_table_has(table, TEXT("empty"), TEXT("")));
    assert_false(group_table_has(table, TEXT("# c"), TEXT("eve")));
    assert_int_equal(errors.count, 3);
    assert_string_equal(errors.items[0],
                        "/g:7: no colon; write \"GROUP: USER USER\"");
    string_list_done(&errors);
    group_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_have_the_members_of_all_their_lines),
        cmocka_unit_test(the_cache_tells_texts_apart),
        cmocka_unit_test(each_cache_has_a_key_of_its_own),
        cmocka_unit_test(the_oldest_entry_gives_way),
        cmocka_unit_test(a_name_has_a_burst_and_then_one_a_second),
        cmocka_unit_test(an_address_has_ten_times_as_many),
        cmocka_unit_test(a_success_gives_back_what_it_took),
        cmocka_unit_test(too_many_budgets_forget_the_oldest),
        cmocka_unit_test(the_value_of_authorization_is_read),
        cmocka_unit_test(the_first_of_two_lines_with_one_name_counts),
        cmocka_unit_test(faults_without_end_are_not_all_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
