/*
 * server/stream/tls_file.c: see tls_file.h.
 */
#include "server/stream/tls_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

bool tls_fault_set(struct tls_fault *ret_fault, enum tls_part part,
                   const char *words)
{
    ret_fault->part = part;
    ret_fault->error = 0;
    return fault_set(&ret_fault->fault, "%s", words);
}

bool tls_fault_openssl(struct tls_fault *ret_fault, enum tls_part part,
                       const char *words)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ret_fault->part = part;
    ret_fault->error = 0;
    return fault_set(&ret_fault->fault, "%s: %s", words,
                     reason ? reason : "unknown error");
}

/* --- files --------------------------------------------------------------- */

static const char *open_remedy(int error)
{
    switch (error) {
    case ENOENT:
        return "; correct the path";
    case EACCES:
        return "; give the user that bitsd runs as the right to read it";
    default:
        return "";
    }
}

static bool fail_open(struct tls_fault *ret_fault, enum tls_part part,
                      int error)
{
    ret_fault->part = part;
    ret_fault->error = error;
    return fault_set(&ret_fault->fault, "cannot be opened: %s%s",
                     strerror(error), open_remedy(error));
}

/* A group may read a key: so does ssl-cert of Debian. */
static bool check_mode(const struct stat *status, enum tls_part part,
                       struct tls_fault *ret_fault)
{
    if (part == TLS_PART_KEY && (status->st_mode & 0027) != 0) {
        ret_fault->part = part;
        ret_fault->error = 0;
        return fault_set(&ret_fault->fault,
                         "has mode %04o, so that others can %s it; run chmod "
                         "600, or 640 for a group that may read it",
                         (unsigned)(status->st_mode & 07777),
                         status->st_mode & 0004 ? "read" : "change");
    }
    return true;
}

/* OpenSSL reads the descriptor itself: no buffer of ours holds the key. */
BIO *tls_file_open(const char *path, enum tls_part part,
                   struct tls_fault *ret_fault)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    BIO *bio;

    if (fd < 0) {
        (void)fail_open(ret_fault, part, errno);
        return NULL;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)tls_fault_set(ret_fault, part, "is not a regular file");
        (void)close(fd);
        return NULL;
    }
    bio =
        check_mode(&status, part, ret_fault) ? BIO_new_fd(fd, BIO_CLOSE) : NULL;
    if (!bio) {
        (void)close(fd);
    }
    return bio;
}

/* The end of the file is not an error. */
bool tls_file_is_at_end(void)
{
    unsigned long error = ERR_peek_last_error();

    return ERR_GET_LIB(error) == ERR_LIB_PEM &&
           ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}
