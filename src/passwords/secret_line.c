/*
 * passwords/secret_line.c: see secret_line.h.
 */
#include "passwords/secret_line.h"

#include "base/text.h"

struct bits_text secret_line_take(struct bits_text *text)
{
    struct bits_text line;

    if (!text_take_until(text, '\n', &line)) {
        line = *text;
        *text = (struct bits_text){line.ptr + line.len, 0};
    }
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

bool secret_line_counts(struct bits_text line)
{
    return text_trim(line).len > 0 && line.ptr[0] != '#';
}
