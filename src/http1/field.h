/*
 * http1/field.h: iterates over the fields of a head that http1_head_parse() has
 * checked.
 *
 * Pure; no allocation; any thread.
 */
#ifndef HTTP1_FIELD_H
#define HTTP1_FIELD_H

#include <stdbool.h>

#include <openbits/text.h>

/* The next field of a parsed head.  Returns false after the last one. *cursor
 * starts as head->fields.  Values come without the white space around them. */
bool http1_next_field(struct bits_text *cursor, struct bits_text *ret_name,
                      struct bits_text *ret_value);

#endif
