/*
 * bits/say_text.h: text that came from anywhere, made fit for a terminal.
 *
 * What a peer or a file system names may hold escape sequences, line ends,
 * bytes that are no characters and marks that turn the direction of writing.
 * All of these are written as \xHH, byte by byte; everything else stays.
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
    size_t len;                   /* of text, bytes */
    unsigned columns;             /* that it takes */
};

/* Takes one character from the terminated string, which is not empty, and
 * moves it forward. */
struct say_character say_take(const char **string);

/* Columns that the string takes once it is escaped. */
unsigned say_columns(const char *string);

/* The string escaped, in at most so many columns: a longer one loses its
 * end.  Cut as well where the room ends.  Terminated. */
void say_head(char *room, size_t size, const char *string, unsigned columns);

/* The same, but a longer one loses its middle: "long-...-name". */
void say_fit(char *room, size_t size, const char *string, unsigned columns);

#endif
