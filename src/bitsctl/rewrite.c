/*
 * bitsctl/rewrite.c: see rewrite.h.
 */
#include "bitsctl/rewrite.h"

#include <stdlib.h>

#include "bitsctl/ctl.h"
#include "bitsctl/replace.h"

void rewrite_put_line(FILE *stream, struct bits_text line)
{
    if (line.len > 0) {
        (void)fwrite(line.ptr, 1, line.len, stream);
    }
    (void)fputc('\n', stream);
}

/* From malloc(); NULL: no memory. */
static char *make_text(const struct replacement *replacement,
                       rewrite_function *put, const void *context,
                       size_t *ret_size)
{
    const struct bits_text old = {replacement->text, replacement->size};
    char *text = NULL;
    FILE *stream = open_memstream(&text, ret_size);

    if (!stream) {
        return NULL;
    }
    put(stream, old, context);
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static bool write_text(const struct replacement *replacement,
                       rewrite_function *put, const void *context,
                       struct fault *ret_fault)
{
    size_t size;
    char *text = make_text(replacement, put, context, &size);
    bool done = text ? replacement_write(replacement, text, size, ret_fault)
                     : fault_set(ret_fault, "out of memory");

    free(text);
    return done;
}

int rewrite_file(const char *path, rewrite_function *put, const void *context)
{
    struct replacement replacement;
    struct fault fault;
    bool is_new;
    bool done = replacement_begin(&replacement, path, &fault) &&
                write_text(&replacement, put, context, &fault);

    is_new = !replacement.exists;
    replacement_end(&replacement);
    if (!done) {
        return ctl_say(CTL_FAILED, "%s", fault.text);
    }
    if (is_new) {
        (void)ctl_say(CTL_DONE,
                      "%s is new; make it readable for the user of bitsd: "
                      "chgrp bitsd %s",
                      path, path);
    }
    return CTL_DONE;
}
