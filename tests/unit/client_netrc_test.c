/*
 * client_netrc_test.c: who is found in a netrc file.
 */
#include "client/http/netrc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct row {
    const char *text;
    const char *host;
    const char *login; /* asked for */
    const char *found; /* "login password"; NULL: none */
};

static const struct row rows[] = {
    {"machine h login ann password p", "h", NULL, "ann p"},
    {"machine H login ann password p", "h", NULL, "ann p"},
    {"machine h\n login ann\n\tpassword p\r\n", "h", NULL, "ann p"},
    {"machine h password p login ann", "h", NULL, "ann p"},
    {"machine other login bob password q\n"
     "machine h login ann password p\n",
     "h", NULL, "ann p"},
    {"machine h login bob password q\nmachine h login ann password p\n", "h",
     "ann", "ann p"},
    {"machine h login bob password q\n", "h", "ann", NULL},
    {"machine hh login ann password p", "h", NULL, NULL},
    {"machine h login ann", "h", NULL, NULL},
    {"machine h login ann\nmachine o login x password q", "h", NULL, NULL},
    {"default login ann password p", "h", NULL, "ann p"},
    {"machine h login ann password p default login x password q", "h", NULL,
     "ann p"},
    {"machine o login x password q default login ann password p", "h", NULL,
     "ann p"},
    {"# machine h login no password no\nmachine h login ann password p", "h",
     NULL, "ann p"},
    {"machine h login ann password p\n# the end", "h", NULL, "ann p"},
    {"machine h login \"an n\" password \"p \\\" q\\\\\"", "h", NULL,
     "an n p \" q\\"},
    {"macdef init\nmachine h login no password no\n\n"
     "machine h login ann password p",
     "h", NULL, "ann p"},
    {"macdef init\r\nmachine h login no password no\r\n\r\n"
     "machine h login ann password p\r\n",
     "h", NULL, "ann p"},
    {"macdef init\nmachine h login no password no", "h", NULL, NULL},
    {"macdef", "h", NULL, NULL},
    {"machine h login ann account a password p", "h", NULL, "ann p"},
    {"machine h login ann password", "h", NULL, NULL},
    {"machine", "h", NULL, NULL},
    {"", "h", NULL, NULL},
    {"\"", "h", NULL, NULL},
};

static void the_right_entry_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct netrc_entry entry = {.login = ""};
        bool found =
            netrc_find(rows[i].text, rows[i].host, rows[i].login, &entry);
        size_t len = strlen(entry.login);

        assert_int_equal(found, rows[i].found != NULL);
        if (found) {
            assert_memory_equal(rows[i].found, entry.login, len);
            assert_string_equal(rows[i].found + len + 1, entry.password);
        }
    }
}

static void a_word_that_is_too_long_spoils_its_entry_alone(void **state)
{
    static const struct {
        size_t len;
        bool found;
    } lengths[] = {{NETRC_WORD_MAX - 1, true}, {NETRC_WORD_MAX, false}};
    char text[2 * NETRC_WORD_MAX];
    struct netrc_entry entry;

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char *at = stpcpy(text, "machine h login ann password ");

        memset(at, 'x', lengths[i].len);
        (void)stpcpy(at + lengths[i].len, "\nmachine o login bob password q\n");
        assert_int_equal(netrc_find(text, "h", NULL, &entry), lengths[i].found);
        assert_true(netrc_find(text, "o", NULL, &entry));
        assert_string_equal(entry.login, "bob");
        assert_string_equal(entry.password, "q");
    }
}

static void a_comment_may_be_of_any_length(void **state)
{
    char text[2 * NETRC_WORD_MAX];
    struct netrc_entry entry;
    char *at = stpcpy(text, "machine h login ann\n#");

    (void)state;
    memset(at, 'x', NETRC_WORD_MAX);
    (void)stpcpy(at + NETRC_WORD_MAX, " machine o\npassword p\n");
    assert_true(netrc_find(text, "h", NULL, &entry));
    assert_string_equal(entry.password, "p");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_entry_is_found),
        cmocka_unit_test(a_word_that_is_too_long_spoils_its_entry_alone),
        cmocka_unit_test(a_comment_may_be_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
