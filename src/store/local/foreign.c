/*
 * store/local/foreign.c: recognizes folders of a server by their content.
 *
 * A root may contain the state or staging folder of another bitsd, or that of a
 * removed section.  An upload that replaced a file in there would destroy other
 * uploads.
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

/* Otherwise a client could make any folder forbidden.  Ignores case, as some
 * file systems do. */
bool local_is_reserved(const char *leaf)
{
    return strcasecmp(leaf, LOCAL_STAGING_LOCK) == 0 ||
           strcasecmp(leaf, LOCAL_STATE_LOCK) == 0;
}
