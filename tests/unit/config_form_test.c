/*
 * The forms of addresses, hosts, prefixes and paths: config/form.h.
 */
#include "config/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void addresses_are_read(void **state)
{
    static const struct {
        const char *text;
        struct config_address address;
    } rows[] = {
        {"127.0.0.1:8080", {CONFIG_ADDRESS_IPV4, {127, 0, 0, 1}, 8080, NULL}},
        {"0.0.0.0:0", {CONFIG_ADDRESS_IPV4, {0}, 0, NULL}},
        {"10.0.0.255:65535",
         {CONFIG_ADDRESS_IPV4, {10, 0, 0, 255}, 65535, NULL}},
        {"[::]:80", {CONFIG_ADDRESS_IPV6, {0}, 80, NULL}},
        {"[fe80::1]:80",
         {CONFIG_ADDRESS_IPV6, {0xfe, 0x80, [15] = 1}, 80, NULL}},
        {"*:80", {CONFIG_ADDRESS_ALL, {0}, 80, NULL}},
        {"*:80 tls", {CONFIG_ADDRESS_ALL, {0}, 80, NULL, true}},
        {"[::]:0 tls", {CONFIG_ADDRESS_IPV6, {0}, 0, NULL, true, false}},
        {"*:80 tls certificate",
         {CONFIG_ADDRESS_ALL, {0}, 80, NULL, true, true}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_address address = {0};

        assert_true(config_address_read(rows[i].text, &address));
        assert_int_equal(address.family, rows[i].address.family);
        assert_int_equal(address.port, rows[i].address.port);
        assert_memory_equal(address.ip, rows[i].address.ip, sizeof(address.ip));
        assert_null(address.path);
        assert_int_equal(address.tls, rows[i].address.tls);
        assert_int_equal(address.certificate, rows[i].address.certificate);
    }
}

static void a_socket_path_is_as_long_as_the_system_takes(void **state)
{
    char text[5 + 108 + 1] = "unix:/";
    struct config_address address = {0};

    (void)state;
    memset(text + 6, 'x', 106);
    assert_true(config_address_read(text, &address));
    assert_int_equal(address.family, CONFIG_ADDRESS_UNIX);
    assert_ptr_equal(address.path, text + 5);
    text[112] = 'x';
    assert_false(config_address_read(text, &address));
}

static void refuses_malformed_addresses(void **state)
{
    static const char *const texts[] = {
        "",
        "8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:99999999999999999999",
        "127.0.0.1:http",
        "127.0.0.1:-1",
        "127.0.0.1:+1",
        "127.0.0.1 :80",
        "127.0.0:80",
        "256.0.0.1:80",
        "localhost:80",
        "::1:80",
        "[::1]",
        "[::1]80",
        "[]:80",
        "[127.0.0.1]:80",
        "[::1:80",
        "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc]:80",
        "**:80",
        "unix:",
        "unix:run/x",
        "UNIX:/run/x",
        "http://127.0.0.1:80",
        "127.0.0.1:80tls",
        "127.0.0.1:80  tls",
        "127.0.0.1:80 TLS",
        "127.0.0.1:80 tls ",
        "127.0.0.1 tls:80",
        "127.0.0.1: tls",
        "127.0.0.1:80 certificate",
        "127.0.0.1:80 certificate tls",
        "127.0.0.1:80 tls  certificate",
        "127.0.0.1:80 tlscertificate",
        "127.0.0.1:80 tls certificates",
    };
    struct config_address address;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (config_address_read(texts[i], &address)) {
            fail_msg("\"%s\" was taken", texts[i]);
        }
    }
}

static void addresses_that_overlap_are_found_in_any_spelling(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool overlap;
    } rows[] = {
        {"127.0.0.1:80", "127.0.0.1:080", true},
        {"127.0.0.1:80", "127.0.0.1:81", false},
        {"127.0.0.1:80", "127.0.0.2:80", false},
        {"127.0.0.1:0", "127.0.0.1:0", false},
        {"[::1]:80", "[0:0::1]:80", true},
        {"[::]:80", "0.0.0.0:80", false},
        {"*:80", "*:80", true},
        {"*:80", "*:80 tls", true},
        {"*:80 tls", "*:80 tls certificate", true},
        {"*:80", "*:81", false},
        {"*:0", "*:0", false},
        {"*:80", "0.0.0.0:80", true},
        {"*:80", "127.0.0.1:80", true},
        {"*:80", "[::1]:80", true},
        {"*:80", "unix:/run/x", false},
        {"0.0.0.0:80", "127.0.0.1:80", true},
        {"0.0.0.0:80", "[::1]:80", false},
        {"[::]:80", "[::1]:80", true},
        {"[::]:80", "127.0.0.1:80", false},
        {"unix:/run/x", "unix:/run//x", true},
        {"unix:/run/x", "unix:/run/y", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_address a;
        struct config_address b;

        assert_true(config_address_read(rows[i].a, &a));
        assert_true(config_address_read(rows[i].b, &b));
        assert_int_equal(config_address_overlaps(&a, &b), rows[i].overlap);
        assert_int_equal(config_address_overlaps(&b, &a), rows[i].overlap);
    }
}

static void only_this_machine_reaches_a_local_address(void **state)
{
    static const struct {
        const char *text;
        bool is_local;
    } rows[] = {
        {"127.0.0.1:80", true},
        {"127.255.0.9:80", true},
        {"[::1]:80", true},
        {"[::ffff:127.0.0.1]:80", true},
        {"unix:/run/x", true},
        {"*:80", false},
        {"0.0.0.0:80", false},
        {"[::]:80", false},
        {"126.0.0.1:80", false},
        {"128.0.0.1:80", false},
        {"[::2]:80", false},
        {"[7f00::1]:80", false},
        {"[::ffff:192.0.2.1]:80", false},
        {"[fe80::1]:80", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_address address;

        assert_true(config_address_read(rows[i].text, &address));
        assert_int_equal(config_address_is_local(&address), rows[i].is_local);
    }
}

static void hosts_are_names_or_addresses(void **state)
{
    static const struct {
        const char *text;
        bool sound;
    } rows[] = {
        {"a", true},
        {"node-1.example.org", true},
        {"NODE_1", true},
        {"192.0.2.1", true},
        {"2001:db8::1", true},
        {"::", true},
        {"1node", true},
        {"", false},
        {".", false},
        {"a.", false},
        {".a", false},
        {"a..b", false},
        {"-a", false},
        {"a-", false},
        {"a b", false},
        {"http://a", false},
        {"a:80", false},
        {"a/b", false},
        {"[::1]", false},
        {"256.0.0.1", false},
        {"1.2.3", false},
        {"12", false},
        {"b\303\274cher", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (config_host_is_sound(rows[i].text) != rows[i].sound) {
            fail_msg("\"%s\" is judged wrongly", rows[i].text);
        }
    }
}

static void a_host_has_300_characters_at_most(void **state)
{
    char host[302];

    (void)state;
    memset(host, 'x', sizeof(host));
    for (size_t i = 60; i < 300; i += 60) {
        host[i] = '.';
    }
    host[301] = '\0';
    assert_false(config_host_is_sound(host));
    host[300] = '\0';
    assert_true(config_host_is_sound(host));
    host[60] = 'x'; /* two labels of 60 become one of 120 */
    assert_false(config_host_is_sound(host));
}

static void prefixes_are_judged_with_a_remedy(void **state)
{
    static const struct {
        const char *text;
        const char *fault;
    } rows[] = {
        {"/", NULL},
        {"/a", NULL},
        {"/a/b.c/...", NULL},
        {"/with blank/\303\274", NULL},
        {"", "a prefix begins with '/'"},
        {"a", "a prefix begins with '/'"},
        {"/a/", "a prefix has no '/' at its end; take it away"},
        {"//", "a prefix has no '/' at its end; take it away"},
        {"//a", "a prefix has no '//'; write one '/'"},
        {"/a//b", "a prefix has no '//'; write one '/'"},
        {"/.", "a prefix has no segment '.' or '..'; write it without"},
        {"/a/../b", "a prefix has no segment '.' or '..'; write it without"},
        {"/a\nb", "a prefix has no control characters"},
        {"/a\177", "a prefix has no control characters"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *fault = config_prefix_fault(rows[i].text);

        if (!rows[i].fault) {
            assert_null(fault);
        } else {
            assert_non_null(fault);
            assert_string_equal(fault, rows[i].fault);
        }
    }
}

static void paths_are_compared_by_their_names(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } rows[] = {
        {"/", "/", true},         {"/", "//./", true},
        {"/a", "/a/", true},      {"/a/b", "//a/./b//", true},
        {"/a", "/", false},       {"/a", "/b", false},
        {"/a", "/a/b", false},    {"/a", "/ab", false},
        {"/a/../b", "/b", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(config_path_is_same(rows[i].a, rows[i].b),
                         rows[i].same);
        assert_int_equal(config_path_is_same(rows[i].b, rows[i].a),
                         rows[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(a_socket_path_is_as_long_as_the_system_takes),
        cmocka_unit_test(refuses_malformed_addresses),
        cmocka_unit_test(addresses_that_overlap_are_found_in_any_spelling),
        cmocka_unit_test(only_this_machine_reaches_a_local_address),
        cmocka_unit_test(hosts_are_names_or_addresses),
        cmocka_unit_test(a_host_has_300_characters_at_most),
        cmocka_unit_test(prefixes_are_judged_with_a_remedy),
        cmocka_unit_test(paths_are_compared_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
