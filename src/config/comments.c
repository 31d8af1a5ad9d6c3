/*
 * config/comments.c: see comments.h.
 */
#include "config/comments.h"

#include <stdbool.h>
#include <string.h>

/* Behind the closing quote, or NULL. */
static char *skip_quoted(char *text)
{
    char quote = *text++;

    while (*text && *text != quote) {
        if (*text == '\\' && text[1]) {
            text++;
        }
        text++;
    }
    return *text ? text + 1 : NULL;
}

static char *blank_line(char *text)
{
    size_t length = strcspn(text, "\n");

    memset(text, ' ', length);
    return text + length;
}

/* Behind the end of the comment, or NULL. */
static char *blank_block(char *text)
{
    char *end = strstr(text + 2, "*/");

    if (!end) {
        return NULL;
    }
    for (; text < end + 2; text++) {
        if (*text != '\n') {
            *text = ' ';
        }
    }
    return text;
}

const char *comments_blank(char *text)
{
    bool in_word = false;
    char *begin = NULL;

    while (text && *text) {
        begin = text;
        if (*text == '"' || *text == '\'') {
            text = skip_quoted(text);
            in_word = false;
        } else if (*text == '#' || (!in_word && strncmp(text, "//", 2) == 0)) {
            text = blank_line(text);
        } else if (!in_word && strncmp(text, "/*", 2) == 0) {
            text = blank_block(text);
        } else {
            in_word = !strchr(" \t\r\n={}()+,", *text);
            text++;
        }
    }
    return text ? NULL : begin;
}
