/*
 * negotiate_fuzz.c: any bytes as a token of Negotiate, and as a principal.
 *
 * Oracles: a token of NTLM has its signature or its object identifier, and what
 * begins with the signature is one; bytes behind a token change nothing; the
 * user of a principal is its beginning, without a realm, and one that a
 * password file could have.
 */
#include "access/ntlm.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "access/principal.h"
#include "base/text.h"
#include "passwords/htpasswd.h"

#define NTLM_SIGNATURE "NTLMSSP"
#define NTLM_OID "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* A block of its own, so that ASan sees one byte too many. */
static char *copy(const void *data, size_t size)
{
    char *text = malloc(size > 0 ? size : 1);

    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    return text;
}

static void check_token(const char *token, size_t size)
{
    bool is_ntlm = ntlm_is_token((struct bits_text){token, size});
    bool is_signed = size >= sizeof(NTLM_SIGNATURE) &&
                     memcmp(token, NTLM_SIGNATURE, sizeof(NTLM_SIGNATURE)) == 0;
    char *longer = copy(token, size);

    require(!is_signed || is_ntlm);
    require(!is_ntlm || is_signed ||
            memmem(token, size, NTLM_OID, sizeof(NTLM_OID) - 1) != NULL);
    longer = realloc(longer, size + 1);
    require(longer != NULL);
    longer[size] = '\x30';
    require(!is_ntlm || ntlm_is_token((struct bits_text){longer, size + 1}));
    free(longer);
}

static void check_principal(const char *principal)
{
    char realm[] = "A";
    char *items[] = {realm};
    const struct string_list realms = {.items = items, .count = 1};
    struct bits_text user;

    if (principal_user(principal, &realms, &user)) {
        return;
    }
    require(user.ptr == principal && strcmp(principal + user.len, "@A") == 0);
    require(!htpasswd_name_fault(user));
    require(!memchr(user.ptr, '@', user.len) &&
            !memchr(user.ptr, '\\', user.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *token = copy(data, size);
    char *principal = strndup((const char *)data, size);

    require(principal != NULL);
    check_token(token, size);
    check_principal(principal);
    free(principal);
    free(token);
    return 0;
}
