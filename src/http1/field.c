/*
 * http1/field.c: see field.h.
 */
#include "http1/field.h"

#include "base/text.h"

bool http1_next_field(struct bits_text *cursor, struct bits_text *ret_name,
                      struct bits_text *ret_value)
{
    struct bits_text line;

    if (!text_take_until(cursor, '\n', &line) ||
        !text_take_until(&line, ':', ret_name) || line.len == 0) {
        return false;
    }
    line.len--; /* the CR */
    *ret_value = text_trim(line);
    return true;
}
