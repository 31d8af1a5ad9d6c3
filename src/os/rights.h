/*
 * os/rights.h: the mode, group and ACL that a file inherits from its folder.
 */
#ifndef OS_RIGHTS_H
#define OS_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Gives the file the mode, group and ACL that creat(2) would give a file in the
 * folder with this mode and a umask of 0: the group of a setgid folder, and the
 * folder's default ACL limited by the mode.  Both descriptors must not be
 * opened with O_PATH.
 *
 * Returns 0 or an errno value.  If the file cannot have the folder's group,
 * returns 0 and sets *ret_group_error to the reason: EPERM, EINVAL (the user
 * namespace does not map the group) or EOPNOTSUPP.  The file then has the group
 * of the process, unless the file system refuses that, too.  Otherwise
 * *ret_group_error is 0. */
int os_inherit_rights(int file, int folder, mode_t mode, int *ret_group_error);

/* Gives the file this mode and the group of the process, and removes any other
 * ACL that it inherited from the folder it was made in.  Results as above. */
int os_set_rights(int file, mode_t mode, int *ret_group_error);

#endif
