/*
 * passwords/htpasswd.c: see htpasswd.h.
 */
#include "passwords/htpasswd.h"

#include "base/text.h"
#include "passwords/hash.h"
#include "passwords/secret_line.h"

const char *htpasswd_name_fault(struct bits_text name)
{
    if (name.len == 0) {
        return "the name is empty";
    }
    if (name.len > HTPASSWD_NAME_MAX) {
        return "the name is longer than 256 bytes";
    }
    if (name.ptr[0] == '#') {
        return "a name cannot begin with #";
    }
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f ||
            name.ptr[i] == ':') {
            return "the name has a colon or a control character";
        }
    }
    return NULL;
}

static void split(struct htpasswd_line *line)
{
    struct bits_text rest = line->whole;
    struct bits_text hash;

    if (!text_take_until(&rest, ':', &line->name)) {
        line->fault = "the line has no colon; write NAME:HASH";
        return;
    }
    line->hash = text_take_until(&rest, ':', &hash) ? hash : rest;
    line->fault = htpasswd_name_fault(line->name);
    if (!line->fault) {
        line->fault = hash_fault(line->hash);
    }
}

bool htpasswd_next(struct bits_text *text, struct htpasswd_line *ret_line)
{
    struct htpasswd_line line = {.fault = NULL};

    if (text->len == 0) {
        return false;
    }
    line.whole = secret_line_take(text);
    if (secret_line_counts(line.whole)) {
        split(&line);
    }
    *ret_line = line;
    return true;
}
