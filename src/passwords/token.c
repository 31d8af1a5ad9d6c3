/*
 * passwords/token.c: see token.h.
 */
#include "passwords/token.h"

#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/text.h"
#include "passwords/hex.h"
#include "passwords/htpasswd.h"
#include "passwords/secret_line.h"

/* --- parts of a line ------------------------------------------------------ */

/* Takes the next word.  False: none is left. */
static bool take_word(struct bits_text *line, struct bits_text *ret_word)
{
    *line = text_trim(*line);
    if (line->len == 0) {
        return false;
    }
    ret_word->ptr = line->ptr;
    ret_word->len = 0;
    while (line->len > 0 && line->ptr[0] != ' ' && line->ptr[0] != '\t') {
        ret_word->len++;
        line->ptr++;
        line->len--;
    }
    return true;
}

/* Takes KEY= off the word. */
static bool take_key(struct bits_text *word, struct bits_text key)
{
    if (word->len <= key.len || word->ptr[key.len] != '=' ||
        memcmp(word->ptr, key.ptr, key.len) != 0) {
        return false;
    }
    word->ptr += key.len + 1;
    word->len -= key.len + 1;
    return true;
}

static bool read_time(struct bits_text text, int64_t *ret_time)
{
    char room[TOKEN_TIME_SIZE];
    char again[TOKEN_TIME_SIZE];
    struct tm parts = {0};
    const char *end;

    if (text.len != sizeof(room) - 1) {
        return false;
    }
    memcpy(room, text.ptr, text.len);
    room[text.len] = '\0';
    end = strptime(room, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (!end || *end) {
        return false;
    }
    *ret_time = timegm(&parts);
    /* timegm() takes 31 February for a day of March. */
    return token_write_time(*ret_time, again) && strcmp(again, room) == 0;
}

bool token_read_rights(struct bits_text text, unsigned *ret_rights)
{
    struct bits_text item;

    *ret_rights = 0;
    while (text_take_item(&text, &item)) {
        if (text_equal(item, TEXT("upload"))) {
            *ret_rights |= TOKEN_UPLOAD;
        } else if (text_equal(item, TEXT("head"))) {
            *ret_rights |= TOKEN_HEAD;
        } else {
            return false;
        }
    }
    return *ret_rights != 0;
}

const char *token_name_fault(struct bits_text name)
{
    const char *fault = htpasswd_name_fault(name);

    return fault || text_is_visible(name)
               ? fault
               : "the name has a blank or a letter that is not ASCII";
}

const char *token_prefix_fault(struct bits_text path)
{
    return text_is_visible(path) && path.ptr[0] == '/'
               ? NULL
               : "a prefix begins with / and has no blanks; write %20";
}

/* --- lines ---------------------------------------------------------------- */

/* Returns why the option cannot be used, or NULL. */
static const char *read_option(struct bits_text word, struct token_line *line,
                               bool *ret_has_hash)
{
    if (take_key(&word, TEXT("sha256"))) {
        *ret_has_hash = hex_read(word, line->hash, sizeof(line->hash));
        return *ret_has_hash ? NULL : "sha256= needs 64 hexadecimal digits";
    }
    if (take_key(&word, TEXT("expires"))) {
        return read_time(word, &line->expires)
                   ? NULL
                   : "expires= needs a time like 2027-01-31T23:59:59Z";
    }
    if (take_key(&word, TEXT("rights"))) {
        return token_read_rights(word, &line->rights)
                   ? NULL
                   : "rights= needs upload, head, or both with a comma";
    }
    if (take_key(&word, TEXT("prefix"))) {
        return token_prefix_fault(word);
    }
    return "only sha256=, expires=, rights= and prefix= may follow the name";
}

static void split(struct token_line *line)
{
    struct bits_text rest = line->whole;
    struct bits_text word;
    bool has_hash = false;

    (void)take_word(&rest, &line->name);
    line->options = rest;
    if (text_has_prefix_nocase(line->name, TEXT(TOKEN_MARK))) {
        /* Faults are logged with the name, and secrets are not. */
        line->name.len = 0;
        line->fault = "a token is in place of a name; bitsctl token writes its "
                      "hash";
        return;
    }
    line->fault = token_name_fault(line->name);
    while (!line->fault && take_word(&rest, &word)) {
        line->fault = read_option(word, line, &has_hash);
    }
    if (!line->fault && !has_hash) {
        line->fault = "the line has no sha256=";
    }
}

bool token_next(struct bits_text *text, struct token_line *ret_line)
{
    *ret_line = (struct token_line){
        .expires = TOKEN_NEVER,
        .rights = TOKEN_RIGHTS_ALL,
    };
    if (text->len == 0) {
        return false;
    }
    ret_line->whole = secret_line_take(text);
    if (secret_line_counts(ret_line->whole)) {
        split(ret_line);
    }
    return true;
}

bool token_next_prefix(struct bits_text *options, struct bits_text *ret_path)
{
    while (take_word(options, ret_path)) {
        if (take_key(ret_path, TEXT("prefix"))) {
            return true;
        }
    }
    return false;
}

/* --- tokens --------------------------------------------------------------- */

void token_make(const uint8_t random[TOKEN_RANDOM_SIZE],
                char ret_text[TOKEN_TEXT_SIZE])
{
    memcpy(ret_text, TOKEN_MARK, sizeof(TOKEN_MARK));
    hex_write(random, TOKEN_RANDOM_SIZE, ret_text + sizeof(TOKEN_MARK) - 1);
}

bool token_hash(struct bits_text token, uint8_t ret_hash[TOKEN_HASH_SIZE])
{
    return EVP_Digest(token.ptr, token.len, ret_hash, NULL, EVP_sha256(),
                      NULL) == 1;
}

bool token_write_time(int64_t time, char ret_text[TOKEN_TIME_SIZE])
{
    time_t seconds = (time_t)time;
    struct tm parts;

    return gmtime_r(&seconds, &parts) && parts.tm_year + 1900 <= 9999 &&
           strftime(ret_text, TOKEN_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) ==
               TOKEN_TIME_SIZE - 1;
}
