/*
 * access/password_cache.c: see password_cache.h.
 *
 * A digest belongs to one row.  Rows do not fill evenly, so that a few digests
 * may give way before all entries are taken.
 */
#include "access/password_cache.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "os/random.h"
#include "os/secrets.h"

#define WIDTH_MAX 8

struct password_cache_entry {
    struct password_digest digest;
    uint64_t checked; /* 0: the entry is free */
};

bool password_cache_init(struct password_cache *cache, size_t size)
{
    *cache = (struct password_cache){
        .width = size < WIDTH_MAX ? size : WIDTH_MAX,
    };
    cache->rows = size / cache->width;
    cache->entries =
        calloc(cache->rows * cache->width, sizeof(cache->entries[0]));
    cache->key = os_secret_new(PASSWORD_DIGEST_SIZE);
    return cache->entries && cache->key &&
           os_random(cache->key, PASSWORD_DIGEST_SIZE);
}

void password_cache_done(struct password_cache *cache)
{
    os_secret_free(cache->key, PASSWORD_DIGEST_SIZE);
    free(cache->entries);
}

bool password_cache_digest(const struct password_cache *cache,
                           const char *const *texts, size_t count,
                           struct password_digest *ret_digest)
{
    unsigned char *whole;
    size_t size = 0;
    size_t used = 0;
    bool done;

    for (size_t i = 0; i < count; i++) {
        size += strlen(texts[i]) + 1;
    }
    whole = malloc(size);
    if (!whole) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(texts[i]) + 1;

        memcpy(whole + used, texts[i], length);
        used += length;
    }
    done = HMAC(EVP_sha256(), cache->key, PASSWORD_DIGEST_SIZE, whole, size,
                ret_digest->bytes, NULL) != NULL;
    OPENSSL_cleanse(whole, size);
    free(whole);
    return done;
}

static struct password_cache_entry *row_of(const struct password_cache *cache,
                                           const struct password_digest *digest)
{
    uint64_t number;

    memcpy(&number, digest->bytes, sizeof(number));
    return &cache->entries[number % cache->rows * cache->width];
}

static struct password_cache_entry *find(const struct password_cache *cache,
                                         const struct password_digest *digest)
{
    struct password_cache_entry *row = row_of(cache, digest);

    for (size_t i = 0; i < cache->width; i++) {
        if (row[i].checked != 0 &&
            CRYPTO_memcmp(&row[i].digest, digest, sizeof(*digest)) == 0) {
            return &row[i];
        }
    }
    return NULL;
}

static struct password_cache_entry *oldest(const struct password_cache *cache,
                                           const struct password_digest *digest)
{
    struct password_cache_entry *row = row_of(cache, digest);
    struct password_cache_entry *found = row;

    for (size_t i = 1; i < cache->width; i++) {
        if (row[i].checked < found->checked) {
            found = &row[i];
        }
    }
    return found;
}

void password_cache_add(struct password_cache *cache,
                        const struct password_digest *digest, uint64_t now)
{
    struct password_cache_entry *entry = find(cache, digest);

    if (!entry) {
        entry = oldest(cache, digest);
        entry->digest = *digest;
    }
    entry->checked = now > 0 ? now : 1;
}

bool password_cache_find(const struct password_cache *cache,
                         const struct password_digest *digest,
                         uint64_t *ret_checked)
{
    const struct password_cache_entry *entry = find(cache, digest);

    if (!entry) {
        return false;
    }
    *ret_checked = entry->checked;
    return true;
}
