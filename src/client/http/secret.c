/*
 * client/http/secret.c: see secret.h.
 */
#include "client/http/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/memory.h"
#include "os/file.h"

/* No secret is longer, and a wrong name may be that of anything. */
#define SIZE_LIMIT ((size_t)64 * 1024)

PRINTF_LIKE(3, 4)
static void say_fault(char *fault, const char *path, const char *format, ...)
{
    va_list arguments;
    int len = snprintf(fault, SECRET_FAULT_MAX, "%s: ", path);

    if (len < 0 || len >= SECRET_FAULT_MAX) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(fault + len, SECRET_FAULT_MAX - (size_t)len, format,
                    arguments);
    va_end(arguments);
}

static bool is_private(int fd, const char *path, char *fault)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        say_fault(fault, path, "%s", strerror(errno));
        return false;
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        say_fault(fault, path,
                  "others may read or write this file and it holds a secret; "
                  "run chmod 600 on it");
        return false;
    }
    return true;
}

static char *slurp(int fd, const char *path, char *fault)
{
    char *text = malloc(SIZE_LIMIT + 1);
    size_t len = 0;
    ssize_t n = 1;

    while (text && n != 0 && len <= SIZE_LIMIT) {
        n = read(fd, text + len, SIZE_LIMIT + 1 - len);
        if (n < 0 && errno != EINTR) {
            break;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    if (!text || n != 0 || len > SIZE_LIMIT) {
        say_fault(fault, path, "%s",
                  !text   ? "out of memory"
                  : n < 0 ? strerror(errno)
                          : "this is too long to hold a secret");
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

char *secret_read_file(const char *path, bool *ret_missing,
                       char ret_fault[SECRET_FAULT_MAX])
{
    CLEANUP(close_file)
    int fd = os_open_regular(AT_FDCWD, path, O_RDONLY);

    *ret_missing =
        fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES);
    if (fd < 0) {
        say_fault(ret_fault, path, "%s", os_open_words(errno));
        return NULL;
    }
    return is_private(fd, path, ret_fault) ? slurp(fd, path, ret_fault) : NULL;
}

char *secret_read_line(const char *path, char ret_fault[SECRET_FAULT_MAX])
{
    bool missing;
    char *text = secret_read_file(path, &missing, ret_fault);

    if (text) {
        text[strcspn(text, "\r\n")] = '\0';
    }
    if (text && text[0] == '\0') {
        say_fault(ret_fault, path, "its first line is empty");
        return secret_free(text);
    }
    return text;
}

char *secret_free(char *secret)
{
    if (secret) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
    return NULL;
}
