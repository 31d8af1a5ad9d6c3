/*
 * access/invite_keys.c: see invite_keys.h.
 */
#include "access/invite_keys.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "access/faults.h"
#include "base/text.h"

static void read_lines(struct invite_keys *keys, struct bits_text text,
                       struct faults *faults)
{
    struct invitation_key_line line;

    for (unsigned number = 1; invitation_next_key(&text, &line); number++) {
        if (line.has_key && keys->count == INVITE_KEYS_MAX) {
            line.fault = "bitsd uses 16 keys at most; remove old ones";
        } else if (line.has_key) {
            keys->items[keys->count++] = line.key;
        }
        if (line.fault) {
            faults_add(faults, number, TEXT(""), line.fault);
        }
    }
    OPENSSL_cleanse(&line, sizeof(line));
}

struct invite_keys *invite_keys_new(char *text, size_t size, const char *path,
                                    struct report *report)
{
    struct faults faults = {path, "file of keys", "key", 0, report};
    struct invite_keys *keys = calloc(1, sizeof(*keys));

    if (keys) {
        read_lines(keys, (struct bits_text){text, size}, &faults);
        if (keys->count == 0 && faults.count == 0) {
            report_add(report, (struct place){path, 0},
                       "there is no key in it; bitsctl invite makes one");
        }
    }
    OPENSSL_cleanse(text, size);
    free(text);
    return keys;
}

void invite_keys_free(struct invite_keys *keys)
{
    if (keys) {
        OPENSSL_cleanse(keys, sizeof(*keys));
        free(keys);
    }
}
