/*
 * bitsctl/rewrite.h: changes lines of a file of secrets.
 */
#ifndef BITSCTL_REWRITE_H
#define BITSCTL_REWRITE_H

#include <stdio.h>

#include <openbits/text.h>

/* Writes the new text of the file, whose old text is given, to the stream. */
typedef void rewrite_function(FILE *stream, struct bits_text old,
                              const void *context);

void rewrite_put_line(FILE *stream, struct bits_text line);

/* Puts the new text into the place of the old one (bitsctl/replace.h), and
 * says how bitsd can read a new file.  Returns an exit status; the reason of a
 * failure was printed. */
int rewrite_file(const char *path, rewrite_function *put, const void *context);

#endif
