/*
 * store/store.c: what is the same for every store: the release of a
 * session's row, and the digest of its target.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "store/store.h"

void store_session_done(struct store_session *session)
{
    free(session->prefix);
    free(session->name);
    free(session->user);
    free(session->destination);
    free(session->address);
    free(session->delivered_as);
    *session = (struct store_session){.state = STORE_RECEIVING};
}

const char *store_destination(const struct store_session *session)
{
    return session->destination && session->destination[0]
               ? session->destination
               : session->name;
}

/* Includes the NUL, so that "a", "bc" and "ab", "c" differ. */
static bool add_text(EVP_MD_CTX *context, struct bits_text text)
{
    return EVP_DigestUpdate(context, text.ptr, text.len) == 1 &&
           EVP_DigestUpdate(context, "", 1) == 1;
}

bool store_target_digest(struct bits_text user, struct bits_text prefix,
                         struct bits_text name, struct store_target *ret_target)
{
    unsigned char whole[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context &&
                EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                add_text(context, user) && add_text(context, prefix) &&
                add_text(context, name) &&
                EVP_DigestFinal_ex(context, whole, NULL) == 1;

    EVP_MD_CTX_free(context);
    if (done) {
        memcpy(ret_target->bytes, whole, sizeof(ret_target->bytes));
    }
    return done;
}
