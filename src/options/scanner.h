/*
 * options/scanner.h: a configuration file, token by token.
 *
 *     # to the end of the line        // the same        / * C comment * /
 *     word    "string\n"    'string'    ${NAME}    ${NAME:-or else}
 *     =    +=    {    }    ,
 *
 * A word contains no blanks, no quotes and none of = { } ( ) + , # *; `//` in
 * its middle is part of it.  In double quotes, a backslash begins an escape as
 * in C, and ${NAME} is replaced by that environment variable; in single quotes
 * only \' and \\ are escapes.  A backslash at the end of a line of a string
 * continues it on the next line.
 */
#ifndef OPTIONS_SCANNER_H
#define OPTIONS_SCANNER_H

#include <stddef.h>

#include "base/fault.h"

enum token {
    TOKEN_END, /* end of the file */
    TOKEN_WORD,
    TOKEN_EQUAL,
    TOKEN_APPEND,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_WRONG, /* an error: the fault says why, scanning ends */
};

struct scanner {
    const char *next;   /* private: start of the search for the next token */
    unsigned next_line; /* private */
    unsigned line;      /* where the last token begins */
    char *text;         /* of the last token, unquoted; terminated */
    size_t length;
    size_t room;
    struct fault fault;
};

/* The scanner borrows the text. */
void scanner_init(struct scanner *scanner, const char *text);
void scanner_done(struct scanner *scanner);

enum token scanner_take(struct scanner *scanner);

#endif
