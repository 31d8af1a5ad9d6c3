/*
 * os/failure.c: see failure.h.
 */
#include "os/failure.h"

#include <errno.h>
#include <string.h>

enum bits_cause os_cause(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return BITS_CAUSE_NO_RIGHT;
    case ENOSPC:
        return BITS_CAUSE_DISK_FULL;
    case EDQUOT:
        return CAUSE_QUOTA_EXCEEDED;
    case EFBIG:
        return CAUSE_FILE_SIZE_LIMIT;
    case EROFS:
        return CAUSE_READ_ONLY;
    case EXDEV:
        return CAUSE_OTHER_FILE_SYSTEM;
    case EEXIST:
        return CAUSE_FILE_EXISTS;
    case ENOENT:
    case ENOTDIR:
        return CAUSE_FOLDER_MISSING;
    case EISDIR:
        return BITS_CAUSE_TARGET_IS_FOLDER;
    case ENAMETOOLONG:
        return BITS_CAUSE_TARGET_TOO_LONG;
    case EILSEQ: /* not UTF-8, where the file system requires it */
        return BITS_CAUSE_TARGET_CHARACTER;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return CAUSE_OVERLOADED;
    default:
        return BITS_CAUSE_IO_ERROR;
    }
}

enum bits_cause os_fail(struct fault *ret_fault, int error, const char *what,
                        const char *path, const char *name)
{
    char reason[128];

    return cause_fault(ret_fault, os_cause(error), "%s %s%s%s: %s", what,
                       path ? path : "", path && name ? "/" : "",
                       name ? name : "",
                       strerror_r(error, reason, sizeof(reason)));
}

static const char *remedy(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return "; give the user that bitsd runs as the right to it";
    case ENOENT:
        return "; make the folder above it, or correct the path";
    case ENOTDIR:
        return "; name a folder";
    case EROFS:
        return "; check the file system and mount it writable";
    case ENOSPC:
        return "; free space there";
    default:
        return "";
    }
}

enum bits_cause os_fail_with_remedy(struct fault *ret_fault, int error,
                                    const char *what, const char *path,
                                    const char *name)
{
    enum bits_cause cause = os_fail(ret_fault, error, what, path, name);

    return cause_fault(ret_fault, cause, "%s%s", ret_fault->text,
                       remedy(error));
}
