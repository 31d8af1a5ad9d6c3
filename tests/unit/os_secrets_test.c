/*
 * os_secrets_test.c: memory for keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "os/secrets.h"

#define SIZE 4096

/* OpenSSL never gives the memory back, so that a test can look at it. */
static bool is_cleared(const unsigned char *bytes)
{
    /* The first ones belong to the list of free blocks now. */
    for (size_t i = 64; i < SIZE; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void need(void)
{
    if (!CRYPTO_secure_malloc_initialized()) {
        print_message("skipped: a sanitizer has its own memory\n");
        skip();
    }
}

static void a_secret_is_cleared_at_its_end(void **state)
{
    unsigned char *secret;

    (void)state;
    need();
    secret = os_secret_new(SIZE);
    assert_non_null(secret);
    assert_true(is_cleared(secret));
    memset(secret, 'x', SIZE);
    os_secret_free(secret, SIZE);
    assert_true(is_cleared(secret));
}

static void a_secret_is_empty_in_a_child(void **state)
{
    unsigned char *secret;
    int status = 0;
    pid_t child;

    (void)state;
    need();
    secret = os_secret_new(SIZE);
    assert_non_null(secret);
    memset(secret, 'x', SIZE);
    child = fork();
    if (child == 0) {
        _exit(is_cleared(secret) && secret[0] == 0 ? 0 : 1);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_int_equal(status, 0);
    assert_int_equal(secret[0], 'x');
    os_secret_free(secret, SIZE);
}

static void openssl_keeps_secrets_between_begin_and_end(void **state)
{
    char *before;
    char *between;

    (void)state;
    need();
    before = OPENSSL_malloc(10);
    memcpy(before, "123456789", 10);
    os_secret_begin();
    between = OPENSSL_malloc(10);
    before = OPENSSL_realloc(before, 1000);
    os_secret_end();
    assert_true(CRYPTO_secure_allocated(between));
    assert_true(CRYPTO_secure_allocated(before));
    assert_string_equal(before, "123456789");
    before = OPENSSL_realloc(before, 2000);
    assert_string_equal(before, "123456789");
    OPENSSL_free(before);
    OPENSSL_free(between);
    before = OPENSSL_malloc(10);
    assert_false(CRYPTO_secure_allocated(before));
    OPENSSL_free(before);
}

static void without_room_openssl_gets_ordinary_memory(void **state)
{
    char *large;

    (void)state;
    need();
    os_secret_begin();
    large = OPENSSL_malloc(64 << 20);
    large = OPENSSL_realloc(large, 65 << 20);
    OPENSSL_free(large);
    os_secret_end();
    assert_non_null(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_cleared_at_its_end),
        cmocka_unit_test(a_secret_is_empty_in_a_child),
        cmocka_unit_test(openssl_keeps_secrets_between_begin_and_end),
        cmocka_unit_test(without_room_openssl_gets_ordinary_memory),
    };

    (void)os_secret_start(SIZE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
