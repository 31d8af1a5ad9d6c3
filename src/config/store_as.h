/*
 * config/store_as.h: the form of store_as: text and placeholders.
 *
 * Pure.
 */
#ifndef CONFIG_STORE_AS_H
#define CONFIG_STORE_AS_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

enum store_as_kind {
    STORE_AS_TEXT,
    STORE_AS_PATH,   /* the path below the prefix, with the file's name */
    STORE_AS_NAME,   /* the file's name */
    STORE_AS_USER,   /* who uploads */
    STORE_AS_PEER,   /* the client's address */
    STORE_AS_DATE,   /* of Create-Session, UTC */
    STORE_AS_HANDLE, /* of the session */
};

struct store_as_piece {
    enum store_as_kind kind;
    struct bits_text text; /* TEXT */
};

/* Takes the next piece of a store_as.  Returns false at its end, or if it is
 * malformed; *ret_piece.text is then where. */
bool store_as_next(struct bits_text *store_as,
                   struct store_as_piece *ret_piece);

/* Returns NULL if the text is a valid store_as, otherwise what is wrong with it
 * and what to do; static. */
const char *store_as_fault(const char *store_as);

bool store_as_has(const char *store_as, enum store_as_kind kind);

/* The number of folders that a valid store_as itself names: all that are not
 * part of {path}. */
size_t store_as_folders(const char *store_as);

#endif
