/*
 * options/scanner.c: see scanner.h.
 */
#include "options/scanner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void scanner_init(struct scanner *scanner, const char *text)
{
    *scanner = (struct scanner){.next = text, .next_line = 1, .line = 1};
}

void scanner_done(struct scanner *scanner)
{
    free(scanner->text);
}

static enum token wrong(struct scanner *scanner, const char *words)
{
    (void)fault_set(&scanner->fault, "%s", words);
    return TOKEN_WRONG;
}

/* --- the text of a token --- */

/* Returns false if memory ran out. */
static bool put(struct scanner *scanner, const char *text, size_t length)
{
    if (scanner->room - scanner->length <= length) {
        size_t room = 2 * scanner->room + length + 32;
        char *grown = realloc(scanner->text, room);

        if (!grown) {
            return fault_set(&scanner->fault, "out of memory");
        }
        scanner->text = grown;
        scanner->room = room;
    }
    memcpy(scanner->text + scanner->length, text, length);
    scanner->length += length;
    scanner->text[scanner->length] = '\0';
    return true;
}

/* Takes `length` bytes of the file unchanged. */
static bool take(struct scanner *scanner, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        scanner->next_line += scanner->next[i] == '\n';
    }
    scanner->next += length;
    return put(scanner, scanner->next - length, length);
}

/* Skips `length` bytes. */
static void skip(struct scanner *scanner, size_t length)
{
    for (; length > 0; length--) {
        scanner->next_line += *scanner->next++ == '\n';
    }
}

/* --- blanks and comments --- */

/* Returns false if a comment has no end; scanner->line is where it begins. */
static bool skip_blanks(struct scanner *scanner)
{
    for (;;) {
        const char *at = scanner->next;

        scanner->line = scanner->next_line;
        if (*at && strchr(" \t\r\n", *at)) {
            skip(scanner, 1);
        } else if (*at == '#' || strncmp(at, "//", 2) == 0) {
            skip(scanner, strcspn(at, "\n"));
        } else if (strncmp(at, "/*", 2) == 0) {
            const char *end = strstr(at + 2, "*/");

            if (!end) {
                return false;
            }
            skip(scanner, (size_t)(end + 2 - at));
        } else {
            return true;
        }
    }
}

/* --- words and strings --- */

/* Returns true at ${NAME}. */
static bool is_variable(const char *at)
{
    return strncmp(at, "${", 2) == 0 && strchr(at, '}');
}

/* NAME, or NAME:-TEXT. */
static bool take_variable(struct scanner *scanner)
{
    size_t length = strcspn(scanner->next, "}");
    char *name = strndup(scanner->next + 2, length - 2);
    char *colon = name ? strchr(name, ':') : NULL;
    const char *value = NULL;
    bool put_it;

    if (!name) {
        return fault_set(&scanner->fault, "out of memory");
    }
    if (colon && colon[1] == '-') {
        *colon = '\0';
        value = colon + 2;
    }
    if (getenv(name)) {
        value = getenv(name);
    }
    skip(scanner, length + 1);
    put_it = !value || put(scanner, value, strlen(value));
    free(name);
    return put_it;
}

/* One byte given by its digits, which follow `before` bytes of the escape. */
static bool take_byte(struct scanner *scanner, size_t before, size_t length,
                      unsigned base)
{
    const char *escape = scanner->next;
    unsigned byte = 0;
    char c;

    for (size_t i = before; i < before + length; i++) {
        byte = byte * base + (unsigned)text_hex_digit(escape[i]);
    }
    if (byte > 0xff) {
        return fault_set(&scanner->fault, "invalid octal number '%.*s'",
                         (int)(before + length), escape);
    }
    if (byte == 0) {
        return fault_set(&scanner->fault, "a string cannot have a NUL byte");
    }
    c = (char)byte;
    skip(scanner, before + length);
    return put(scanner, &c, 1);
}

/* Call at a backslash that is not the last byte. */
static bool take_escape(struct scanner *scanner)
{
    static const char names[] = "nrbfaetv";
    static const char bytes[] = "\n\r\b\f\a\033\t\v";
    const char *at = scanner->next;
    const char *name = strchr(names, at[1]);
    size_t digits = strspn(at + 1, "0123456789");

    if (digits > 3 || strspn(at + 1, "01234567") < digits) {
        return fault_set(&scanner->fault, "bad escape sequence '%.*s'",
                         (int)digits + 1, at);
    }
    if (digits > 0) {
        return take_byte(scanner, 1, digits, 8);
    }
    if (at[1] == 'x' && text_hex_digit(at[2]) >= 0) {
        return take_byte(scanner, 2, text_hex_digit(at[3]) >= 0 ? 2 : 1, 16);
    }
    skip(scanner, name ? 2 : 1);
    return name ? put(scanner, &bytes[name - names], 1) : take(scanner, 1);
}

/* Takes one character or escape of a string. */
static bool take_piece(struct scanner *scanner, char quote)
{
    const char *at = scanner->next;

    if (at[0] == '\\' && at[1] == '\n') {
        skip(scanner, 2);
        return true;
    }
    if (quote == '"' && at[0] == '\\' && at[1]) {
        return take_escape(scanner);
    }
    if (quote == '"' && is_variable(at)) {
        return take_variable(scanner);
    }
    if (at[0] == '\\' && (at[1] == '\'' || at[1] == '\\')) {
        skip(scanner, 1);
    }
    return take(scanner, 1);
}

static enum token take_string(struct scanner *scanner)
{
    const char quote = *scanner->next;

    skip(scanner, 1);
    while (*scanner->next && *scanner->next != quote) {
        if (!take_piece(scanner, quote)) {
            return TOKEN_WRONG;
        }
    }
    if (!*scanner->next) {
        return wrong(scanner, "the string that begins here has no end");
    }
    skip(scanner, 1);
    return TOKEN_WORD;
}

static enum token take_word(struct scanner *scanner)
{
    size_t length = strcspn(scanner->next, " \t\r\n\"'={}()+,#*");

    if (is_variable(scanner->next)) {
        return take_variable(scanner) ? TOKEN_WORD : TOKEN_WRONG;
    }
    if (length == 0) {
        (void)fault_set(&scanner->fault,
                        "unexpected '%c'; put a value that has it into quotes",
                        *scanner->next);
        return TOKEN_WRONG;
    }
    return take(scanner, length) ? TOKEN_WORD : TOKEN_WRONG;
}

/* --- the whole --- */

static enum token sign_of(const char *at)
{
    switch (*at) {
    case '\0':
        return TOKEN_END;
    case '=':
        return TOKEN_EQUAL;
    case '{':
        return TOKEN_OPEN;
    case '}':
        return TOKEN_CLOSE;
    case ',':
        return TOKEN_COMMA;
    default:
        return at[0] == '+' && at[1] == '=' ? TOKEN_APPEND : TOKEN_WORD;
    }
}

enum token scanner_take(struct scanner *scanner)
{
    enum token token;

    scanner->length = 0;
    if (!skip_blanks(scanner)) {
        return wrong(scanner, "the comment that begins here has no end");
    }
    if (!put(scanner, "", 0)) {
        return TOKEN_WRONG;
    }
    if (*scanner->next == '"' || *scanner->next == '\'') {
        return take_string(scanner);
    }
    token = sign_of(scanner->next);
    if (token == TOKEN_WORD) {
        return take_word(scanner);
    }
    if (token != TOKEN_END && !take(scanner, token == TOKEN_APPEND ? 2 : 1)) {
        return TOKEN_WRONG;
    }
    return token;
}
