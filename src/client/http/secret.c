/*
 * client/http/secret.c: see secret.h.
 */
#include "client/http/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "os/file.h"

/* Larger than any secret: a wrong name may be that of any file. */
#define SIZE_LIMIT ((size_t)64 * 1024)

static bool is_private(int fd, const char *path, struct fault *fault)
{
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return fault_set(fault, "%s: %s", path, strerror(errno));
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fault_set(fault,
                         "%s: others may read or write this file and it holds "
                         "a secret; run chmod 600 on it",
                         path);
    }
    return true;
}

static char *slurp(int fd, const char *path, struct fault *fault)
{
    char *text = malloc(SIZE_LIMIT + 1);
    size_t length;
    int error =
        text ? os_read_whole(fd, text, SIZE_LIMIT + 1, &length) : ENOMEM;

    if (error) {
        (void)fault_set(fault, "%s: %s", path,
                        error == ENOMEM  ? "out of memory"
                        : error == EFBIG ? "this is too long to hold a secret"
                                         : strerror(error));
        free(text);
        return NULL;
    }
    return text;
}

char *secret_read_file(const char *path, bool *ret_missing,
                       struct fault *ret_fault)
{
    CLEANUP(close_file)
    int fd = os_open_regular(AT_FDCWD, path, O_RDONLY);

    *ret_missing =
        fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES);
    if (fd < 0) {
        (void)fault_set(ret_fault, "%s: %s", path, os_open_words(errno));
        return NULL;
    }
    return is_private(fd, path, ret_fault) ? slurp(fd, path, ret_fault) : NULL;
}

char *secret_read_line(const char *path, struct fault *ret_fault)
{
    bool missing;
    char *text = secret_read_file(path, &missing, ret_fault);

    if (text) {
        text[strcspn(text, "\r\n")] = '\0';
    }
    if (text && text[0] == '\0') {
        (void)fault_set(ret_fault, "%s: its first line is empty", path);
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
