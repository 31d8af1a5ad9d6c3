/*
 * access/certificate_name.c: see certificate_name.h.
 */
#include "access/certificate_name.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "passwords/htpasswd.h"

/* Where a word of certificate_user looks. */
struct place {
    const char *words; /* for messages */
    int type;          /* of a GENERAL_NAME; -1: the subject */
    bool any_case;     /* "PC1" is the same as "pc1", which becomes the name */
};

static struct place place_of(enum config_choice where)
{
    static const struct {
        enum config_choice where;
        struct place place;
    } rows[] = {
        {CONFIG_USER_SAN_DNS, {"DNS name (san-dns)", GEN_DNS, true}},
        {CONFIG_USER_SAN_EMAIL,
         {"e-mail address (san-email)", GEN_EMAIL, false}},
        {CONFIG_USER_SAN_UPN,
         {"user principal name (san-upn)", GEN_OTHERNAME, true}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].where == where) {
            return rows[i].place;
        }
    }
    return (struct place){"common name (subject-cn)", -1, false};
}

/* What was found so far. */
struct search {
    struct place place;
    char *name; /* from OPENSSL_malloc(); NULL: nothing yet */
    struct fault *fault;
};

static void lower(char *text)
{
    for (; *text; text++) {
        *text = text_lower(*text);
    }
}

/* U+0080 to U+009F control terminals as the bytes below 0x20 do. */
static bool has_late_control(struct bits_text name)
{
    for (size_t i = 0; i + 1 < name.len; i++) {
        if ((unsigned char)name.ptr[i] == 0xc2 &&
            (unsigned char)name.ptr[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

static const char *name_fault(const struct search *search,
                              struct bits_text name)
{
    const char *words = htpasswd_name_fault(name);

    if (!words && has_late_control(name)) {
        return "the name has a control character";
    }
    if (!words && search->place.type == GEN_DNS &&
        memchr(name.ptr, '*', name.len)) {
        return "a name with * is not that of one client";
    }
    return words;
}

/* Takes over the text. */
static bool note(struct search *search, char *text, size_t length)
{
    const char *words = name_fault(search, (struct bits_text){text, length});
    bool done = false;

    if (words) {
        (void)fault_set(search->fault, "%s of the certificate: %s",
                        search->place.words, words);
    } else if (!search->name) {
        search->name = text;
        text = NULL;
        done = true;
    } else if (strcmp(search->name, text) == 0) {
        done = true;
    } else {
        (void)fault_set(search->fault, "the certificate has more than one %s",
                        search->place.words);
    }
    OPENSSL_free(text);
    return done;
}

static bool take(struct search *search, const ASN1_STRING *string)
{
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, string);

    if (length < 0) {
        return fault_set(search->fault, "%s of the certificate: not a text",
                         search->place.words);
    }
    if (search->place.any_case) {
        lower((char *)utf8);
    }
    return note(search, (char *)utf8, (size_t)length);
}

static bool search_subject(struct search *search, const X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = -1;

    while ((at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >=
           0) {
        if (!take(search,
                  X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))) {
            return false;
        }
    }
    return true;
}

/* NULL: another kind of name. */
static const ASN1_STRING *text_of_name(const GENERAL_NAME *name, int type)
{
    int found;
    const void *value = GENERAL_NAME_get0_value(name, &found);
    const OTHERNAME *other = value;

    if (found != type) {
        return NULL;
    }
    if (type != GEN_OTHERNAME) {
        return value;
    }
    return OBJ_obj2nid(other->type_id) == NID_ms_upn &&
                   other->value->type == V_ASN1_UTF8STRING
               ? other->value->value.utf8string
               : NULL;
}

static bool search_alternatives(struct search *search, const X509 *certificate)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool done = true;

    for (int i = 0; done && i < sk_GENERAL_NAME_num(names); i++) {
        const ASN1_STRING *text =
            text_of_name(sk_GENERAL_NAME_value(names, i), search->place.type);

        done = !text || take(search, text);
    }
    GENERAL_NAMES_free(names);
    return done;
}

/* Returns a copy for free(), or NULL. */
static char *conclude(struct search *search, bool done)
{
    char *name = NULL;

    if (done && search->name) {
        name = strdup(search->name);
        if (!name) {
            (void)fault_set(search->fault, "out of memory");
        }
    } else if (done) {
        (void)fault_set(search->fault, "the certificate has no %s",
                        search->place.words);
    }
    OPENSSL_free(search->name);
    return name;
}

bool certificate_name(const struct x509_st *certificate,
                      enum config_choice where, char **ret_name,
                      struct fault *ret_fault)
{
    struct search search = {.place = place_of(where), .fault = ret_fault};
    char *name =
        conclude(&search, search.place.type < 0
                              ? search_subject(&search, certificate)
                              : search_alternatives(&search, certificate));

    ERR_clear_error();
    if (name) {
        *ret_name = name;
    }
    return name != NULL;
}
