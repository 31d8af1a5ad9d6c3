/*
 * passwords/secret_line.h: the lines of a file of passwords, tokens or
 * keys.
 *
 * Pure.
 */
#ifndef PASSWORDS_SECRET_LINE_H
#define PASSWORDS_SECRET_LINE_H

#include <stdbool.h>

#include <openbits/text.h>

/* Takes the next line, or the rest; returns it without its end. */
struct bits_text secret_line_take(struct bits_text *text);

/* False: it is empty or a comment. */
bool secret_line_counts(struct bits_text line);

#endif
