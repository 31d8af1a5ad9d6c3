/*
 * upload/safe_value.h: a value of a client as a part of a path.
 *
 * Pure; any thread.
 */
#ifndef UPLOAD_SAFE_VALUE_H
#define UPLOAD_SAFE_VALUE_H

#include <stdbool.h>
#include <stdio.h>

#include <openbits/text.h>

/* Writes the value so that it is one name, which is not . or .. and does not
 * begin with a dot.  Different values stay different, also in a file system
 * that normalises Unicode.  Returns false if the value is empty or memory ran
 * out. */
bool safe_value_write(FILE *stream, struct bits_text value);

#endif
