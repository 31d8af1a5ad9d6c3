/*
 * config/file.c: see file.h.
 */
#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "config/comments.h"
#include "os/file.h"

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

unsigned config_file_lines(const char *text)
{
    return count_lines(text, text + strlen(text));
}

/* Returns NULL. */
PRINTF_LIKE(3, 4)
static char *refuse(struct config_file_fault *fault, unsigned line,
                    const char *format, ...)
{
    va_list arguments;

    fault->line = line;
    va_start(arguments, format);
    (void)vsnprintf(fault->words, sizeof(fault->words), format, arguments);
    va_end(arguments);
    return NULL;
}

/* The words for what is wrong with what was read, or NULL. */
static const char *find_fault(ssize_t last, const char *text, size_t size)
{
    if (last < 0) {
        return strerror(errno);
    }
    if (size > SIZE_LIMIT) {
        return "it has more than 1 MiB; is it the right file?";
    }
    if (memchr(text, '\0', size)) {
        return "it has a NUL byte; is it the right file?";
    }
    return NULL;
}

static char *slurp(int fd, size_t room, struct config_file_fault *fault)
{
    char *text = malloc(SIZE_LIMIT + 1 + room);
    const char *words;
    size_t size = 0;
    ssize_t n;

    if (!text) {
        return refuse(fault, 0, "out of memory");
    }
    do {
        n = read(fd, text + size, SIZE_LIMIT + 1 - size);
        size += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    words = find_fault(n, text, size);
    if (words) {
        free(text);
        return refuse(fault, 0, "cannot read it: %s", words);
    }
    text[size] = '\0';
    return text;
}

/* libconfuse would begin its next file inside of what has no end. */
static bool take_comments_out(char *text, struct config_file_fault *fault)
{
    const char *open = comments_blank(text);

    if (open) {
        (void)refuse(fault, count_lines(text, open),
                     *open == '/' ? "the comment that begins here has no end"
                                  : "the string that begins here has no end");
    }
    return !open;
}

char *config_file_read(const char *path, size_t room,
                       struct config_file_fault *ret_fault)
{
    int fd = os_open_regular(AT_FDCWD, path, O_RDONLY);
    char *text;

    if (fd < 0) {
        return refuse(ret_fault, 0, "cannot open it: %s", os_open_words(errno));
    }
    text = slurp(fd, room, ret_fault);
    (void)close(fd);
    if (text && !take_comments_out(text, ret_fault)) {
        free(text);
        return NULL;
    }
    return text;
}
