/*
 * The URLs of public_url and the origins of pages: config/web_url.h.
 */
#include "config/web_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void takes_urls_with_and_without_a_port(void **state)
{
    static const struct {
        const char *text;
        bool is_https;
        const char *host;
        unsigned port;
        const char *path;
    } rows[] = {
        {"http://a", false, "a", 80, ""},
        {"HTTPS://A.b-c_d", true, "A.b-c_d", 443, ""},
        {"https://a:1/", true, "a", 1, "/"},
        {"http://[::1]:65535/x?y", false, "[::1]", 65535, "/x?y"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_web_url url;

        assert_true(config_web_url_read(text_of(rows[i].text), &url));
        assert_int_equal(url.is_https, rows[i].is_https);
        assert_true(text_equal(url.host, text_of(rows[i].host)));
        assert_int_equal(url.port, rows[i].port);
        assert_true(text_equal(url.path, text_of(rows[i].path)));
    }
}

static void refuses_other_texts(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "a",
        "//a",
        "ftp://a",
        "http:/a",
        "http://",
        "http://:80",
        "http://a:",
        "http://a:0",
        "http://a:65536",
        "http://a:x",
        "http://a b",
        "http://a/ b",
        "http://u@a",
        "http://[::1",
        "http://[]",
        "http://a,b",
        "http://[::1]x",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct config_web_url url;

        assert_false(config_web_url_read(text_of(texts[i]), &url));
    }
}

static bool same(const char *a, const char *b)
{
    struct config_web_url first;
    struct config_web_url second;

    assert_true(config_web_url_read(text_of(a), &first));
    assert_true(config_web_url_read(text_of(b), &second));
    return config_web_url_is_same_origin(&first, &second);
}

static void an_origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    assert_true(same("https://a", "https://A:443/x"));
    assert_true(same("http://a:80", "http://a"));
    assert_false(same("http://a", "https://a"));
    assert_false(same("http://a:443", "https://a"));
    assert_false(same("http://a", "http://b"));
    assert_false(same("http://a:81", "http://a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_with_and_without_a_port),
        cmocka_unit_test(refuses_other_texts),
        cmocka_unit_test(an_origin_is_scheme_host_and_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
