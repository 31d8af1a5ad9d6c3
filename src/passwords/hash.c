/*
 * passwords/hash.c: see hash.h.
 */
#include "passwords/hash.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/text.h"

/* --- the forms ----------------------------------------------------------- */

#define BCRYPT_TAIL 53 /* salt and sum */
#define SALT_MAX 16    /* of SHA-crypt */
#define SHA256_SUM 43
#define SHA512_SUM 86

/* About as long as bcrypt with HASH_COST_MAX. */
#define ROUNDS_MAX 5000000

#define UNKNOWN                                                                \
    "the hash is neither bcrypt ($2b$, $2y$) nor SHA-crypt ($5$, $6$); set "   \
    "the "                                                                     \
    "password with bitsctl passwd"
#define DAMAGED "the hash is damaged; set the password with bitsctl passwd"
#define COSTLY                                                                 \
    "the hash takes too long to check; set the password with bitsctl passwd"

static bool is_digest(struct bits_text text, size_t length)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c != '.' && c != '/' && !(c >= '0' && c <= '9') &&
            !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z')) {
            return false;
        }
    }
    return text.len == length;
}

/* Behind "$2b$". */
static const char *bcrypt_fault(struct bits_text rest)
{
    struct bits_text cost;
    uint64_t number;

    if (!text_take_until(&rest, '$', &cost) || cost.len != 2 ||
        !text_to_u64(cost, &number) || number < HASH_COST_MIN ||
        !is_digest(rest, BCRYPT_TAIL)) {
        return DAMAGED;
    }
    return number > HASH_COST_MAX ? COSTLY : NULL;
}

/* Takes "rounds=N$", if it is there. */
static const char *rounds_fault(struct bits_text *rest)
{
    static const struct bits_text name = TEXT_INIT("rounds=");
    struct bits_text number;
    uint64_t rounds;

    if (!text_has_prefix_nocase(*rest, name)) {
        return NULL;
    }
    rest->ptr += name.len;
    rest->len -= name.len;
    if (!text_take_until(rest, '$', &number) || !text_to_u64(number, &rounds) ||
        number.ptr[0] == '0') {
        return DAMAGED;
    }
    return rounds > ROUNDS_MAX ? COSTLY : NULL;
}

/* Behind "$5$" or "$6$". */
static const char *sha_fault(struct bits_text rest, size_t sum)
{
    struct bits_text salt;
    const char *fault = rounds_fault(&rest);

    if (fault) {
        return fault;
    }
    if (!text_take_until(&rest, '$', &salt) || salt.len > SALT_MAX ||
        !is_digest(salt, salt.len) || !is_digest(rest, sum)) {
        return DAMAGED;
    }
    return NULL;
}

static bool take_prefix(struct bits_text *text, const char *prefix)
{
    size_t length = strlen(prefix);

    if (text->len < length || memcmp(text->ptr, prefix, length) != 0) {
        return false;
    }
    text->ptr += length;
    text->len -= length;
    return true;
}

const char *hash_fault(struct bits_text hash)
{
    if (hash.len >= HASH_TEXT_MAX) {
        return UNKNOWN;
    }
    if (take_prefix(&hash, "$2b$") || take_prefix(&hash, "$2y$") ||
        take_prefix(&hash, "$2a$")) {
        return bcrypt_fault(hash);
    }
    if (take_prefix(&hash, "$5$")) {
        return sha_fault(hash, SHA256_SUM);
    }
    return take_prefix(&hash, "$6$") ? sha_fault(hash, SHA512_SUM) : UNKNOWN;
}

/* --- crypt(3) ------------------------------------------------------------ */

bool hash_check(const char *password, const char *hash)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    size_t length = strlen(hash);
    const char *made;
    bool same;

    if (!data) {
        return false;
    }
    made = crypt_rn(password, hash, data, (int)sizeof(*data));
    same = made && strlen(made) == length &&
           CRYPTO_memcmp(made, hash, length) == 0;
    OPENSSL_cleanse(data, sizeof(*data));
    free(data);
    return same;
}

bool hash_make(const char *password, unsigned cost,
               char ret_hash[HASH_TEXT_MAX])
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    const char *made = NULL;
    int error = ENOMEM;

    if (data && crypt_gensalt_rn("$2b$", cost, NULL, 0, salt, sizeof(salt))) {
        made = crypt_rn(password, salt, data, (int)sizeof(*data));
    }
    if (data) {
        error = errno;
    }
    if (made) {
        (void)snprintf(ret_hash, HASH_TEXT_MAX, "%s", made);
    }
    OPENSSL_cleanse(data, data ? sizeof(*data) : 0);
    free(data);
    errno = error;
    return made != NULL;
}
