/*
 * tests/unit/htpasswd_test.c: files of names and passwords, and the hashes in
 * them.
 */
#include "passwords/htpasswd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "passwords/hash.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SUM_43 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define SUM_86 SUM_43 SUM_43
#define SUM_53 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ0123456789"

static void forms_of_hashes_are_told_apart(void **state)
{
    static const struct {
        const char *hash;
        const char *fault; /* words of its sentence; NULL: accepted */
    } rows[] = {
        {"$2b$04$" SUM_53, NULL},
        {"$2y$10$" SUM_53, NULL},
        {"$2a$16$" SUM_53, NULL},
        {"$5$salt$" SUM_43, NULL},
        {"$5$$" SUM_43, NULL},
        {"$6$rounds=5000000$0123456789abcdef$" SUM_86, NULL},
        {"", "neither"},
        {"secret", "neither"},
        {"*", "neither"},
        {"{SHA}AAAA", "neither"},
        {"$apr1$salt$abcdefghijklmnopqrstuv", "neither"},
        {"$1$salt$abcdefghijklmnopqrstuv", "neither"},
        {"$y$j9T$salt$" SUM_43, "neither"},
        {"$2x$04$" SUM_53, "neither"},
        {"$2b$03$" SUM_53, "damaged"},
        {"$2b$4$" SUM_53, "damaged"},
        {"$2b$+4$" SUM_53, "damaged"},
        {"$2b$04$" SUM_53 "x", "damaged"},
        {"$2b$04$" SUM_43, "damaged"},
        {"$2b$04$", "damaged"},
        {"$2b$04", "damaged"},
        {"$2b$17$" SUM_53, "too long"},
        {"$5$salt$" SUM_86, "damaged"},
        {"$6$salt$" SUM_43, "damaged"},
        {"$5$0123456789abcdefg$" SUM_43, "damaged"},
        {"$5$sa-t$" SUM_43, "damaged"},
        {"$5$rounds=$salt$" SUM_43, "damaged"},
        {"$5$rounds=01000$salt$" SUM_43, "damaged"},
        {"$5$rounds=5000001$salt$" SUM_43, "too long"},
        {"$5$rounds=5000", "damaged"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *fault = hash_fault(text_of(rows[i].hash));

        if (!rows[i].fault) {
            assert_null(fault);
        } else {
            assert_non_null(fault);
            assert_non_null(strstr(fault, rows[i].fault));
        }
    }
}

static void what_is_too_long_is_not_a_hash(void **state)
{
    char text[HASH_TEXT_MAX + 1];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_non_null(hash_fault((struct bits_text){text, sizeof(text)}));
}

static void a_hash_that_is_made_is_of_its_password_only(void **state)
{
    char hash[HASH_TEXT_MAX];
    char again[HASH_TEXT_MAX];

    (void)state;
    assert_true(hash_make("secret", HASH_COST_MIN, hash));
    assert_true(hash_make("secret", HASH_COST_MIN, again));
    assert_null(hash_fault(text_of(hash)));
    assert_string_not_equal(hash, again);
    assert_true(hash_check("secret", hash));
    assert_true(hash_check("secret", again));
    assert_false(hash_check("secreT", hash));
    assert_false(hash_check("", hash));
    assert_false(hash_make("secret", 99, hash));
}

/* As openssl passwd(1) makes them. */
static void hashes_of_other_programs_are_checked(void **state)
{
    (void)state;
    assert_true(hash_check("secret", "$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/"
                                     "d3UOTZaAu5vsTM6"));
    assert_false(hash_check("secrets", "$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/"
                                       "d3UOTZaAu5vsTM6"));
}

static void a_password_that_crypt_does_not_take_is_wrong(void **state)
{
    char hash[HASH_TEXT_MAX];
    char password[HASH_PASSWORD_MAX + 2];

    (void)state;
    memset(password, 'a', sizeof(password));
    password[HASH_PASSWORD_MAX] = '\0';
    assert_true(hash_make(password, HASH_COST_MIN, hash));
    assert_true(hash_check(password, hash));
    password[HASH_PASSWORD_MAX] = 'a';
    password[HASH_PASSWORD_MAX + 1] = '\0';
    assert_false(hash_check(password, hash));
}

struct expected {
    const char *name;
    const char *hash;
    const char *fault;
};

static void check(const char *text, const struct expected *lines, size_t count)
{
    struct bits_text rest = text_of(text);
    struct htpasswd_line line;

    for (size_t i = 0; i < count; i++) {
        assert_true(htpasswd_next(&rest, &line));
        assert_true(text_equal(line.name, text_of(lines[i].name)));
        assert_true(text_equal(line.hash, text_of(lines[i].hash)));
        if (lines[i].fault) {
            assert_non_null(line.fault);
            assert_non_null(strstr(line.fault, lines[i].fault));
        } else {
            assert_null(line.fault);
        }
    }
    assert_false(htpasswd_next(&rest, &line));
}

static void lines_are_read_one_by_one(void **state)
{
    static const struct expected lines[] = {
        {"", "", NULL},
        {"", "", NULL},
        {"ann", "$2b$04$" SUM_53, NULL},
        {"bob b", "$2b$04$" SUM_53, NULL},
        {"", "", NULL},
        {"cid", "x", "neither"},
        {"", "$2b$04$" SUM_53, "empty"},
        {"", "", "no colon"},
        {"d\te", "$2b$04$" SUM_53, "control"},
        {"end", "$2b$04$" SUM_53, NULL},
    };

    (void)state;
    check("# a comment: x\n"
          "\n"
          "ann:$2b$04$" SUM_53 "\n"
          "bob b:$2b$04$" SUM_53 ":Bob: of the office\r\n"
          " \t\n"
          "cid:x\n"
          ":$2b$04$" SUM_53 "\n"
          "nothing\n"
          "d\te:$2b$04$" SUM_53 "\n"
          "end:$2b$04$" SUM_53,
          lines, COUNT(lines));
    check("", NULL, 0);
}

static void a_name_has_a_longest(void **state)
{
    char name[HTPASSWD_NAME_MAX + 1];

    (void)state;
    memset(name, 'n', sizeof(name));
    assert_null(
        htpasswd_name_fault((struct bits_text){name, HTPASSWD_NAME_MAX}));
    assert_non_null(
        htpasswd_name_fault((struct bits_text){name, HTPASSWD_NAME_MAX + 1}));
    assert_non_null(htpasswd_name_fault(text_of("")));
    assert_non_null(htpasswd_name_fault(text_of("a:b")));
    assert_non_null(htpasswd_name_fault(text_of("#a")));
    assert_null(htpasswd_name_fault(text_of("a#")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_hashes_are_told_apart),
        cmocka_unit_test(what_is_too_long_is_not_a_hash),
        cmocka_unit_test(a_hash_that_is_made_is_of_its_password_only),
        cmocka_unit_test(hashes_of_other_programs_are_checked),
        cmocka_unit_test(a_password_that_crypt_does_not_take_is_wrong),
        cmocka_unit_test(lines_are_read_one_by_one),
        cmocka_unit_test(a_name_has_a_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
