/*
 * bitsctl/invitation_key.c: see invitation_key.h.
 */
#include "bitsctl/invitation_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "bitsctl/ctl.h"
#include "bitsctl/replace.h"
#include "bitsctl/rewrite.h"
#include "os/random.h"
#include "passwords/hex.h"

static void put_lines(FILE *stream, struct bits_text old, const void *context)
{
    const struct invitation_key *key = context;
    char text[2 * INVITATION_KEY_SIZE + 1];

    hex_write(key->bytes, sizeof(key->bytes), text);
    (void)fprintf(stream, "%s\n", text);
    OPENSSL_cleanse(text, sizeof(text));
    if (old.len > 0) {
        (void)fwrite(old.ptr, 1, old.len, stream);
    }
}

static bool find_first(const struct replacement *replacement,
                       struct invitation_key *ret_key)
{
    struct bits_text text = {replacement->text, replacement->size};
    struct invitation_key_line line;

    while (invitation_next_key(&text, &line)) {
        if (line.has_key) {
            *ret_key = line.key;
            return true;
        }
    }
    return false;
}

static int make(const char *path, struct invitation_key *ret_key)
{
    return os_random(ret_key->bytes, sizeof(ret_key->bytes))
               ? rewrite_file(path, put_lines, ret_key)
               : ctl_say(CTL_FAILED, "no random bytes: %s", strerror(errno));
}

int invitation_key_take(const char *path, enum invitation_key_choice choice,
                        struct invitation_key *ret_key)
{
    struct replacement replacement;
    struct fault fault;
    bool is_read = replacement_begin(&replacement, path, &fault);
    bool found = is_read && choice == INVITATION_KEY_FIRST &&
                 find_first(&replacement, ret_key);

    replacement_end(&replacement);
    if (!is_read) {
        return ctl_say(CTL_FAILED, "%s", fault.text);
    }
    return found ? CTL_DONE : make(path, ret_key);
}
