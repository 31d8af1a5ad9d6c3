/*
 * store/datedname.c: see datedname.h.
 */
#include "store/datedname.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openbits/target.h>

/* The longest UTF-8 character, in bytes. */
#define CHARACTER_MAX 4

/* The largest length up to `len` that does not split a UTF-8 character; len if
 * the text is not UTF-8 there. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t cut = len;

    while (cut > 0 && len - cut < CHARACTER_MAX &&
           ((unsigned char)text[cut] & 0xc0) == 0x80) {
        cut--;
    }
    return len - cut < CHARACTER_MAX ? cut : len;
}

static size_t cut_to(const char *text, size_t len, size_t max)
{
    return len > max ? whole_characters(text, max) : len;
}

void store_dated_name(const char *name, const struct store_mark *mark,
                      char *ret_name, size_t size)
{
    const char *slash = strrchr(name, '/');
    const char *leaf = slash ? slash + 1 : name;
    const char *dot = strrchr(leaf, '.');
    /* Digits from the end of the id, which is random. */
    const uint8_t *digits = mark->id->bytes + 12 - 4 * (size_t)mark->try;
    char text[64];
    time_t seconds = (time_t)mark->now;
    struct tm date;
    size_t text_len;
    size_t stem_len;
    size_t ext_len;

    (void)gmtime_r(&seconds, &date);
    (void)snprintf(
        text, sizeof(text), ".%04d%02d%02dT%02d%02d%02dZ-%02x%02x%02x%02x",
        date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, date.tm_hour,
        date.tm_min, date.tm_sec, digits[0], digits[1], digits[2], digits[3]);
    text_len = strlen(text);
    /* A leading dot hides a file; it does not start an extension. */
    if (!dot || dot == leaf) {
        dot = leaf + strlen(leaf);
    }
    stem_len = (size_t)(dot - leaf);
    /* A stem keeps its first character: a name that began with the mark's dot
     * would be hidden. */
    ext_len =
        cut_to(dot, strlen(dot), BITS_SEGMENT_MAX - text_len - CHARACTER_MAX);
    stem_len = cut_to(leaf, stem_len, BITS_SEGMENT_MAX - text_len - ext_len);
    (void)snprintf(ret_name, size, "%.*s%.*s%s%.*s", (int)(leaf - name), name,
                   (int)stem_len, leaf, text, (int)ext_len, dot);
}
