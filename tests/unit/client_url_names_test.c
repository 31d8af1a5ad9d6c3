/*
 * client_url_names_test.c: names of files in URLs.
 */
#include "client/files/url_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void some_urls_want_a_name(void **state)
{
    static const struct {
        const char *url;
        bool wants;
    } rows[] = {
        {"http://h", true},    {"http://h:80", true},
        {"http://h/", true},   {"http://h/a/", true},
        {"http://h/a", false}, {"http://h/a/?q", false},
        {"http://h?q", false}, {"http://h/a?to=/b/", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(url_wants_name(rows[i].url), rows[i].wants);
    }
}

static void only_what_no_url_holds_is_escaped_in_urls(void **state)
{
    static const struct {
        const char *url;
        const char *clean;
    } rows[] = {
        {"http://h/a%20b", "http://h/a%20b"},
        {"http://h/a%", "http://h/a%"},
        {"http://h/a b", "http://h/a%20b"},
        {"http://h/\xc3\xbc?q=[1]&x='", "http://h/%C3%BC?q=[1]&x='"},
        {"http://h/a\\b\"<>^`{|}\x7f\t",
         "http://h/a%5Cb%22%3C%3E%5E%60%7B%7C%7D%7F%09"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *clean = url_clean(rows[i].url);

        assert_string_equal(clean, rows[i].clean);
        free(clean);
    }
}

static void all_of_a_name_is_escaped(void **state)
{
    static const struct {
        const char *url;
        const char *name;
        const char *whole;
    } rows[] = {
        {"http://h", "a", "http://h/a"},
        {"http://h/", "a", "http://h/a"},
        {"http://h/u/", "d/a b", "http://h/u/d/a%20b"},
        {"http://h/u/", "%41?#&=+;@:,$!*'()[]",
         "http://h/u/%2541%3F%23%26%3D%2B%3B%40%3A%2C%24%21%2A%27%28%29%5B%5D"},
        {"http://h/u/", "\xff~-_.", "http://h/u/%FF~-_."},
        {"http://h/u v/", "a", "http://h/u%20v/a"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *whole = url_append_name(rows[i].url, rows[i].name);

        assert_string_equal(whole, rows[i].whole);
        free(whole);
    }
}

static void knows_the_names_that_iis_refuses(void **state)
{
    static const char *const refused[] = {
        "a<b",     "a%b",   "a&b",        "a:b",        "a\\b",
        "a?b",     "a+b",   "a.",         "a ",         "CON",
        "con.txt", "LPT1",  "com9.a.b",   "web.config", "x.CONFIG",
        "d/x.cs",  "bin/x", "App_Data/x", "d+/x",
    };
    static const char *const taken[] = {
        "a",        "a b.txt",  "CONSOLE", "com10",    "LPT",        "cs",
        "x.cs.txt", "binary/x", "a#b",     "\xc3\xbc", "x.config/y",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_non_null(url_name_iis_fault(refused[i]));
    }
    for (size_t i = 0; i < COUNT(taken); i++) {
        assert_null(url_name_iis_fault(taken[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_urls_want_a_name),
        cmocka_unit_test(only_what_no_url_holds_is_escaped_in_urls),
        cmocka_unit_test(all_of_a_name_is_escaped),
        cmocka_unit_test(knows_the_names_that_iis_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
