/*
 * The names of users in certificates: access/certificate_name.h.
 */
#include "access/certificate_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES_MAX 3
#define LONG_TEXT                                                              \
    "0123456789012345678901234567890123456789012345678901234567890123"

/* A name with its kind: of an ASN1_STRING in the subject, of a GENERAL_NAME
 * among the alternatives. */
struct given {
    int kind;
    const char *text;
    int size; /* 0: up to the terminator */
};

static int size_of(const struct given *given)
{
    return given->size > 0 ? given->size : (int)strlen(given->text);
}

static void add_subject(X509 *certificate, const struct given *given)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    for (size_t i = 0; i < NAMES_MAX && given[i].text; i++) {
        X509_NAME_ENTRY *entry = X509_NAME_ENTRY_new();
        ASN1_OBJECT *object = OBJ_nid2obj(NID_commonName);

        assert_int_equal(X509_NAME_ENTRY_set_object(entry, object), 1);
        /* By hand: OpenSSL would check the form. */
        ASN1_STRING *data = X509_NAME_ENTRY_get_data(entry);
        data->type = given[i].kind;
        assert_int_equal(
            ASN1_STRING_set(data, given[i].text, size_of(&given[i])), 1);
        assert_int_equal(X509_NAME_add_entry(subject, entry, -1, 0), 1);
        X509_NAME_ENTRY_free(entry);
    }
}

static GENERAL_NAME *make_name(const struct given *given)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    bool other = given->kind == GEN_OTHERNAME;
    ASN1_STRING *text =
        ASN1_STRING_type_new(other ? V_ASN1_UTF8STRING : V_ASN1_IA5STRING);

    assert_int_equal(ASN1_STRING_set(text, given->text, size_of(given)), 1);
    if (other) {
        ASN1_TYPE *value = ASN1_TYPE_new();

        ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
        assert_int_equal(
            GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_ms_upn), value),
            1);
    } else {
        GENERAL_NAME_set0_value(name, given->kind, text);
    }
    return name;
}

static void add_alternatives(X509 *certificate, const struct given *given)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    for (size_t i = 0; i < NAMES_MAX && given[i].text; i++) {
        assert_true(sk_GENERAL_NAME_push(names, make_name(&given[i])) > 0);
    }
    assert_int_equal(
        X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
    GENERAL_NAMES_free(names);
}

/* As a client sends it: through DER. */
static X509 *make(enum config_choice where, const struct given *given)
{
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    const unsigned char *next;
    int size;

    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    if (where == CONFIG_USER_SUBJECT_CN) {
        add_subject(certificate, given);
    } else {
        add_alternatives(certificate, given);
    }
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    size = i2d_X509(certificate, &der);
    assert_true(size > 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    next = der;
    certificate = d2i_X509(NULL, &next, size);
    assert_non_null(certificate);
    OPENSSL_free(der);
    return certificate;
}

struct row {
    enum config_choice where;
    struct given given[NAMES_MAX];
    const char *name; /* NULL: refused */
    const char *words;
};

static void check(const struct row *row)
{
    X509 *certificate = make(row->where, row->given);
    struct fault fault = {.text = ""};
    char *name = NULL;

    if (certificate_name(certificate, row->where, &name, &fault)) {
        assert_non_null(row->name);
        assert_string_equal(name, row->name);
    } else {
        assert_null(name);
        assert_null(row->name);
        assert_non_null(strstr(fault.text, row->words));
    }
    free(name);
    X509_free(certificate);
}

#define CN CONFIG_USER_SUBJECT_CN
#define DNS CONFIG_USER_SAN_DNS
#define EMAIL CONFIG_USER_SAN_EMAIL
#define UPN CONFIG_USER_SAN_UPN
#define UTF8 V_ASN1_UTF8STRING

static void one_name_is_the_user(void **state)
{
    static const struct row rows[] = {
        {CN, {{UTF8, "ann", 0}}, "ann", NULL},
        {CN, {{V_ASN1_PRINTABLESTRING, "PC1", 0}}, "PC1", NULL},
        {CN, {{UTF8, "M\xc3\xbcller", 0}}, "M\xc3\xbcller", NULL},
        {CN, {{V_ASN1_BMPSTRING, "\0a\0\xfc", 4}}, "a\xc3\xbc", NULL},
        {CN, {{UTF8, "ann", 0}, {UTF8, "ann", 0}}, "ann", NULL},
        {CN,
         {{UTF8, LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT, 0}},
         LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT,
         NULL},
        {DNS, {{GEN_DNS, "PC1.Example", 0}}, "pc1.example", NULL},
        {DNS,
         {{GEN_DNS, "pc1.example", 0}, {GEN_DNS, "PC1.example", 0}},
         "pc1.example",
         NULL},
        {DNS,
         {{GEN_EMAIL, "a@b", 0}, {GEN_DNS, "pc1", 0}, {GEN_URI, "x:y", 0}},
         "pc1",
         NULL},
        {EMAIL, {{GEN_EMAIL, "Ann@b", 0}}, "Ann@b", NULL},
        {UPN, {{GEN_OTHERNAME, "Ann@B", 0}}, "ann@b", NULL},
        {UPN,
         {{GEN_EMAIL, "x@y", 0}, {GEN_OTHERNAME, "ann@b", 0}},
         "ann@b",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(&rows[i]);
    }
}

static void other_names_are_refused(void **state)
{
    static const struct row rows[] = {
        {CN, {{0, NULL, 0}}, NULL, "no common name (subject-cn)"},
        {CN,
         {{UTF8, "ann", 0}, {UTF8, "bob", 0}},
         NULL,
         "more than one common name"},
        {CN, {{UTF8, "ann", 0}, {UTF8, "Ann", 0}}, NULL, "more than one"},
        {CN, {{UTF8, "ann\0.example", 12}}, NULL, "control character"},
        {CN, {{UTF8, "ann\n", 0}}, NULL, "control character"},
        {CN, {{UTF8, "ann\x7f", 0}}, NULL, "control character"},
        {CN, {{UTF8, "ann\xc2\x9b", 0}}, NULL, "control character"},
        {CN, {{V_ASN1_BMPSTRING, "\0a\0\0", 4}}, NULL, "control character"},
        {UPN, {{GEN_OTHERNAME, "ann\xc2", 0}}, NULL, "not a text"},
        {CN, {{UTF8, "invite:7", 0}}, NULL, "colon"},
        {CN,
         {{UTF8, LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT "x", 0}},
         NULL,
         "longer than 256"},
        {DNS, {{GEN_EMAIL, "a@b", 0}}, NULL, "no DNS name (san-dns)"},
        {DNS, {{GEN_DNS, "*.example", 0}}, NULL, "*"},
        {DNS,
         {{GEN_DNS, "a.example", 0}, {GEN_DNS, "b.example", 0}},
         NULL,
         "more than one DNS name"},
        {EMAIL, {{GEN_DNS, "a", 0}}, NULL, "no e-mail address (san-email)"},
        {UPN, {{GEN_EMAIL, "a@b", 0}}, NULL, "no user principal name"},
        {UPN,
         {{GEN_OTHERNAME, "a@b", 0}, {GEN_OTHERNAME, "c@d", 0}},
         NULL,
         "more than one user principal name"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(&rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_is_the_user),
        cmocka_unit_test(other_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
