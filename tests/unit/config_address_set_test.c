/*
 * The addresses and networks of trusted_proxies: config/address_set.h.
 */
#include "config/address_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void takes_addresses_networks_and_unix(void **state)
{
    static const struct {
        const char *text;
        unsigned bits;
    } rows[] = {
        {"127.0.0.1", 128},
        {"10.0.0.0/8", 104},
        {"0.0.0.0/0", 96},
        {"10.1.2.3/32", 128},
        {"::1", 128},
        {"2001:db8::/32", 32},
        {"::/0", 0},
        {"2001:db8::1/128", 128},
        {"::ffff:10.0.0.0/104", 104},
        {"unix", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_network network = {.bits = 1};

        assert_true(config_network_read(rows[i].text, &network));
        assert_int_equal(network.bits, rows[i].bits);
        assert_int_equal(network.is_unix, i == COUNT(rows) - 1);
    }
}

static void refuses_what_is_neither(void **state)
{
    static const char *const texts[] = {
        "",
        "localhost",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.1/31",
        "10.0.0/24",
        "/8",
        "::/129",
        "2001:db8::1/127",
        "[::1]",
        "127.0.0.1:80",
        "fe80::1%lo",
        "unix:",
        "unix:/run/x",
        "Unix",
        " 127.0.0.1",
        "127.0.0.1 ",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct config_network network;

        assert_false(config_network_read(texts[i], &network));
    }
}

static bool have(const struct string_list *list, const char *address)
{
    uint8_t ip[16];

    assert_true(config_ip_read(text_of(address), ip));
    return config_networks_have(list, ip);
}

static void a_network_has_what_its_bits_say(void **state)
{
    struct string_list list = {0};

    (void)state;
    assert_false(have(&list, "127.0.0.1"));
    assert_true(string_list_add(&list, "10.0.0.0/9"));
    assert_true(string_list_add(&list, "2001:db8::/33"));
    assert_true(have(&list, "10.0.0.0"));
    assert_true(have(&list, "10.127.255.255"));
    assert_true(have(&list, "::ffff:10.1.1.1"));
    assert_false(have(&list, "10.128.0.0"));
    assert_false(have(&list, "9.255.255.255"));
    assert_true(have(&list, "2001:db8:7fff::1"));
    assert_false(have(&list, "2001:db8:8000::"));
    assert_false(config_networks_have(&list, NULL));
    assert_true(string_list_add(&list, "unix"));
    assert_true(config_networks_have(&list, NULL));
    assert_false(have(&list, "127.0.0.1"));
    string_list_done(&list);
}

static void every_ipv4_address_is_not_every_address(void **state)
{
    struct string_list list = {0};

    (void)state;
    assert_true(string_list_add(&list, "0.0.0.0/0"));
    assert_true(have(&list, "255.255.255.255"));
    assert_false(have(&list, "::1"));
    assert_false(config_networks_have(&list, NULL));
    string_list_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_addresses_networks_and_unix),
        cmocka_unit_test(refuses_what_is_neither),
        cmocka_unit_test(a_network_has_what_its_bits_say),
        cmocka_unit_test(every_ipv4_address_is_not_every_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
