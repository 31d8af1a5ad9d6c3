/*
 * tests/unit/invitation_test.c: invitations: their text, their signature, the
 * parameter of the URL that carries them, and the keys.
 */
#include "passwords/invitation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/invite_keys.h"
#include "base/text.h"
#include "server/uploads/invitation_parameter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ID "0123456789abcdef"

static const struct invitation_key keys[] = {{{1}}, {{2}}, {{3}}};

static struct invitation everything(void)
{
    return (struct invitation){
        .id = ID,
        .expires = 1800000000,
        .once = true,
        .max_size = 12345,
        .user = "ann",
    };
}

static bool is_valid(const char *value, const char *path)
{
    struct invitation invitation;

    return invitation_read(text_of(value), &invitation) &&
           invitation_is_valid(&invitation, text_of(path), keys, 2);
}

/* --- the text --- */

static void texts_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        bool is_right;
    } rows[] = {
        {ID ".1....", false},
        {ID ".1...." ZEROS, true},
        {ID ".1.o..." ZEROS, true},
        {ID ".1.o.." ZEROS, false},
        {ID ".1.o..."
            "0" ZEROS,
         false},
        {ID ".9223372036854775807.o.1.6161." ZEROS, true},
        {ID ".9223372036854775808.o.1.6161." ZEROS, false},
        {ID ".1.f0o.1.6161." ZEROS, true},
        {ID ".1.of0.1.6161." ZEROS, false},
        {ID ".1.f.1.6161." ZEROS, false},
        {ID ".1.x.1.6161." ZEROS, false},
        {ID ".-1.o.1.6161." ZEROS, false},
        {ID "..o.1.6161." ZEROS, false},
        {ID ".1.o.x.6161." ZEROS, false},
        {ID ".1.o.1.616." ZEROS, false},
        {ID ".1.o.1.6G." ZEROS, false},
        {ID ".1.o.1.4A." ZEROS, false},
        {ID ".1.o.1.00." ZEROS, false},
        {ID ".1.o.1.3a." ZEROS, false},
        {"0123456789abcde.1...." ZEROS, false},
        {"0123456789ABCDEF.1...." ZEROS, false},
        {"", false},
        {".....", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct invitation invitation;

        assert_int_equal(invitation_read(text_of(rows[i].text), &invitation),
                         rows[i].is_right);
    }
}

static void a_user_has_64_bytes_at_most(void **state)
{
    char text[INVITATION_TEXT_MAX];
    struct invitation invitation = everything();

    (void)state;
    invitation.expires = INT64_MAX;
    invitation.max_size = UINT64_MAX - 1;
    memset(invitation.user, 'u', INVITATION_USER_MAX);
    assert_true(invitation_write(&invitation, TEXT("/a/"), &keys[0], text));
    assert_true(is_valid(text, "/a/x"));
    assert_true(strlen(text) < INVITATION_TEXT_MAX - 1);
}

static void what_is_written_is_read(void **state)
{
    char text[INVITATION_TEXT_MAX];
    struct invitation invitation = everything();
    struct invitation read;

    (void)state;
    assert_true(
        invitation_write(&invitation, TEXT("/a//%62/"), &keys[0], text));
    assert_true(invitation_read(text_of(text), &read));
    assert_string_equal(read.id, ID);
    assert_int_equal(read.expires, 1800000000);
    assert_true(read.is_folder);
    assert_int_equal(read.depth, 2);
    assert_true(read.once);
    assert_int_equal(read.max_size, 12345);
    assert_string_equal(read.user, "ann");
}

/* --- the signature --- */

static void each_changed_byte_is_refused(void **state)
{
    char text[INVITATION_TEXT_MAX];
    struct invitation invitation = everything();

    (void)state;
    assert_true(invitation_write(&invitation, TEXT("/in/"), &keys[0], text));
    assert_true(is_valid(text, "/in/a"));
    for (size_t i = 0; text[i]; i++) {
        char right = text[i];

        for (int c = 1; c < 256; c++) {
            text[i] = (char)c;
            assert_int_equal(is_valid(text, "/in/a"), text[i] == right);
        }
        text[i] = right;
    }
}

static void each_key_is_valid(void **state)
{
    char text[INVITATION_TEXT_MAX];
    struct invitation invitation = everything();

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        assert_true(invitation_write(&invitation, TEXT("/a"), &keys[i], text));
        assert_int_equal(is_valid(text, "/a"), i < 2);
    }
}

static void an_invitation_belongs_to_its_path(void **state)
{
    static const struct {
        const char *invited;
        const char *asked;
        bool is_valid;
    } rows[] = {
        {"/a/b", "/a/b", true},    {"/a/b", "//a/%62", true},
        {"/a/b", "/a/b/", false},  {"/a/b", "/a/b/c", false},
        {"/a/b", "/a", false},     {"/a/b", "/a/../a/b", false},
        {"/a/b/", "/a/b/c", true}, {"/a/b/", "/a/b/c/d", true},
        {"/a/b/", "/a/b", false},  {"/a/b/", "/a/b/", false},
        {"/a/b/", "/a/bc", false}, {"/a/b/", "/a/b/../c", false},
        {"/", "/a", true},         {"/", "/a/b", true},
        {"/", "/", false},         {"/a/", "/a%2fb", false},
    };
    char text[INVITATION_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct invitation invitation = everything();

        assert_true(invitation_write(&invitation, text_of(rows[i].invited),
                                     &keys[0], text));
        assert_int_equal(is_valid(text, rows[i].asked), rows[i].is_valid);
    }
}

static void a_path_that_leads_nowhere_gets_no_invitation(void **state)
{
    static const char *const paths[] = {"",         "a",  "/..",
                                        "/a/%2e/b", "/%", "/a%00"};
    char text[INVITATION_TEXT_MAX];
    struct invitation invitation = everything();

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        assert_false(
            invitation_write(&invitation, text_of(paths[i]), &keys[0], text));
    }
}

/* --- the parameter --- */

static void the_parameter_leaves_the_target(void **state)
{
    static const struct {
        const char *target;
        const char *rest;
        const char *value;
        unsigned count;
    } rows[] = {
        {"/a", "/a", "", 0},
        {"/a?", "/a?", "", 0},
        {"/a?x=1&y&", "/a?x=1&y&", "", 0},
        {"/a?bits-invite=v", "/a", "v", 1},
        {"/a?bits-invite", "/a", "", 1},
        {"/a?bits-invite=", "/a", "", 1},
        {"/a?x=1&bits-invite=v", "/a?x=1", "v", 1},
        {"/a?bits-invite=v&x=1", "/a?x=1", "v", 1},
        {"/a?x=1&bits-invite=v&y", "/a?x=1&y", "v", 1},
        {"/a?bits-invite=v&bits-invite=w", "/a", "v", 2},
        {"/a?%62its%2Dinvit%65=v", "/a", "v", 1},
        {"/a?bits-invite=v=w?x", "/a", "v=w?x", 1},
        {"/a?bits-invited=v", "/a?bits-invited=v", "", 0},
        {"/a?bits-invit=v", "/a?bits-invit=v", "", 0},
        {"/a?xbits-invite=v", "/a?xbits-invite=v", "", 0},
        {"/bits-invite=v", "/bits-invite=v", "", 0},
        {"http://h/a?bits-invite=v", "http://h/a", "v", 1},
        {"", "", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_text target = text_of(rows[i].target);
        char *room = malloc(target.len + 1);
        struct invitation_parameter parameter;
        size_t size = invitation_parameter_remove(target, room, &parameter);

        assert_true(
            text_equal((struct bits_text){room, size}, text_of(rows[i].rest)));
        assert_int_equal(parameter.count, rows[i].count);
        if (parameter.count > 0) {
            assert_true(text_equal(parameter.value, text_of(rows[i].value)));
        }
        free(room);
    }
}

/* --- keys --- */

static struct invite_keys *keys_of(const char *text, struct string_list *errors)
{
    struct report report = {.lines = errors};
    struct invite_keys *read =
        invite_keys_new(strdup(text), strlen(text), "/k", &report);

    assert_non_null(read);
    return read;
}

static void keys_have_64_digits(void **state)
{
    struct string_list errors = {0};
    struct invite_keys *read =
        keys_of("# new\n" ZEROS "\n\n  " ZEROS "  \r\n0\n", &errors);

    (void)state;
    assert_int_equal(read->count, 2);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.items[0],
                        "/k:5: a key has 64 hexadecimal digits");
    string_list_done(&errors);
    invite_keys_free(read);
}

static void a_file_without_a_key_is_reported(void **state)
{
    struct string_list errors = {0};
    struct invite_keys *read = keys_of("# nothing\n", &errors);

    (void)state;
    assert_int_equal(read->count, 0);
    assert_int_equal(errors.count, 1);
    string_list_done(&errors);
    invite_keys_free(read);
}

static void keys_are_limited(void **state)
{
    static const char line[] = ZEROS "\n";
    const size_t size = sizeof(line) - 1;
    char text[(INVITE_KEYS_MAX + 1) * sizeof(line)];

    (void)state;
    for (size_t count = INVITE_KEYS_MAX; count <= INVITE_KEYS_MAX + 1;
         count++) {
        struct string_list errors = {0};
        struct invite_keys *read;

        for (size_t i = 0; i < count; i++) {
            memcpy(text + i * size, line, sizeof(line));
        }
        read = keys_of(text, &errors);
        assert_int_equal(read->count, INVITE_KEYS_MAX);
        assert_int_equal(errors.count, count - INVITE_KEYS_MAX);
        string_list_done(&errors);
        invite_keys_free(read);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_told_apart),
        cmocka_unit_test(a_user_has_64_bytes_at_most),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_changed_byte_is_refused),
        cmocka_unit_test(each_key_is_valid),
        cmocka_unit_test(an_invitation_belongs_to_its_path),
        cmocka_unit_test(a_path_that_leads_nowhere_gets_no_invitation),
        cmocka_unit_test(the_parameter_leaves_the_target),
        cmocka_unit_test(keys_have_64_digits),
        cmocka_unit_test(a_file_without_a_key_is_reported),
        cmocka_unit_test(keys_are_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
