/*
 * tests/unit/negotiate_test.c: the user of a principal, and tokens of NTLM.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "access/base64.h"
#include "access/ntlm.h"
#include "access/principal.h"
#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_principal_is_a_user_if_its_realm_is_named(void **state)
{
    static const struct {
        const char *principal;
        const char *user; /* NULL: refused */
    } rows[] = {
        {"ann@A.EXAMPLE", "ann"},
        {"ann@B.EXAMPLE", "ann"},
        {"PC01$@A.EXAMPLE", "PC01$"},
        {"host/pc01.a.example@A.EXAMPLE", "host/pc01.a.example"},
        {"ann@a.example", NULL},
        {"ann@C.EXAMPLE", NULL},
        {"ann@A.EXAMPLE.C", NULL},
        {"ann@XA.EXAMPLE", NULL},
        {"ann@", NULL},
        {"ann", NULL},
        {"", NULL},
        {"@A.EXAMPLE", NULL},
        {"a@C.EXAMPLE@A.EXAMPLE", NULL},
        {"a\\@C.EXAMPLE@A.EXAMPLE", NULL},
        {"a\\nb@A.EXAMPLE", NULL},
        {"a:b@A.EXAMPLE", NULL},
        {"invite:7@A.EXAMPLE", NULL},
        {"a\nb@A.EXAMPLE", NULL},
        {"#a@A.EXAMPLE", NULL},
        {"WELLKNOWN/ANONYMOUS@A.EXAMPLE", NULL},
        {"wellknown/ANONYMOUS@A.EXAMPLE", NULL},
    };
    char a[] = "A.EXAMPLE";
    char b[] = "B.EXAMPLE";
    char *names[] = {a, b};
    const struct string_list realms = {.items = names, .count = 2};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_text user = {"", 0};
        const char *fault = principal_user(rows[i].principal, &realms, &user);

        if (rows[i].user) {
            assert_null(fault);
            assert_int_equal(user.len, strlen(rows[i].user));
            assert_memory_equal(user.ptr, rows[i].user, user.len);
        } else {
            assert_non_null(fault);
        }
    }
}

#define NTLM_OID "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
#define KERBEROS_OID "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define MS_KERBEROS_OID "\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"
#define SPNEGO_OID "\x06\x06\x2b\x06\x01\x05\x05\x02"

static void ntlm_is_recognised(void **state)
{
    static const struct {
        struct bits_text token;
        bool is_ntlm;
    } rows[] = {
        {TEXT_INIT("NTLMSSP\0"), true},
        {TEXT_INIT("NTLMSSP\0\1\0\0\0"), true},
        {TEXT_INIT("NTLMSSP"), false},
        {TEXT_INIT("NTLMSSPx"), false},
        {TEXT_INIT(""), false},
        {TEXT_INIT("\x60\x1c" SPNEGO_OID
                   "\xa0\x12\x30\x10\xa0\x0e\x30\x0c" NTLM_OID),
         true},
        /* Lengths in a longer form than needed. */
        {TEXT_INIT("\x60\x81\x1d" SPNEGO_OID
                   "\xa0\x82\0\x12\x30\x10\xa0\x0e\x30\x0c" NTLM_OID),
         false},
        {TEXT_INIT("\x60\x81\x1e" SPNEGO_OID
                   "\xa0\x82\0\x12\x30\x10\xa0\x0e\x30\x0c" NTLM_OID),
         true},
        {TEXT_INIT("\x60\x27" SPNEGO_OID
                   "\xa0\x1d\x30\x1b\xa0\x19\x30\x17" NTLM_OID KERBEROS_OID),
         false},
        {TEXT_INIT("\x60\x27" SPNEGO_OID
                   "\xa0\x1d\x30\x1b\xa0\x19\x30\x17" MS_KERBEROS_OID NTLM_OID),
         false},
        {TEXT_INIT("\x60\x10" SPNEGO_OID "\xa0\x06\x30\x04\xa0\x02\x30\x00"),
         false},
        {TEXT_INIT("\x60\x84\xff\xff\xff\xff" SPNEGO_OID), false},
        {TEXT_INIT("\x60\x85\0\0\0\0\x08" SPNEGO_OID), false},
        {TEXT_INIT("\x60\x80"), false},
        {TEXT_INIT("\x60"), false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ntlm_is_token(rows[i].token), rows[i].is_ntlm);
        for (size_t length = 0; rows[i].token.len > 12 && !rows[i].is_ntlm &&
                                length < rows[i].token.len;
             length++) {
            assert_false(
                ntlm_is_token((struct bits_text){rows[i].token.ptr, length}));
        }
    }
}

static void base64_is_read_strictly(void **state)
{
    static const struct {
        struct bits_text coded;
        const char *plain; /* NULL: refused */
    } rows[] = {
        {TEXT_INIT("YQ=="), "a"},
        {TEXT_INIT("YWI="), "ab"},
        {TEXT_INIT("YWJj"), "abc"},
        {TEXT_INIT("YWJjZA=="), "abcd"},
        {TEXT_INIT(""), NULL},
        {TEXT_INIT("YQ="), NULL},
        {TEXT_INIT("YQ"), NULL},
        {TEXT_INIT("===="), NULL},
        {TEXT_INIT("Y==="), NULL},
        {TEXT_INIT("YQ==YQ=="), NULL},
        {TEXT_INIT(" YQ="), NULL},
        {TEXT_INIT("YQ-="), NULL},
        {TEXT_INIT("YWJjZGVm"), NULL} /* does not fit */,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char room[6 - 1];
        size_t size = rows[i].coded.len == 8 && rows[i].plain ? 6 : 5;
        char large[6];
        char *target = size == 6 ? large : room;
        size_t decoded;
        bool done = base64_decode(rows[i].coded, target, size, &decoded);

        assert_int_equal(done, rows[i].plain != NULL);
        if (done) {
            assert_int_equal(decoded, strlen(rows[i].plain));
            assert_memory_equal(target, rows[i].plain, decoded);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_principal_is_a_user_if_its_realm_is_named),
        cmocka_unit_test(ntlm_is_recognised),
        cmocka_unit_test(base64_is_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
