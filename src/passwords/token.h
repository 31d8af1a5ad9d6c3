/*
 * passwords/token.h: bearer tokens, and files of them: lines
 *
 *     NAME sha256=HEX [expires=TIME] [rights=LIST] [prefix=PATH]...
 *
 * Empty lines and lines that begin with # do not count.  A token is a random
 * number of 256 bits.  A slow hash protects secrets that can be guessed; this
 * one cannot, so a single SHA-256 is enough.
 */
#ifndef PASSWORDS_TOKEN_H
#define PASSWORDS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/text.h>

#define TOKEN_HASH_SIZE 32
#define TOKEN_RANDOM_SIZE 32

/* "bitsd_", the number in hexadecimal digits, the terminator. */
#define TOKEN_MARK "bitsd_"
#define TOKEN_TEXT_SIZE (sizeof(TOKEN_MARK) + 2 * (size_t)TOKEN_RANDOM_SIZE)

/* "2027-01-31T23:59:59Z" with the terminator. */
#define TOKEN_TIME_SIZE 21

/* The time of expiry of a token without one. */
#define TOKEN_NEVER INT64_MAX

enum token_right {
    TOKEN_UPLOAD = 1, /* packets of BITS */
    TOKEN_HEAD = 2,   /* HEAD, which tells whether a file exists */
};

#define TOKEN_RIGHTS_ALL (TOKEN_UPLOAD | TOKEN_HEAD)

struct token_line {
    struct bits_text whole; /* without its end */
    struct bits_text name;  /* empty without a fault: it does not count */
    uint8_t hash[TOKEN_HASH_SIZE];
    int64_t expires;          /* seconds since 1970, or TOKEN_NEVER */
    unsigned rights;          /* of enum token_right */
    struct bits_text options; /* for token_next_prefix() */
    const char *fault;        /* why the line cannot be used, or NULL; static */
};

/* Takes the next line.  False: none is left. */
bool token_next(struct bits_text *text, struct token_line *ret_line);

/* Takes the next path of prefix= from the options of a line without a fault.
 * False: none is left. */
bool token_next_prefix(struct bits_text *options, struct bits_text *ret_path);

/* Return why a token cannot have this name or prefix; NULL: it can. */
const char *token_name_fault(struct bits_text name);
const char *token_prefix_fault(struct bits_text path);

/* "upload", "head" or both with a comma.  False: not such a list. */
bool token_read_rights(struct bits_text text, unsigned *ret_rights);

/* Makes a token of random bytes. */
void token_make(const uint8_t random[TOKEN_RANDOM_SIZE],
                char ret_text[TOKEN_TEXT_SIZE]);

/* False: OpenSSL failed. */
bool token_hash(struct bits_text token, uint8_t ret_hash[TOKEN_HASH_SIZE]);

/* False: the year has more than four digits. */
bool token_write_time(int64_t time, char ret_text[TOKEN_TIME_SIZE]);

#endif
