/*
 * access/token_table.h: the tokens of a token_file.
 *
 * It never changes; one thread at a time, or all read.
 */
#ifndef ACCESS_TOKEN_TABLE_H
#define ACCESS_TOKEN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "options/report.h"
#include "passwords/token.h"

struct token_entry {
    struct bits_text name;
    /* HMAC of the token's hash with a key of this table, by which entries are
     * found: the time of a look-up says nothing about hashes in the file. */
    uint8_t digest[TOKEN_HASH_SIZE];
    int64_t expires;             /* seconds since 1970, or TOKEN_NEVER */
    unsigned rights;             /* of enum token_right */
    const char *const *prefixes; /* canonical paths; none: everywhere */
    size_t prefix_count;
};

struct token_table;

/* Takes the text of a file, from malloc() and terminated.  Lines with a fault
 * are reported with the path and left out.  NULL: no memory or no random
 * bytes; the text is freed. */
struct token_table *token_table_new(char *text, size_t size, const char *path,
                                    struct report *report);

/* Accepts NULL. */
void token_table_free(struct token_table *table);

size_t token_table_count(const struct token_table *table);

/* NULL: the file does not have this token. */
const struct token_entry *token_table_find(const struct token_table *table,
                                           struct bits_text token);

/* Does the token cover a raw path of a request? */
bool token_entry_covers(const struct token_entry *entry, struct bits_text path);

#endif
