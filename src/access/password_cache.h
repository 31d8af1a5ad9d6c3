/*
 * access/password_cache.h: passwords that were right, as HMACs of all that the
 * check depended on.
 *
 * The key is random and never leaves the process, so a digest says nothing
 * about a password.  At most `size` of them; the one that was checked longest
 * ago gives way.  One thread at a time.
 */
#ifndef ACCESS_PASSWORD_CACHE_H
#define ACCESS_PASSWORD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PASSWORD_DIGEST_SIZE 32

struct password_digest {
    uint8_t bytes[PASSWORD_DIGEST_SIZE];
};

struct password_cache_entry;

struct password_cache {
    uint8_t *key;                         /* a secret */
    struct password_cache_entry *entries; /* rows of `width` */
    size_t rows;
    size_t width;
};

/* False: no memory or no random bytes. */
bool password_cache_init(struct password_cache *cache, size_t size);
void password_cache_done(struct password_cache *cache);

/* Digests texts, each with its end.  False: no memory. */
bool password_cache_digest(const struct password_cache *cache,
                           const char *const *texts, size_t count,
                           struct password_digest *ret_digest);

/* Remembers a password that was right at `now`, which never goes back. */
void password_cache_add(struct password_cache *cache,
                        const struct password_digest *digest, uint64_t now);

/* Returns false if it was never right, as far as is known.  *ret_checked is
 * when it was. */
bool password_cache_find(const struct password_cache *cache,
                         const struct password_digest *digest,
                         uint64_t *ret_checked);

#endif
