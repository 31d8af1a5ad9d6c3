/*
 * client_prefix_test.c: which section of a configuration goes for a URL.
 */
#include "client/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void prefixes_are_whole_segments_of_the_same_server(void **state)
{
    static const struct {
        const char *url;
        const char *prefix;
        bool below;
    } rows[] = {
        {"https://h/a/b", "https://h/a", true},
        {"https://h/a/b", "https://h/a/", true},
        {"https://h/a", "https://h/a/", true},
        {"https://h/a?q", "https://h/a", true},
        {"https://h/ab", "https://h/a", false},
        {"https://h/a", "https://h/a/b", false},
        {"https://h/A", "https://h/a", false},
        {"https://h/a", "https://h", true},
        {"https://h", "https://h/", true},
        {"HTTPS://H.example/a", "https://h.EXAMPLE/a", true},
        {"https://h:443/a", "https://h/a", true},
        {"http://h/a", "http://h:80/a", true},
        {"http://h:443/a", "http://h/a", false},
        {"https://h:8443/a", "https://h/a", false},
        {"http://h/a", "https://h/a", false},
        {"https://h.evil/a", "https://h", false},
        {"https://h@evil/a", "https://h", false},
        {"https://[::1]/a", "https://[::1]:443/", true},
        {"https://[::1]:9/a", "https://[::1]", false},
        {"https://[::1]/a", "https://[::2]", false},
        {"https://h/a", "h/a", false},
        {"https://h/a", "", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(settings_url_is_below(rows[i].url, rows[i].prefix),
                         rows[i].below);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_are_whole_segments_of_the_same_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
