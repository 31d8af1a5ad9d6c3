/*
 * os/rights.c: see rights.h.
 */
#include "os/rights.h"

#include <acl/libacl.h>
#include <errno.h>
#include <stdio.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int give_group(int file, gid_t group)
{
    struct stat info;

    if (fstat(file, &info) != 0) {
        return errno;
    }
    return info.st_gid == group || fchown(file, (uid_t)-1, group) == 0 ? 0
                                                                       : errno;
}

/* The file cannot have the group, but everything else works.  EINVAL: the user
 * namespace does not map the group. */
static bool is_refusal(int error)
{
    return error == EPERM || error == EINVAL || error == EOPNOTSUPP;
}

static int inherit_group(int file, int folder)
{
    struct stat above;
    struct stat info;
    int error;
    int own_error;

    if (fstat(file, &info) != 0 || fstat(folder, &above) != 0) {
        return errno;
    }
    /* With the mount option grpid a new file has the folder's group without a
     * setgid bit: keep it. */
    if (info.st_gid == above.st_gid) {
        return 0;
    }
    if (!(above.st_mode & S_ISGID)) {
        return give_group(file, getegid());
    }
    error = give_group(file, above.st_gid);
    if (!is_refusal(error)) {
        return error;
    }
    /* Its present group may come from a setgid staging folder. */
    own_error = give_group(file, getegid());
    return own_error ? own_error : error;
}

/* Returns 0 or an errno value. */
static int has_acl(int fd, const char *attribute, bool *ret_has)
{
    ssize_t size = fgetxattr(fd, attribute, NULL, 0);

    *ret_has = size > 0;
    return size >= 0 || errno == ENODATA || errno == EOPNOTSUPP ? 0 : errno;
}

/* Removes the permissions that the three bits do not grant. */
static int limit_entry(acl_entry_t entry, mode_t bits)
{
    acl_permset_t permissions;

    if (acl_get_permset(entry, &permissions) != 0 ||
        (!(bits & 4) && acl_delete_perm(permissions, ACL_READ) != 0) ||
        (!(bits & 2) && acl_delete_perm(permissions, ACL_WRITE) != 0) ||
        (!(bits & 1) && acl_delete_perm(permissions, ACL_EXECUTE) != 0)) {
        return errno;
    }
    return 0;
}

/* The entries that correspond to the mode bits.  If the ACL has a mask, the
 * group bits stand for the mask. */
struct mode_entries {
    acl_entry_t owner;
    acl_entry_t group;
    acl_entry_t mask;
    acl_entry_t other;
};

static int find_entries(acl_t acl, struct mode_entries *ret_entries)
{
    acl_entry_t entry;
    acl_tag_t tag;
    int more = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry);

    for (; more == 1; more = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
        if (acl_get_tag_type(entry, &tag) != 0) {
            return errno;
        }
        if (tag == ACL_USER_OBJ) {
            ret_entries->owner = entry;
        } else if (tag == ACL_GROUP_OBJ) {
            ret_entries->group = entry;
        } else if (tag == ACL_MASK) {
            ret_entries->mask = entry;
        } else if (tag == ACL_OTHER) {
            ret_entries->other = entry;
        }
    }
    if (more < 0) {
        return errno;
    }
    return ret_entries->owner && ret_entries->group && ret_entries->other
               ? 0
               : EINVAL;
}

static int limit_acl(acl_t acl, mode_t mode)
{
    struct mode_entries entries = {0};
    int error = find_entries(acl, &entries);

    if (!error) {
        error = limit_entry(entries.owner, mode >> 6);
    }
    if (!error) {
        error =
            limit_entry(entries.mask ? entries.mask : entries.group, mode >> 3);
    }
    return error ? error : limit_entry(entries.other, mode);
}

/* libacl reads a default ACL by path only, hence /proc. */
static acl_t default_acl(int folder)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
    return acl_get_file(path, ACL_TYPE_DEFAULT);
}

/* Sets the ACL, limited by the mode, and frees it. */
static int set_acl(int file, acl_t acl, mode_t mode)
{
    int error;

    if (!acl) {
        return errno;
    }
    error = limit_acl(acl, mode);
    if (!error && acl_set_fd(file, acl) != 0) {
        error = errno;
    }
    (void)acl_free(acl);
    return error;
}

/* Sets the mode and removes any other ACL. */
static int set_mode(int file, mode_t mode)
{
    bool has;
    int error = has_acl(file, "system.posix_acl_access", &has);

    if (error) {
        return error;
    }
    if (has) {
        return set_acl(file, acl_from_mode(mode), mode);
    }
    return fchmod(file, mode) == 0 ? 0 : errno;
}

static int inherit_mode(int file, int folder, mode_t mode)
{
    bool has;
    int error = has_acl(folder, "system.posix_acl_default", &has);

    if (error) {
        return error;
    }
    return has ? set_acl(file, default_acl(folder), mode)
               : set_mode(file, mode);
}

static int judge(int group_error, int error, int *ret_group_error)
{
    if (error || (group_error && !is_refusal(group_error))) {
        return error ? error : group_error;
    }
    *ret_group_error = group_error;
    return 0;
}

int os_inherit_rights(int file, int folder, mode_t mode, int *ret_group_error)
{
    int group_error = inherit_group(file, folder);

    return judge(group_error, inherit_mode(file, folder, mode),
                 ret_group_error);
}

int os_set_rights(int file, mode_t mode, int *ret_group_error)
{
    int group_error = give_group(file, getegid());

    return judge(group_error, set_mode(file, mode), ret_group_error);
}
