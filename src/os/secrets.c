/*
 * os/secrets.c: see secrets.h.
 */
#include "os/secrets.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

#include "base/compiler.h"

/* The smallest block: a key of X25519. */
#define BLOCK_MIN 32

static _Thread_local bool begun;

/* --- what OpenSSL calls -------------------------------------------------- */

/* Without a place, because to report a failure would allocate. */
static void *take_secret(size_t size)
{
    return CRYPTO_secure_malloc(size, NULL, 0);
}

static void *on_malloc(size_t size, const char *file, int line)
{
    void *memory = NULL;

    (void)file;
    (void)line;
    if (size == 0) {
        return NULL;
    }
    if (begun && CRYPTO_secure_malloc_initialized()) {
        memory = take_secret(size);
    }
    return memory ? memory : malloc(size);
}

static void on_free(void *memory, const char *file, int line)
{
    if (CRYPTO_secure_allocated(memory)) {
        CRYPTO_secure_free(memory, file, line);
        return;
    }
    if (begun && memory) {
        OPENSSL_cleanse(memory, malloc_usable_size(memory));
    }
    free(memory);
}

static void *move(void *memory, size_t old_size, size_t size)
{
    void *moved = on_malloc(size, NULL, 0);

    if (moved) {
        memcpy(moved, memory, old_size < size ? old_size : size);
        on_free(memory, NULL, 0);
    }
    return moved;
}

static void *on_realloc(void *memory, size_t size, const char *file, int line)
{
    if (!memory) {
        return on_malloc(size, file, line);
    }
    if (size == 0) {
        on_free(memory, file, line);
        return NULL;
    }
    if (CRYPTO_secure_allocated(memory)) {
        return move(memory, CRYPTO_secure_actual_size(memory), size);
    }
    return begun ? move(memory, malloc_usable_size(memory), size)
                 : realloc(memory, size);
}

/* --- the memory ---------------------------------------------------------- */

static size_t power_of_two(size_t size)
{
    size_t power = (size_t)1 << 20;

    while (power < size) {
        power <<= 1;
    }
    return power;
}

static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    }
}

/* The first block that is as large as the memory is all of it. */
static void empty_in_children(size_t size)
{
    void *all = take_secret(size);

    if (all) {
        (void)madvise(all, size, MADV_WIPEONFORK);
        CRYPTO_secure_free(all, NULL, 0);
    }
}

enum os_secret_state os_secret_start(size_t size)
{
    size_t whole = power_of_two(size);
    int done = 0;

    raise_limit();
    if (!IS_SANITIZED &&
        CRYPTO_set_mem_functions(on_malloc, on_realloc, on_free) == 1) {
        done = CRYPTO_secure_malloc_init(whole, BLOCK_MIN);
    }
    if (done == 0) {
        return OS_SECRET_ORDINARY;
    }
    empty_in_children(whole);
    return done == 1 ? OS_SECRET_LOCKED : OS_SECRET_UNLOCKED;
}

void *os_secret_new(size_t size)
{
    return OPENSSL_secure_zalloc(size);
}

void os_secret_free(void *secret, size_t size)
{
    OPENSSL_secure_clear_free(secret, size);
}

void os_secret_begin(void)
{
    begun = true;
}

void os_secret_end(void)
{
    begun = false;
}
