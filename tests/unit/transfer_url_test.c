/*
 * transfer_url_test.c: which URLs can be uploaded to, hosts in their place, and
 * reply URLs: C36, C43.
 */
#include "transfer_world.h"

#include "protocol/transfer_url.h"

static struct bits_text text(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

static void only_absolute_http_urls_can_be_uploaded_to(void **state)
{
    static const struct {
        const char *url;
        bool usable;
    } rows[] = {
        {"http://srv.example/up/hello.txt", true},
        {"HTTPS://srv.example:8443/a?b=c", true},
        {"http://[::1]:8080/a", true},
        {"http://127.0.0.1/a", true},
        {"http://user@srv.example/a", true},
        {"/up/hello.txt", false},
        {"ftp://srv.example/a", false},
        {"http:///a", false},
        {"http://srv example/a", false},
        {"http://srv.example:65536/a", false},
        {"http://srv.example:x/a", false},
        {"http://[::1/a", false},
        {"http://[::1]x/a", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_transfer_options options = {.url = text(rows[i].url)};
        struct bits_transfer transfer;

        assert_int_equal(bits_transfer_start(&transfer, &options),
                         rows[i].usable);
    }
}

static void a_url_has_a_longest(void **state)
{
    static char url[BITS_URL_MAX + 1];
    struct bits_transfer_options options = {.url = {url, BITS_URL_MAX}};
    struct bits_transfer transfer;

    (void)state;
    memset(url, 'a', sizeof(url));
    memcpy(url, "http://h/", 9);
    assert_true(bits_transfer_start(&transfer, &options));
    options.url.len++;
    assert_false(bits_transfer_start(&transfer, &options));
}

/* C36 */
static void only_the_host_is_replaced(void **state)
{
    static const struct {
        const char *url;
        const char *host;
        const char *result;
    } rows[] = {
        {"http://srv/up/a", "n7", "http://n7/up/a"},
        {"https://srv:8443/up/a?b=c", "n7", "https://n7:8443/up/a?b=c"},
        {"http://srv/a", "2001:db8::7", "http://[2001:db8::7]/a"},
        {"http://[::1]:80/a?", "10.0.0.7", "http://10.0.0.7:80/a?"},
        {"http://user:word@srv:81/a", "n7", "http://n7:81/a"},
        {"http://srv", "n7", "http://n7/"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[BITS_URL_ROOM];

        assert_string_equal(
            url_with_host(text(rows[i].url), text(rows[i].host), room).ptr,
            rows[i].result);
    }
}

/* C36 */
static void hosts_are_names_and_addresses_without_anything_else(void **state)
{
    static const struct {
        const char *text;
        bool host;
    } rows[] = {
        {"node7.example", true}, {"NODE_7", true},         {"10.0.0.7", true},
        {"2001:db8::7", true},   {"::ffff:1.2.3.4", true}, {"", false},
        {"a/b", false},          {"a:80", false},          {"[::1]", false},
        {"a b", false},          {"a@b", false},           {"http://a", false},
        {"fe80::1%e", false},    {"a?b", false},           {"a\\b", false},
        {"\xc3\xa4", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(url_is_host(text(rows[i].text)), rows[i].host);
    }
}

/* C43 */
static void reply_urls_are_resolved_as_windows_means_them(void **state)
{
    static const struct {
        const char *url;
        const char *reply;
        const char *result; /* empty: refused */
    } rows[] = {
        {"http://srv/up/a.txt?q=1",
         "BITS-Sessions\\Replies\\{5B0C}\\responsefile.bin",
         "http://srv/up/BITS-Sessions/Replies/%7B5B0C%7D/responsefile.bin"},
        {"http://srv/up/a", "r file", "http://srv/up/r%20file"},
        {"http://srv/up/a", "/r", "http://srv/r"},
        {"http://srv/up/a", "\\r\\s", "http://srv/r/s"},
        {"http://srv:81/up/a", "r?x=a:b", "http://srv:81/up/r?x=a:b"},
        {"http://me@srv/a", "r", "http://srv/r"},
        {"http://srv/a", "http://other/r", "http://other/r"},
        {"http://srv/a", "HTTPS://other:8443/r", "HTTPS://other:8443/r"},
        {"http://srv/a", "http:\\\\other\\r", "http://other/r"},
        {"https://srv/a", "//other/r", "https://other/r"},
        {"http://srv/a", "\xc3\xa4", "http://srv/%C3%A4"},
        {"http://srv", "r", "http://srv/r"},
        {"https://srv/a", "http://srv/r", ""},
        {"http://srv/a", "ftp://srv/r", ""},
        {"http://srv/a", "file:///etc/passwd", ""},
        {"http://srv/a", "javascript:1", ""},
        {"http://srv/a", "http:r", ""},
        {"http://srv/a", "http://", ""},
        {"http://srv/a", "///r", ""},
        {"http://srv/a", "r\tx", ""},
        {"http://srv/a", "r#x", ""},
        {"http://srv/a", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[BITS_URL_ROOM];

        assert_string_equal(
            url_of_reply(text(rows[i].url), text(rows[i].reply), room).ptr,
            rows[i].result);
    }
}

static void any_reply_url_fits_into_its_room(void **state)
{
    static char url[BITS_URL_MAX];
    static char reply[BITS_REPLY_URL_MAX];
    static char room[BITS_URL_ROOM];

    (void)state;
    memset(url, 'a', sizeof(url));
    memcpy(url, "http://h/", 9);
    url[sizeof(url) - 1] = '/';
    memset(reply, '{', sizeof(reply));
    assert_int_equal(url_of_reply((struct bits_text){url, sizeof(url)},
                                  (struct bits_text){reply, sizeof(reply)},
                                  room)
                         .len,
                     sizeof(url) + 3 * sizeof(reply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_absolute_http_urls_can_be_uploaded_to),
        cmocka_unit_test(a_url_has_a_longest),
        cmocka_unit_test(only_the_host_is_replaced),
        cmocka_unit_test(hosts_are_names_and_addresses_without_anything_else),
        cmocka_unit_test(reply_urls_are_resolved_as_windows_means_them),
        cmocka_unit_test(any_reply_url_fits_into_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
