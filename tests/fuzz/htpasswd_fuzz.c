/*
 * htpasswd_fuzz.c: any bytes as a file of names and passwords, and as the value
 * of Authorization.
 *
 * Oracles: the lines are the text, in order; a line that is accepted has a name
 * and a hash that are accepted by themselves, and is read again when it is
 * written plainly; a table finds each name that it has, and what it leaves out
 * was reported, up to the limit; what is read of Authorization is in bounds and
 * encodes to the same.
 */
#include "passwords/htpasswd.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "access/basic_text.h"
#include "access/faults.h"
#include "access/password_table.h"
#include "base/text.h"

#define SIZE_LIMIT 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* A block of its own, so that ASan sees one byte too many. */
static char *copy(const void *data, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    return text;
}

static void check_line_again(const struct htpasswd_line *line)
{
    char plain[HTPASSWD_NAME_MAX + HASH_TEXT_MAX + 2];
    struct htpasswd_line again;
    struct bits_text rest = {plain, line->name.len + 1 + line->hash.len};

    require(!htpasswd_name_fault(line->name) && !hash_fault(line->hash));
    require(rest.len < sizeof(plain));
    memcpy(plain, line->name.ptr, line->name.len);
    plain[line->name.len] = ':';
    memcpy(plain + line->name.len + 1, line->hash.ptr, line->hash.len);
    require(htpasswd_next(&rest, &again) && !again.fault);
    require(text_equal(again.name, line->name));
    require(text_equal(again.hash, line->hash));
    require(!htpasswd_next(&rest, &again));
}

/* The number of lines that cannot be used. */
static size_t check_lines(const char *text, size_t size)
{
    struct bits_text rest = {text, size};
    const char *at = text;
    struct htpasswd_line line;
    size_t faults = 0;

    while (htpasswd_next(&rest, &line)) {
        require(line.whole.ptr == at);
        at = rest.ptr;
        if (line.fault) {
            faults++;
        } else if (line.name.len > 0) {
            check_line_again(&line);
        }
    }
    require(at == text + size);
    return faults;
}

static void check_table(const uint8_t *data, size_t size, size_t faults)
{
    struct string_list errors = {0};
    struct report report = {.lines = &errors};
    struct password_table *table =
        password_table_new(copy(data, size), size, "/p", &report);

    require(table != NULL);
    require(errors.count <= FAULTS_MAX);
    require(errors.count >= faults || errors.count == FAULTS_MAX);
    require(report.failed == (errors.count > 0));
    for (size_t i = 0; i < table->count; i++) {
        const struct password_entry *entry = &table->entries[i];

        require(password_table_find(table, entry->name) == entry);
        require(!hash_fault(text_of(entry->hash)));
    }
    password_table_free(table);
    string_list_done(&errors);
}

static void check_authorization(const char *text, size_t size)
{
    struct basic_text basic;
    unsigned char coded[2 * sizeof(basic.room)];
    char plain[sizeof(basic.room)];
    size_t length;
    int coded_length;

    if (!basic_text_read((struct bits_text){text, size}, &basic)) {
        return;
    }
    length = basic.user.len + 1 + strlen(basic.password);
    require(!htpasswd_name_fault(basic.user));
    require(length < sizeof(plain));
    memcpy(plain, basic.user.ptr, basic.user.len);
    plain[basic.user.len] = ':';
    memcpy(plain + basic.user.len + 1, basic.password, strlen(basic.password));
    coded_length =
        EVP_EncodeBlock(coded, (const unsigned char *)plain, (int)length);
    require(coded_length > 0 && (size_t)coded_length <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size > SIZE_LIMIT) {
        return 0;
    }
    text = copy(data, size);
    check_table(data, size, check_lines(text, size));
    check_authorization(text, size);
    free(text);
    return 0;
}
