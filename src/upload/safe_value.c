/*
 * upload/safe_value.c: see safe_value.h.
 *
 * A byte that is not safe becomes %XX, and so does the % itself: that can be
 * decoded, hence no two values have the same name.  Text beyond ASCII stays as
 * it is if it is in NFC and visible; otherwise all of its bytes are written as
 * %XX.
 */
#include "upload/safe_value.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"
#include "upload/windows_name.h"

static bool is_ascii(char byte)
{
    return (unsigned char)byte < 0x80;
}

/* The value is terminated. */
static bool is_composed(const char *value, bool *ret_no_memory)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t size =
        utf8proc_map((const utf8proc_uint8_t *)value, 0, &made,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    bool is_same = size >= 0 && strcmp((const char *)made, value) == 0;

    *ret_no_memory = size == UTF8PROC_ERROR_NOMEM;
    free(made);
    return is_same;
}

static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && byte != 0x7f &&
           !strchr("%/\\<>:\"|?*", byte);
}

/* A dot at the beginning hides a name, and Windows drops dots and blanks at the
 * end. */
static bool is_safe(const char *value, size_t at, bool keeps_text)
{
    char byte = value[at];

    if (!is_ascii(byte)) {
        return keeps_text;
    }
    if (byte == '.' || byte == ' ') {
        return at > 0 && value[at + 1] != '\0';
    }
    return is_plain(byte);
}

bool safe_value_write(FILE *stream, struct bits_text value)
{
    char *copy = value.len > 0 ? strndup(value.ptr, value.len) : NULL;
    bool no_memory = false;
    bool keeps_text;

    if (!copy || strlen(copy) != value.len) {
        free(copy);
        return false;
    }
    keeps_text = is_composed(copy, &no_memory) && windows_name_shows(value);
    for (size_t i = 0; i < value.len && !no_memory; i++) {
        (void)fprintf(stream, is_safe(copy, i, keeps_text) ? "%c" : "%%%02X",
                      (unsigned char)copy[i]);
    }
    free(copy);
    return !no_memory;
}
