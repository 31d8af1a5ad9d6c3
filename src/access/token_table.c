/*
 * access/token_table.c: see token_table.h.
 */
#include "access/token_table.h"

#include <stdlib.h>
#include <string.h>

#include <openbits/target.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "access/faults.h"
#include "base/text.h"
#include "os/random.h"
#include "passwords/path.h"

struct token_table {
    char *text; /* the names point into it */
    struct token_entry *entries;
    size_t count;
    char *paths; /* the prefixes point into it */
    size_t paths_used;
    size_t paths_size;
    const char **prefixes;
    size_t prefix_count;
    uint8_t key[TOKEN_HASH_SIZE];
};

static size_t count_lines(struct bits_text text)
{
    struct token_line line;
    size_t count = 0;

    while (token_next(&text, &line)) {
        count++;
    }
    return count;
}

static size_t count_prefixes(struct bits_text text)
{
    struct bits_text path;
    size_t count = 0;

    while (token_next_prefix(&text, &path)) {
        count++;
    }
    return count;
}

static bool digest(const struct token_table *table,
                   const uint8_t hash[TOKEN_HASH_SIZE],
                   uint8_t ret_digest[TOKEN_HASH_SIZE])
{
    return HMAC(EVP_sha256(), table->key, sizeof(table->key), hash,
                TOKEN_HASH_SIZE, ret_digest, NULL) != NULL;
}

/* --- reading -------------------------------------------------------------- */

static bool add_prefix(struct token_table *table, struct bits_text raw)
{
    char *path = table->paths + table->paths_used;
    bool is_folder;

    if (!path_canonical(raw, path, table->paths_size - table->paths_used,
                        &is_folder)) {
        return false;
    }
    table->paths_used += strlen(path) + 1;
    table->prefixes[table->prefix_count++] = path;
    return true;
}

/* Returns why the line cannot be used, or NULL. */
static const char *add(struct token_table *table, const struct token_line *line)
{
    struct token_entry *entry = &table->entries[table->count];
    struct bits_text options = line->options;
    struct bits_text raw;

    *entry = (struct token_entry){
        .name = line->name,
        .expires = line->expires,
        .rights = line->rights,
        .prefixes = table->prefixes + table->prefix_count,
    };
    while (token_next_prefix(&options, &raw)) {
        if (!add_prefix(table, raw)) {
            return "prefix= cannot be a folder";
        }
        entry->prefix_count++;
    }
    if (!digest(table, line->hash, entry->digest)) {
        return "OpenSSL failed";
    }
    table->count++;
    return NULL;
}

static void read_lines(struct token_table *table, struct bits_text text,
                       const char *path, struct report *report)
{
    struct token_line line;
    struct faults faults = {path, "token file", "token", 0, report};

    for (unsigned number = 1; token_next(&text, &line); number++) {
        if (!line.fault && line.name.len > 0) {
            line.fault = add(table, &line);
        }
        if (line.fault) {
            faults_add(&faults, number, line.name, line.fault);
        }
    }
}

static int compare(const void *left, const void *right)
{
    const struct token_entry *a = left;
    const struct token_entry *b = right;

    return memcmp(a->digest, b->digest, sizeof(a->digest));
}

/* Takes the text. */
static struct token_table *make(char *text, size_t size)
{
    struct token_table *table = calloc(1, sizeof(*table));
    struct bits_text whole = {text, size};

    if (!table) {
        free(text);
        return NULL;
    }
    table->text = text;
    table->paths_size = size + 1;
    table->paths = malloc(table->paths_size);
    table->entries = calloc(count_lines(whole) + 1, sizeof(table->entries[0]));
    table->prefixes =
        calloc(count_prefixes(whole) + 1, sizeof(table->prefixes[0]));
    if (!table->paths || !table->entries || !table->prefixes ||
        !os_random(table->key, sizeof(table->key))) {
        token_table_free(table);
        return NULL;
    }
    return table;
}

struct token_table *token_table_new(char *text, size_t size, const char *path,
                                    struct report *report)
{
    struct bits_text whole = {text, size};
    struct token_table *table = make(text, size);

    if (table) {
        read_lines(table, whole, path, report);
        qsort(table->entries, table->count, sizeof(table->entries[0]), compare);
    }
    return table;
}

void token_table_free(struct token_table *table)
{
    if (table) {
        OPENSSL_cleanse(table->key, sizeof(table->key));
        free(table->prefixes);
        free(table->entries);
        free(table->paths);
        free(table->text);
        free(table);
    }
}

/* --- look-up -------------------------------------------------------------- */

size_t token_table_count(const struct token_table *table)
{
    return table->count;
}

const struct token_entry *token_table_find(const struct token_table *table,
                                           struct bits_text token)
{
    struct token_entry key;
    uint8_t hash[TOKEN_HASH_SIZE];

    if (!token_hash(token, hash) || !digest(table, hash, key.digest)) {
        return NULL;
    }
    return bsearch(&key, table->entries, table->count,
                   sizeof(table->entries[0]), compare);
}

bool token_entry_covers(const struct token_entry *entry, struct bits_text path)
{
    struct bits_text rest;

    for (size_t i = 0; i < entry->prefix_count; i++) {
        if (bits_target_below(path, text_of(entry->prefixes[i]), &rest)) {
            return true;
        }
    }
    return entry->prefix_count == 0;
}
