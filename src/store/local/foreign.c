/*
 * store/local/foreign.c: folders of a server, recognised by what they hold.
 *
 * A root may contain the state or the staging folder of another bitsd, or one
 * of a section that was removed.  An upload that replaced a file in there
 * would destroy other uploads.
 */
#include "store/local/foreign.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>

static bool has(int folder, const char *name)
{
    struct stat info;

    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode);
}

bool local_is_foreign(int folder)
{
    return (has(folder, LOCAL_STAGING_LOCK) && has(folder, LOCAL_INDEX_ID)) ||
           (has(folder, LOCAL_STATE_LOCK) && has(folder, "index.db"));
}

/* Else a client could make any folder a forbidden one.  In any case: some file
 * systems do not tell them apart. */
bool local_is_reserved(const char *leaf)
{
    return strcasecmp(leaf, LOCAL_STAGING_LOCK) == 0 ||
           strcasecmp(leaf, LOCAL_STATE_LOCK) == 0;
}
