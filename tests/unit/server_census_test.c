/*
 * tests/unit/server_census_test.c: which connections are welcome.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "server/census.h"

static int setup(void **state)
{
    static struct census census;

    assert_int_equal(census_init(&census), 0);
    *state = &census;
    return 0;
}

static int teardown(void **state)
{
    census_done(*state);
    return 0;
}

static struct census_address ipv4(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(7)};

    assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
    return census_address_of((const struct sockaddr *)&address);
}

static struct census_address ipv6(const char *text)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};

    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return census_address_of((const struct sockaddr *)&address);
}

static void counts_ipv4_in_its_ipv6_form_as_one_address(void **state)
{
    struct census_address first = ipv4("192.0.2.1");
    struct census_address second = ipv6("::ffff:192.0.2.1");

    assert_int_equal(census_enter(*state, &first, 10, 1), CENSUS_WELCOME);
    assert_int_equal(census_enter(*state, &second, 10, 1), CENSUS_FULL_ADDRESS);
    census_leave(*state, &first);
    census_leave(*state, &second);
    assert_int_equal(census_enter(*state, &second, 10, 1), CENSUS_WELCOME);
    census_leave(*state, &second);
}

static void does_not_count_unix_sockets_by_address(void **state)
{
    struct sockaddr_un unnamed = {.sun_family = AF_UNIX};
    struct census_address address =
        census_address_of((const struct sockaddr *)&unnamed);

    assert_int_equal(census_enter(*state, &address, 2, 1), CENSUS_WELCOME);
    assert_int_equal(census_enter(*state, &address, 2, 1), CENSUS_WELCOME);
    assert_int_equal(census_enter(*state, &address, 2, 1), CENSUS_FULL);
    for (int i = 0; i < 3; i++) {
        census_leave(*state, &address);
    }
}

/* Some over a limit are told so; more than those are not even told. */
static void tells_some_of_a_flood(void **state)
{
    struct census_address one = ipv4("192.0.2.1");
    struct census_address other = ipv4("192.0.2.2");
    int i;

    assert_int_equal(census_enter(*state, &one, 1000, 1), CENSUS_WELCOME);
    for (i = 0; i < CENSUS_OVERFLOW_ADDRESS; i++) {
        assert_int_equal(census_enter(*state, &one, 1000, 1),
                         CENSUS_FULL_ADDRESS);
    }
    assert_int_equal(census_enter(*state, &one, 1000, 1), CENSUS_FLOODED);
    assert_int_equal(census_enter(*state, &other, 1000, 1), CENSUS_WELCOME);
    for (i = 0; i < CENSUS_OVERFLOW_ADDRESS + 2; i++) {
        census_leave(*state, &one);
    }
    for (i = 1; i < CENSUS_OVERFLOW + 1; i++) {
        assert_int_equal(census_enter(*state, &other, 1, UINT64_MAX),
                         CENSUS_FULL);
    }
    assert_int_equal(census_enter(*state, &other, 1, UINT64_MAX),
                     CENSUS_FLOODED);
    for (i = 0; i < CENSUS_OVERFLOW + 2; i++) {
        census_leave(*state, &other);
    }
}

static void tells_once_that_a_crowd_has_left(void **state)
{
    struct census_address address = ipv6("2001:db8::1");

    assert_false(census_has_emptied(*state));
    for (int i = 0; i < 300; i++) {
        assert_int_equal(census_enter(*state, &address, UINT64_MAX, UINT64_MAX),
                         CENSUS_WELCOME);
    }
    assert_false(census_has_emptied(*state));
    for (int i = 0; i < 151; i++) {
        census_leave(*state, &address);
    }
    assert_true(census_has_emptied(*state));
    assert_false(census_has_emptied(*state));
    for (int i = 0; i < 149; i++) {
        census_leave(*state, &address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            counts_ipv4_in_its_ipv6_form_as_one_address, setup, teardown),
        cmocka_unit_test_setup_teardown(does_not_count_unix_sockets_by_address,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(tells_some_of_a_flood, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_once_that_a_crowd_has_left, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
