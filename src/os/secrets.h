/*
 * os/secrets.h: memory for keys.
 *
 * It is locked against swapping, left out of core dumps, empty in child
 * processes, and cleared when it is freed: the secure heap of OpenSSL, which
 * OpenSSL itself uses for private numbers.
 */
#ifndef OS_SECRETS_H
#define OS_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

enum os_secret_state {
    OS_SECRET_LOCKED,
    OS_SECRET_UNLOCKED, /* it may be swapped: RLIMIT_MEMLOCK is too low */
    OS_SECRET_ORDINARY, /* memory like any other, but cleared */
};

/* Makes the memory, at least `size` bytes.  Call once, before any other use of
 * OpenSSL and before other threads run.  Without this call, and in builds with
 * a sanitizer, it is ORDINARY. */
enum os_secret_state os_secret_start(size_t size);

/* Returns zeroed memory, or NULL. */
void *os_secret_new(size_t size);

/* Accepts NULL. */
void os_secret_free(void *secret, size_t size);

/* Between these calls, whatever OpenSSL allocates on this thread is such
 * memory: a file with a key, and all copies that OpenSSL makes of the key.  If
 * there is no room left, it is ordinary memory. */
void os_secret_begin(void);
void os_secret_end(void);

#endif
