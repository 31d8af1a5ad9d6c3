/*
 * tests/unit/token_test.c: tokens, the lines of a token_file and the table that
 * finds them.
 */
#include "passwords/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/faults.h"
#include "access/token_table.h"
#include "base/text.h"
#include "passwords/path.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ZEROS_32 "00000000000000000000000000000000"
#define SUM "sha256=" ZEROS_32 ZEROS_32
/* The SHA-256 of "abc", from FIPS 180-4. */
#define SUM_OF_ABC                                                             \
    "sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* --- lines --- */

static void lines_are_told_apart(void **state)
{
    static const struct {
        const char *line;
        const char *fault; /* words of its sentence; NULL: accepted */
    } rows[] = {
        {"ci " SUM, NULL},
        {"  ci\t" SUM "  ", NULL},
        {"ci " SUM " expires=2027-01-31T23:59:59Z", NULL},
        {"ci expires=2027-01-31T23:59:59Z " SUM, NULL},
        {"ci " SUM " rights=head,upload prefix=/a prefix=/", NULL},
        {"ci", "no sha256="},
        {"c:i " SUM, "colon"},
        {"c\xc3\xa9 " SUM, "not ASCII"},
        {"ci sha256=00", "64 hexadecimal"},
        {"ci " SUM "0", "64 hexadecimal"},
        {"ci sha256=g" ZEROS_32 "0000000000000000000000000000000",
         "64 hexadecimal"},
        {"ci " SUM " expires=", "expires="},
        {"ci " SUM " expires=2027-02-31T00:00:00Z", "expires="},
        {"ci " SUM " expires=2027-01-31", "expires="},
        {"ci " SUM " expires=2027-01-31T23:59:59+", "expires="},
        {"ci " SUM " rights=", "rights="},
        {"ci " SUM " rights=upload,all", "rights="},
        {"ci " SUM " prefix=a", "prefix"},
        {"ci " SUM " prefix=", "prefix"},
        {"ci " SUM " other=1", "only sha256="},
        {"ci " SUM " sha256", "only sha256="},
        {"bitsd_0123 " SUM, "in place of a name"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_text text = text_of(rows[i].line);
        struct token_line line;

        assert_true(token_next(&text, &line));
        if (!rows[i].fault) {
            assert_null(line.fault);
            assert_true(text_equal(line.name, TEXT("ci")));
        } else {
            assert_non_null(line.fault);
            assert_non_null(strstr(line.fault, rows[i].fault));
        }
        assert_false(token_next(&text, &line));
    }
}

static void a_line_has_defaults(void **state)
{
    struct bits_text text = TEXT("# comment\n\nci " SUM "\r\n");
    struct token_line line;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(token_next(&text, &line));
        assert_true(!line.fault && line.name.len == 0);
    }
    assert_true(token_next(&text, &line));
    assert_int_equal(line.expires, TOKEN_NEVER);
    assert_int_equal(line.rights, TOKEN_RIGHTS_ALL);
    assert_false(token_next(&text, &line));
}

static void times_are_utc(void **state)
{
    struct bits_text text = TEXT("ci " SUM " expires=2001-09-09T01:46:40Z");
    struct token_line line;
    char written[TOKEN_TIME_SIZE];

    (void)state;
    assert_true(token_next(&text, &line));
    assert_int_equal(line.expires, 1000000000);
    assert_true(token_write_time(1000000000, written));
    assert_string_equal(written, "2001-09-09T01:46:40Z");
    assert_true(token_write_time(INT64_C(253402300799), written));
    assert_false(token_write_time(INT64_C(253402300800), written));
}

/* --- the table --- */

static struct token_table *table_of(const char *text,
                                    struct string_list *errors)
{
    struct report report = {.lines = errors};
    struct token_table *table =
        token_table_new(strdup(text), strlen(text), "/t", &report);

    assert_non_null(table);
    return table;
}

static void a_token_is_found_by_its_hash(void **state)
{
    struct string_list errors = {0};
    struct token_table *table =
        table_of("x " SUM "\nci " SUM_OF_ABC "\ny " SUM "\n", &errors);
    const struct token_entry *entry = token_table_find(table, TEXT("abc"));

    (void)state;
    assert_int_equal(errors.count, 0);
    assert_int_equal(token_table_count(table), 3);
    assert_non_null(entry);
    assert_true(text_equal(entry->name, TEXT("ci")));
    assert_null(token_table_find(table, TEXT("abC")));
    assert_null(token_table_find(table, TEXT("")));
    token_table_free(table);
}

static void prefixes_are_decoded(void **state)
{
    struct string_list errors = {0};
    struct token_table *table =
        table_of("ci " SUM_OF_ABC " prefix=//a/%62// prefix=/c%20d\n", &errors);
    const struct token_entry *entry = token_table_find(table, TEXT("abc"));

    (void)state;
    assert_int_equal(entry->prefix_count, 2);
    assert_string_equal(entry->prefixes[0], "/a/b");
    assert_string_equal(entry->prefixes[1], "/c d");
    assert_true(token_entry_covers(entry, TEXT("/a/b/x")));
    assert_true(token_entry_covers(entry, TEXT("/%61//b")));
    assert_false(token_entry_covers(entry, TEXT("/a/bc")));
    assert_false(token_entry_covers(entry, TEXT("/a")));
    token_table_free(table);
}

static void a_prefix_that_is_no_folder_is_a_fault(void **state)
{
    struct string_list errors = {0};
    struct token_table *table = table_of("a " SUM " prefix=/x/../y\n"
                                         "b " SUM " prefix=/%2e%2e\n"
                                         "c " SUM " prefix=/x%2fy\n"
                                         "d " SUM " prefix=/%zz\n",
                                         &errors);

    (void)state;
    assert_int_equal(token_table_count(table), 0);
    assert_int_equal(errors.count, 4);
    assert_string_equal(errors.items[0],
                        "/t:1: token a: prefix= cannot be a folder");
    string_list_done(&errors);
    token_table_free(table);
}

static void a_token_in_place_of_a_name_is_not_quoted(void **state)
{
    struct string_list errors = {0};
    struct token_table *table = table_of("bitsd_secret\n", &errors);

    (void)state;
    assert_int_equal(errors.count, 1);
    assert_null(strstr(errors.items[0], "secret"));
    string_list_done(&errors);
    token_table_free(table);
}

static void faults_are_limited(void **state)
{
    struct string_list errors = {0};
    char text[3 * FAULTS_MAX + 1];
    struct token_table *table;

    (void)state;
    for (size_t i = 0; i < FAULTS_MAX + 0U; i++) {
        memcpy(text + 3 * i, "x \n", 3);
    }
    text[sizeof(text) - 1] = '\0';
    table = table_of(text, &errors);
    assert_int_equal(errors.count, FAULTS_MAX);
    assert_string_equal(errors.items[FAULTS_MAX - 1],
                        "/t: more lines have faults; is it a token file?");
    string_list_done(&errors);
    token_table_free(table);
}

/* --- paths --- */

static void paths_have_one_form(void **state)
{
    static const struct {
        const char *raw;
        const char *path; /* NULL: refused */
        bool is_folder;
    } rows[] = {
        {"/", "/", true},          {"//", "/", true},
        {"/a", "/a", false},       {"/a/", "/a", true},
        {"//a//b", "/a/b", false}, {"/%61/b%20c/", "/a/b c", true},
        {"/%2e", NULL, false},     {"/..", NULL, false},
        {"/a/./b", NULL, false},   {"/a/%2E%2e/b", NULL, false},
        {"/a%2fb", NULL, false},   {"/a%5cb", NULL, false},
        {"/a%00", NULL, false},    {"/a%", NULL, false},
        {"a", NULL, false},        {"", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[64];
        bool is_folder = false;
        bool done = path_canonical(text_of(rows[i].raw), path, sizeof(path),
                                   &is_folder);

        assert_int_equal(done, rows[i].path != NULL);
        if (done) {
            assert_string_equal(path, rows[i].path);
            assert_int_equal(is_folder, rows[i].is_folder);
        }
    }
}

static void a_path_needs_its_room(void **state)
{
    char path[4];
    bool is_folder;

    (void)state;
    assert_true(path_canonical(TEXT("/ab"), path, 4, &is_folder));
    assert_false(path_canonical(TEXT("/ab"), path, 3, &is_folder));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_told_apart),
        cmocka_unit_test(a_line_has_defaults),
        cmocka_unit_test(times_are_utc),
        cmocka_unit_test(a_token_is_found_by_its_hash),
        cmocka_unit_test(prefixes_are_decoded),
        cmocka_unit_test(a_prefix_that_is_no_folder_is_a_fault),
        cmocka_unit_test(a_token_in_place_of_a_name_is_not_quoted),
        cmocka_unit_test(faults_are_limited),
        cmocka_unit_test(paths_have_one_form),
        cmocka_unit_test(a_path_needs_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
