/*
 * naming_test.c: which names of files a section takes, and their destinations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/text.h"
#include "config/store_as.h"
#include "upload/naming.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct config_upload any = {.names = CONFIG_NAMES_ANY,
                                         .max_name_length = 255};
static const struct config_upload windows = {.names = CONFIG_NAMES_WINDOWS_SAFE,
                                             .max_name_length = 255};

static void assert_cause(const struct config_upload *section, const char *name,
                         enum bits_cause expected, const char *fault)
{
    char *destination = NULL;
    char words[NAMING_FAULT_MAX];
    const struct naming naming = {.section = section, .name = name};
    enum bits_cause cause = naming_find(&naming, &destination, words);

    if (cause != expected) {
        fail_msg("\"%s\": %s, not %s", name, cause_name(cause),
                 cause_name(expected));
    }
    assert_string_equal(words, fault);
    assert_int_equal(destination != NULL, cause == BITS_CAUSE_OK);
    free(destination);
}

static void assert_destination(const struct config_upload *section,
                               const char *name, const char *expected)
{
    char *destination = NULL;
    char words[NAMING_FAULT_MAX];
    const struct naming naming = {.section = section, .name = name};

    assert_int_equal(naming_find(&naming, &destination, words), BITS_CAUSE_OK);
    assert_string_equal(destination, expected);
    free(destination);
}

/* --- windows-safe -------------------------------------------------------- */

static const struct {
    const char *name;
    enum bits_cause cause;
    const char *fault;
} rows[] = {
    {"a.bin", BITS_CAUSE_OK, ""},
    {"a b/\xc3\xa4.bin", BITS_CAUSE_OK, ""},
    {" leading", BITS_CAUSE_OK, ""},
    {"\xff", CAUSE_NAME_NOT_UTF8, ""},
    {"a/\xc3/b", CAUSE_NAME_NOT_UTF8, ""},
    {"\xed\xa0\x80", CAUSE_NAME_NOT_UTF8, ""}, /* a surrogate */
    {"\xc0\xaf", CAUSE_NAME_NOT_UTF8, ""},     /* a slash in two bytes */
    {"a:b", CAUSE_NAME_CHARACTER, "U+003A"},
    {"a?", CAUSE_NAME_CHARACTER, "U+003F"},
    {"*", CAUSE_NAME_CHARACTER, "U+002A"},
    {"<", CAUSE_NAME_CHARACTER, "U+003C"},
    {">", CAUSE_NAME_CHARACTER, "U+003E"},
    {"|", CAUSE_NAME_CHARACTER, "U+007C"},
    {"\"/a", CAUSE_NAME_CHARACTER, "U+0022"},
    {"a\xc2\x85", CAUSE_NAME_CHARACTER, "U+0085"},
    {"a\xe2\x80\xae"
     "fdp.exe",
     CAUSE_NAME_INVISIBLE, "U+202E"},
    {"a\xe2\x80\x8b", CAUSE_NAME_INVISIBLE, "U+200B"},
    {"\xef\xbb\xbf"
     "a",
     CAUSE_NAME_INVISIBLE, "U+FEFF"},
    {"a\xe2\x81\xa9/b", CAUSE_NAME_INVISIBLE, "U+2069"},
    {"a\xe2\x80\xa8", CAUSE_NAME_INVISIBLE, "U+2028"},
    {"a\xef\xb8\x80", CAUSE_NAME_INVISIBLE, "U+FE00"},
    {"\xe3\x85\xa4", CAUSE_NAME_INVISIBLE, "U+3164"},
    {".a", CAUSE_NAME_BEGINNING, ""},
    {".a/b", CAUSE_NAME_BEGINNING, ""},
    {"a.", CAUSE_NAME_ENDING, ""},
    {"a./b", CAUSE_NAME_ENDING, ""},
    {"a ", CAUSE_NAME_ENDING, ""},
    {" ", CAUSE_NAME_ENDING, ""},
    {"a\xc2\xa0", CAUSE_NAME_ENDING, ""},
    {"a\xe3\x80\x80", CAUSE_NAME_ENDING, ""},
    {"NUL", CAUSE_NAME_DEVICE, "NUL"},
    {"nul.tar.gz", CAUSE_NAME_DEVICE, "nul"},
    {"Con.txt", CAUSE_NAME_DEVICE, "Con"},
    {"aux .txt", CAUSE_NAME_DEVICE, "aux"},
    {"prn/a", CAUSE_NAME_DEVICE, "prn"},
    {"COM0", CAUSE_NAME_DEVICE, "COM0"},
    {"COM9.log", CAUSE_NAME_DEVICE, "COM9"},
    {"lpt1", CAUSE_NAME_DEVICE, "lpt1"},
    {"COM\xc2\xb9", CAUSE_NAME_DEVICE, "COM\xc2\xb9"},
    {"LPT\xc2\xb3.x", CAUSE_NAME_DEVICE, "LPT\xc2\xb3"},
    {"CONIN$", CAUSE_NAME_DEVICE, "CONIN$"},
    {"conout$.x", CAUSE_NAME_DEVICE, "conout$"},
    {"COM10", BITS_CAUSE_OK, ""},
    {"COM", BITS_CAUSE_OK, ""},
    {"COM\xc2\xb4", BITS_CAUSE_OK, ""},
    {"NULL", BITS_CAUSE_OK, ""},
    {"console.txt", BITS_CAUSE_OK, ""},
    {"a.nul", BITS_CAUSE_OK, ""},
};

static void windows_safe_names_are_those_that_windows_can_have(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_cause(&windows, rows[i].name, rows[i].cause, rows[i].fault);
    }
}

static void any_takes_all_of_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_destination(&any, rows[i].name, rows[i].name);
    }
}

static void windows_safe_names_are_stored_in_nfc(void **state)
{
    (void)state;
    assert_destination(&windows, "A\xcc\x8a/u\xcc\x88.txt",
                       "\xc3\x85/\xc3\xbc.txt");
    assert_destination(&windows, "\xe2\x84\xab", "\xc3\x85");
    assert_destination(&any, "u\xcc\x88", "u\xcc\x88");
    /* Not NFKC: these look different. */
    assert_destination(&windows, "\xef\xac\x81", "\xef\xac\x81");
}

/* --- length -------------------------------------------------------------- */

static void a_name_may_have_max_name_length_bytes(void **state)
{
    struct config_upload section = any;

    (void)state;
    section.max_name_length = 5;
    assert_cause(&section, "abcde/12345", BITS_CAUSE_OK, "");
    assert_cause(&section, "abcdef", CAUSE_NAME_TOO_LONG, "6 bytes, 5 allowed");
    assert_cause(&section, "abcdef/a", CAUSE_NAME_TOO_LONG,
                 "6 bytes, 5 allowed");
    assert_cause(&section,
                 "a/abc\xc3\xbc"
                 "f",
                 CAUSE_NAME_TOO_LONG, "6 bytes, 5 allowed");
}

/* A character of 3 bytes whose NFC has 6. */
static void a_name_that_nfc_makes_too_long_is_refused(void **state)
{
    char name[3 * 43 + 1] = "";

    (void)state;
    for (size_t i = 0; i < 43; i++) {
        assert_cause(&windows, i > 0 ? name : "a", BITS_CAUSE_OK, "");
        memcpy(name + 3 * i, "\xe0\xa5\x98", 4);
    }
    assert_cause(&windows, name, CAUSE_NAME_TOO_LONG, "258 bytes, 255 allowed");
    assert_cause(&any, name, BITS_CAUSE_OK, "");
}

/* --- allowed_names ------------------------------------------------------- */

static void the_name_of_the_file_must_match_a_pattern(void **state)
{
    static char zip[] = "*.zip";
    static char report[] = "report-?.l*g";
    static char umlaut[] = "\xc3\x84*";
    char *patterns[] = {zip, report, umlaut};
    struct config_upload section = any;

    (void)state;
    section.allowed_names = (struct string_list){patterns, COUNT(patterns)};
    assert_cause(&section, "a.zip", BITS_CAUSE_OK, "");
    assert_cause(&section, "x/A.Zip", BITS_CAUSE_OK, "");
    assert_cause(&section, ".zip", BITS_CAUSE_OK, "");
    assert_cause(&section, "report-\xc3\xbc.log", BITS_CAUSE_OK, "");
    assert_cause(&section, "\xc3\xa4.bin", BITS_CAUSE_OK, "");
    assert_cause(&section, "A\xcc\x88.bin", BITS_CAUSE_OK, "");
    assert_cause(&section, "\xff.zip", BITS_CAUSE_OK, "");
    assert_cause(&section, "a.zip.exe", CAUSE_NAME_NOT_ALLOWED, "");
    assert_cause(&section, "a.zip/b", CAUSE_NAME_NOT_ALLOWED, "");
    assert_cause(&section, "report-10.log", CAUSE_NAME_NOT_ALLOWED, "");
    assert_cause(&section, "zip", CAUSE_NAME_NOT_ALLOWED, "");
}

/* --- store_as ------------------------------------------------------------ */

static const struct bits_guid id = {
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xab, 0xcd, 0xef, 0, 1, 2}};

/* The destination of dir/file; empty: refused. */
static const char *stored_as(const struct config_upload *section,
                             const char *user, const char *peer)
{
    static char text[1024];
    const struct naming naming = {.section = section,
                                  .name = "dir/file",
                                  .user = text_of(user),
                                  .peer = text_of(peer),
                                  .id = &id,
                                  .now = 1800000000};
    char *destination = NULL;
    char words[NAMING_FAULT_MAX];

    text[0] = '\0';
    if (naming_find(&naming, &destination, words) == BITS_CAUSE_OK) {
        assert_true(strlen(destination) < sizeof(text));
        memcpy(text, destination, strlen(destination) + 1);
        free(destination);
    }
    return text;
}

static void placeholders_are_replaced(void **state)
{
    static const struct {
        const char *store_as;
        const char *destination;
        uint64_t own_folders;
    } cases[] = {
        {"{path}", "dir/file", 0},
        {"{name}", "file", 0},
        {"{user}/{path}", "ann/dir/file", 1},
        {"in/{user}.d/x-{name}", "in/ann.d/x-file", 2},
        {"{date}/{handle}", "2027-01-15/ABCDEF000102", 1},
        {"{peer}/{user}-{date}", "192.0.2.1/ann-2027-01-15", 1},
        {"fixed", "fixed", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct config_upload section = any;
        char *store_as = strdup(cases[i].store_as);

        section.store_as = store_as;
        assert_null(store_as_fault(store_as));
        assert_string_equal(stored_as(&section, "ann", "192.0.2.1:80"),
                            cases[i].destination);
        assert_int_equal(naming_own_folders(&section), cases[i].own_folders);
        free(store_as);
    }
    assert_int_equal(naming_own_folders(&any), 0);
}

static void values_cannot_leave_their_place(void **state)
{
    static const struct {
        const char *user;
        const char *folder;
    } cases[] = {
        {"ann", "ann"},
        {"..", "%2E%2E"},
        {".", "%2E"},
        {"../x", "%2E.%2Fx"},
        {"a/b", "a%2Fb"},
        {"a%2Fb", "a%252Fb"},
        {"DOM\\ann", "DOM%5Cann"},
        {".bitsd", "%2Ebitsd"},
        {"a\nb", "a%0Ab"},
        {"\x7f", "%7F"},
        {"a.", "a%2E"},
        {"a ", "a%20"},
        {"a b.c", "a b.c"},
        {"<a:b>", "%3Ca%3Ab%3E"},
        {"PC1$", "PC1$"},
        {"ann@example.org", "ann@example.org"},
        {"j\xc3\xbcrgen", "j\xc3\xbcrgen"},
        {"ju\xcc\x88rgen", "ju%CC%88rgen"}, /* decomposed */
        {"a\xe2\x80\x8b", "a%E2%80%8B"},    /* invisible */
        {"\xc3\xbc\xff", "%C3%BC%FF"},      /* not UTF-8 */
        {"", ""},
    };
    static char store_as[] = "{user}/{name}";
    struct config_upload section = any;

    (void)state;
    section.store_as = store_as;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *stored = stored_as(&section, cases[i].user, "");
        size_t size = strlen(cases[i].folder);

        assert_memory_equal(stored, cases[i].folder, size);
        assert_string_equal(stored + size, size > 0 ? "/file" : "");
    }
}

/* 85 bytes become 255. */
static void a_value_is_never_cut(void **state)
{
    static char store_as[] = "{user}/{name}";
    struct config_upload section = any;
    char user[87] = "";

    (void)state;
    section.store_as = store_as;
    memset(user, '%', 85);
    assert_int_equal(strlen(stored_as(&section, user, "")), 255 + 5);
    user[85] = 'a';
    assert_string_equal(stored_as(&section, user, ""), "");
}

static void addresses_are_names(void **state)
{
    static char store_as[] = "{peer}";
    struct config_upload section = any;

    (void)state;
    section.store_as = store_as;
    assert_string_equal(stored_as(&section, "", "192.0.2.1:80"), "192.0.2.1");
    assert_string_equal(stored_as(&section, "", "[2001:db8::1]:80"),
                        "2001-db8--1");
    assert_string_equal(stored_as(&section, "", "[::1]:80"), "--1");
    assert_string_equal(stored_as(&section, "", "unix"), "unix");
}

/* The user PC1 and the computer PC1$ never have one folder. */
static void the_dollar_goes_where_only_computers_are(void **state)
{
    static char store_as[] = "{user}/{name}";
    static char computers[] = "*$";
    static char other[] = "ann";
    static char group[] = "@pcs$";
    char *users[] = {computers, other};
    struct config_upload section = any;

    (void)state;
    section.store_as = store_as;
    assert_string_equal(stored_as(&section, "PC1$", ""), "PC1$/file");
    section.users = (struct string_list){users, 1};
    assert_string_equal(stored_as(&section, "PC1$", ""), "PC1/file");
    assert_string_equal(stored_as(&section, "PC1$$", ""), "PC1$/file");
    assert_string_equal(stored_as(&section, "$", ""), "$/file");
    section.users.count = 2;
    assert_string_equal(stored_as(&section, "PC1$", ""), "PC1$/file");
    users[0] = group;
    section.users.count = 1;
    assert_string_equal(stored_as(&section, "PC1$", ""), "PC1$/file");
}

static void windows_safe_holds_for_the_whole_destination(void **state)
{
    static char store_as[] = "{user}/{name}";
    struct config_upload section = windows;

    (void)state;
    section.store_as = store_as;
    assert_string_equal(stored_as(&section, "ann", ""), "ann/file");
    assert_string_equal(stored_as(&section, "nul", ""), "");
    section.max_name_length = 4;
    assert_string_equal(stored_as(&section, "anna", ""), "anna/file");
    assert_string_equal(stored_as(&section, "annab", ""), "");
}

static void forms_of_store_as(void **state)
{
    static const struct {
        const char *store_as;
        const char *words; /* NULL: valid */
    } cases[] = {
        {"{user}-{date}-{handle}/{name}", NULL},
        {"{user}/{name}.{peer}", NULL},
        {"..a/.b", NULL},
        {"", "empty parts"},
        {"/{name}", "empty parts"},
        {"{user}/", "empty parts"},
        {"a//{name}", "empty parts"},
        {"../{name}", "empty parts"},
        {"a/./{name}", "empty parts"},
        {"{users}/{name}", "brace"},
        {"{User}/{name}", "brace"},
        {"{user/{name}", "brace"},
        {"user}/{name}", "brace"},
        {"{}", "brace"},
        {"{path}/{name}", "middle"},
        {"x{path}", "middle"},
        {"{user}{name}", "two users"},
        {"{user}-{peer}/{name}", "two users"},
        {"{user}{user}/{name}", "two users"},
        {"a\\b", "backslash"},
        {"a\tb", "control"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *words = store_as_fault(cases[i].store_as);

        if (!words != !cases[i].words ||
            (words && !strstr(words, cases[i].words))) {
            fail_msg("\"%s\" %s", cases[i].store_as, words ? words : "");
        }
    }
}

static void patterns(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"*", "", true},
        {"?", "", false},
        {"a", "", false},
        {"", "a", false},
        {"a*b", "ab", true},
        {"a*b", "aXbXb", true},
        {"a*b", "aXbX", false},
        {"**", "abc", true},
        {"*a*b*", "xaxb", true},
        {"*a*b*", "xbxa", false},
        {"a?c", "abc", true},
        {"[a]", "a", false},
        {"[a]", "[a]", true},
        {"*?", "\xc3\xa4", true},
        {"*??", "\xe2\x82\xac", false},
        {"??", "\xc3\xa4\xc3\xa4", true},
        {"*a", "aaaab", false},
        {"*.tar.*", "x.tar.tar.gz", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (glob_matches(text_of(cases[i].pattern), text_of(cases[i].text)) !=
            cases[i].matches) {
            fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].text);
        }
    }
}

/* Backtracking to more than the last star would take years. */
static void a_pattern_with_many_stars_ends(void **state)
{
    static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab";
    char text[255];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_false(
        glob_matches(TEXT(pattern), (struct bits_text){text, sizeof(text)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_safe_names_are_those_that_windows_can_have),
        cmocka_unit_test(any_takes_all_of_them),
        cmocka_unit_test(windows_safe_names_are_stored_in_nfc),
        cmocka_unit_test(a_name_may_have_max_name_length_bytes),
        cmocka_unit_test(a_name_that_nfc_makes_too_long_is_refused),
        cmocka_unit_test(the_name_of_the_file_must_match_a_pattern),
        cmocka_unit_test(placeholders_are_replaced),
        cmocka_unit_test(values_cannot_leave_their_place),
        cmocka_unit_test(a_value_is_never_cut),
        cmocka_unit_test(addresses_are_names),
        cmocka_unit_test(the_dollar_goes_where_only_computers_are),
        cmocka_unit_test(windows_safe_holds_for_the_whole_destination),
        cmocka_unit_test(forms_of_store_as),
        cmocka_unit_test(patterns),
        cmocka_unit_test(a_pattern_with_many_stars_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
