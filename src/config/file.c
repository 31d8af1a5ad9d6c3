/*
 * config/file.c: see file.h.
 */
#include "config/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/comments.h"

/* Nobody needs more, and a wrong name may be that of a device. */
#define SIZE_LIMIT ((size_t)1 << 20)

/* The line that `end` is on. */
static unsigned count_lines(const char *text, const char *end)
{
    unsigned lines = 1;

    for (; text < end; text++) {
        lines += *text == '\n';
    }
    return lines;
}

/* The words for what is wrong with what was read, or NULL. */
static const char *find_fault(FILE *file, const char *text, size_t size)
{
    if (ferror(file)) {
        return strerror(errno);
    }
    if (size > SIZE_LIMIT) {
        return "it has more than 1 MiB; this is no configuration";
    }
    if (memchr(text, '\0', size)) {
        return "it has a NUL byte; this is no text";
    }
    return NULL;
}

static char *slurp(struct report *report, FILE *file, size_t room)
{
    char *text = malloc(SIZE_LIMIT + 1 + room);
    const char *fault;
    size_t size;

    if (!text) {
        report->failed = true;
        return NULL;
    }
    size = fread(text, 1, SIZE_LIMIT + 1, file);
    fault = find_fault(file, text, size);
    if (fault) {
        report_add(report, (struct config_origin){0}, "cannot read it: %s",
                   fault);
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

/* libconfuse would begin its next file inside of what has no end. */
static bool take_comments_out(char *text, struct report *report)
{
    const char *open = comments_blank(text);

    if (open) {
        report_add(
            report,
            (struct config_origin){CONFIG_ORIGIN_FILE, count_lines(text, open)},
            *open == '/' ? "the comment that begins here has no end"
                         : "the string that begins here has no end");
    }
    return !open;
}

char *config_file_read(struct report *report, size_t room, unsigned *ret_lines)
{
    FILE *file = fopen(report->path, "re");
    char *text;

    if (!file) {
        report_add(report, (struct config_origin){0}, "cannot open it: %s",
                   strerror(errno));
        return NULL;
    }
    text = slurp(report, file, room);
    (void)fclose(file);
    if (text && !take_comments_out(text, report)) {
        free(text);
        return NULL;
    }
    if (text) {
        *ret_lines = count_lines(text, text + strlen(text));
    }
    return text;
}
