/*
 * access/ntlm.c: see ntlm.h.
 */
#include "access/ntlm.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* Tags of DER: a token of GSSAPI (RFC 2743 3.1), an object identifier, a
 * sequence, and the field 0 of a structure. */
#define TAG_TOKEN 0x60
#define TAG_OID 0x06
#define TAG_SEQUENCE 0x30
#define TAG_FIELD_0 0xa0

/* 1.3.6.1.5.5.2 */
static const struct bits_text spnego = TEXT_INIT("\x2b\x06\x01\x05\x05\x02");
/* 1.3.6.1.4.1.311.2.2.10 */
static const struct bits_text ntlm =
    TEXT_INIT("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a");
/* 1.2.840.113554.1.2.2, and what Windows 2000 made of it, 1.2.840.48018.1.2.2
 */
static const struct bits_text kerberos =
    TEXT_INIT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
static const struct bits_text kerberos_too =
    TEXT_INIT("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02");

static bool take_byte(struct bits_text *text, unsigned *ret_byte)
{
    if (text->len == 0) {
        return false;
    }
    *ret_byte = (unsigned char)text->ptr[0];
    text->ptr++;
    text->len--;
    return true;
}

/* A length of DER: a byte below 128, or the number of bytes that follow. */
static bool take_length(struct bits_text *text, size_t *ret_length)
{
    unsigned byte;
    unsigned count;

    if (!take_byte(text, &byte)) {
        return false;
    }
    *ret_length = byte;
    if (byte < 0x80) {
        return true;
    }
    count = byte & 0x7f;
    *ret_length = 0;
    if (count > sizeof(uint32_t)) {
        return false;
    }
    while (count > 0 && take_byte(text, &byte)) {
        *ret_length = *ret_length << 8 | byte;
        count--;
    }
    return count == 0;
}

/* Takes an element with this tag.  To descend into it, pass text as
 * ret_content, too. */
static bool take_element(struct bits_text *text, unsigned tag,
                         struct bits_text *ret_content)
{
    struct bits_text rest = *text;
    unsigned found;
    size_t length;

    if (!take_byte(&rest, &found) || found != tag ||
        !take_length(&rest, &length) || length > rest.len) {
        return false;
    }
    *text = (struct bits_text){rest.ptr + length, rest.len - length};
    *ret_content = (struct bits_text){rest.ptr, length};
    return true;
}

/* Finds the list of mechanisms in the first token of SPNEGO. */
static bool find_mechanisms(struct bits_text token, struct bits_text *ret_list)
{
    struct bits_text content;
    struct bits_text oid;

    return take_element(&token, TAG_TOKEN, &content) &&
           take_element(&content, TAG_OID, &oid) && text_equal(oid, spnego) &&
           take_element(&content, TAG_FIELD_0, &content) &&
           take_element(&content, TAG_SEQUENCE, &content) &&
           take_element(&content, TAG_FIELD_0, &content) &&
           take_element(&content, TAG_SEQUENCE, ret_list);
}

static bool offers_ntlm_only(struct bits_text list)
{
    struct bits_text oid;
    bool found = false;

    while (take_element(&list, TAG_OID, &oid)) {
        if (text_equal(oid, kerberos) || text_equal(oid, kerberos_too)) {
            return false;
        }
        found = found || text_equal(oid, ntlm);
    }
    return found;
}

bool ntlm_is_token(struct bits_text token)
{
    static const char signature[8] = "NTLMSSP";
    struct bits_text list;

    if (token.len >= sizeof(signature) &&
        memcmp(token.ptr, signature, sizeof(signature)) == 0) {
        return true;
    }
    return find_mechanisms(token, &list) && offers_ntlm_only(list);
}
