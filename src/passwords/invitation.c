/*
 * passwords/invitation.c: see invitation.h.
 */
#include "passwords/invitation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "passwords/hex.h"
#include "passwords/htpasswd.h"
#include "passwords/path.h"
#include "passwords/secret_line.h"

#define SIGNATURE_BYTES (INVITATION_SIGNATURE_SIZE / 2)

/* --- the words ------------------------------------------------------------ */

/* "" or fN, o, fNo. */
static bool read_flags(struct bits_text flags, struct invitation *invitation)
{
    invitation->is_folder = text_take_char(&flags, 'f');
    if (invitation->is_folder && !text_take_u64(&flags, &invitation->depth)) {
        return false;
    }
    invitation->once = text_take_char(&flags, 'o');
    return flags.len == 0;
}

static bool read_size(struct bits_text text, struct invitation *invitation)
{
    invitation->max_size = UINT64_MAX;
    return text.len == 0 || text_to_u64(text, &invitation->max_size);
}

static bool read_user(struct bits_text hex, struct invitation *invitation)
{
    size_t size = hex.len / 2;

    if (hex.len == 0) {
        return true;
    }
    if (size > INVITATION_USER_MAX || !hex_is_lower(hex) ||
        !hex_read(hex, (uint8_t *)invitation->user, size)) {
        return false;
    }
    invitation->user[size] = '\0';
    return !htpasswd_name_fault((struct bits_text){invitation->user, size});
}

static bool read_id(struct bits_text id, struct invitation *invitation)
{
    if (id.len != INVITATION_ID_SIZE || !hex_is_lower(id)) {
        return false;
    }
    memcpy(invitation->id, id.ptr, id.len);
    return true;
}

bool invitation_read(struct bits_text value, struct invitation *ret_invitation)
{
    struct bits_text whole = value;
    struct bits_text id;
    struct bits_text time;
    struct bits_text flags;
    struct bits_text size;
    struct bits_text user;
    uint64_t expires = 0;

    *ret_invitation = (struct invitation){.depth = 0};
    if (!text_take_until(&value, '.', &id) ||
        !text_take_until(&value, '.', &time) ||
        !text_take_until(&value, '.', &flags) ||
        !text_take_until(&value, '.', &size) ||
        !text_take_until(&value, '.', &user)) {
        return false;
    }
    ret_invitation->signature = value;
    ret_invitation->words =
        (struct bits_text){whole.ptr, whole.len - value.len - 1};
    if (!text_to_u64(time, &expires) || expires > INT64_MAX) {
        return false;
    }
    ret_invitation->expires = (int64_t)expires;
    return value.len == INVITATION_SIGNATURE_SIZE &&
           read_id(id, ret_invitation) && read_flags(flags, ret_invitation) &&
           read_size(size, ret_invitation) && read_user(user, ret_invitation);
}

/* --- the path ------------------------------------------------------------- */

static uint64_t count_segments(const char *path)
{
    uint64_t count = 0;

    for (; *path; path++) {
        count += *path == '/' && path[1] != '\0';
    }
    return count;
}

/* Cuts a canonical path behind the slash of its first `depth` segments.  False:
 * it has no segment behind it. */
static bool cut_to_folder(char *path, uint64_t depth)
{
    char *at = path;

    for (uint64_t i = 0; at && i < depth; i++) {
        at = strchr(at + 1, '/');
    }
    if (!at || at[1] == '\0') {
        return false;
    }
    at[1] = '\0';
    return true;
}

/* The path that the signature covers, from malloc().  NULL: the invitation is
 * not for this path, or memory is short. */
static char *path_for(const struct invitation *invitation, struct bits_text raw)
{
    char *path = malloc(raw.len + 1);
    bool is_folder;

    if (path &&
        (!path_canonical(raw, path, raw.len + 1, &is_folder) || is_folder ||
         (invitation->is_folder && !cut_to_folder(path, invitation->depth)))) {
        free(path);
        path = NULL;
    }
    return path;
}

/* --- the signature -------------------------------------------------------- */

static bool sign(const char *path, struct bits_text words,
                 const struct invitation_key *key,
                 char ret_signature[INVITATION_SIGNATURE_SIZE + 1])
{
    uint8_t bytes[SIGNATURE_BYTES];
    char *text;
    int size = asprintf(&text, "%s\n%.*s", path, (int)words.len, words.ptr);
    bool done;

    if (size < 0) {
        return false;
    }
    done = HMAC(EVP_sha256(), key->bytes, sizeof(key->bytes),
                (const unsigned char *)text, (size_t)size, bytes, NULL) != NULL;
    free(text);
    hex_write(bytes, sizeof(bytes), ret_signature);
    return done;
}

bool invitation_is_valid(const struct invitation *invitation,
                         struct bits_text path,
                         const struct invitation_key *keys, size_t key_count)
{
    char expected[INVITATION_SIGNATURE_SIZE + 1];
    char *covered = path_for(invitation, path);
    bool valid = false;

    for (size_t i = 0; covered && i < key_count; i++) {
        if (sign(covered, invitation->words, &keys[i], expected) &&
            CRYPTO_memcmp(expected, invitation->signature.ptr,
                          INVITATION_SIGNATURE_SIZE) == 0) {
            valid = true;
        }
    }
    free(covered);
    return valid;
}

static int write_words(const struct invitation *invitation,
                       char ret_text[INVITATION_TEXT_MAX])
{
    char user[2 * INVITATION_USER_MAX + 1];
    char flags[2 + TEXT_U64_MAX + 1] = "";
    char size[TEXT_U64_MAX + 1] = "";

    if (invitation->is_folder) {
        (void)snprintf(flags, sizeof(flags), "f%" PRIu64 "%s",
                       invitation->depth, invitation->once ? "o" : "");
    } else if (invitation->once) {
        (void)snprintf(flags, sizeof(flags), "o");
    }
    if (invitation->max_size != UINT64_MAX) {
        (void)snprintf(size, sizeof(size), "%" PRIu64, invitation->max_size);
    }
    hex_write((const uint8_t *)invitation->user, strlen(invitation->user),
              user);
    return snprintf(ret_text, INVITATION_TEXT_MAX, "%s.%" PRId64 ".%s.%s.%s",
                    invitation->id, invitation->expires, flags, size, user);
}

static void append_slash(char *path)
{
    size_t size = strlen(path);

    path[size] = '/';
    path[size + 1] = '\0';
}

bool invitation_write(struct invitation *invitation, struct bits_text path,
                      const struct invitation_key *key,
                      char ret_text[INVITATION_TEXT_MAX])
{
    char signature[INVITATION_SIGNATURE_SIZE + 1];
    char *covered = malloc(path.len + 2);
    int size = 0;
    bool done = covered && path_canonical(path, covered, path.len + 1,
                                          &invitation->is_folder);

    if (done) {
        invitation->depth = invitation->is_folder ? count_segments(covered) : 0;
        if (invitation->depth > 0) {
            append_slash(covered);
        }
        size = write_words(invitation, ret_text);
        done = sign(covered, (struct bits_text){ret_text, (size_t)size}, key,
                    signature);
    }
    free(covered);
    if (done) {
        (void)snprintf(ret_text + size, INVITATION_TEXT_MAX - (size_t)size,
                       ".%s", signature);
    }
    return done;
}

/* --- keys ----------------------------------------------------------------- */

bool invitation_next_key(struct bits_text *text,
                         struct invitation_key_line *ret_line)
{
    *ret_line = (struct invitation_key_line){.fault = NULL};
    if (text->len == 0) {
        return false;
    }
    ret_line->whole = secret_line_take(text);
    if (!secret_line_counts(ret_line->whole)) {
        return true;
    }
    ret_line->has_key =
        hex_read(text_trim(ret_line->whole), ret_line->key.bytes,
                 sizeof(ret_line->key.bytes));
    if (!ret_line->has_key) {
        ret_line->fault = "a key has 64 hexadecimal digits";
    }
    return true;
}
