/*
 * bits/say_text.h: makes any text safe for a terminal.
 *
 * Text of a peer or a file system may contain escape sequences, line ends,
 * bytes that are not characters and marks that change the direction of writing.
 * All of these are written as \xHH, byte by byte; everything else is unchanged.
 *
 * Characters are UTF-8 if the locale says so: say_init() sets it.  No I/O.
 */
#ifndef BITS_SAY_TEXT_H
#define BITS_SAY_TEXT_H

#include <stddef.h>

/* Room for one character, escaped and terminated. */
#define SAY_CHARACTER_MAX 33

struct say_character {
    char text[SAY_CHARACTER_MAX]; /* terminated */
    size_t len;                   /* bytes of text */
    unsigned columns;             /* columns on the terminal */
};

/* Takes one character from the terminated string, which must not be empty, and
 * advances it. */
struct say_character say_take(const char **string);

/* The columns of the string when escaped. */
unsigned say_columns(const char *string);

/* The escaped string in at most `columns` columns, terminated: cuts the end of
 * a longer one.  Also cuts it to the room. */
void say_head(char *room, size_t size, const char *string, unsigned columns);

/* The same, but cuts the middle: "long-...-name". */
void say_fit(char *room, size_t size, const char *string, unsigned columns);

#endif
