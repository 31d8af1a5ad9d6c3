/*
 * os/rights.h: what a file gets from the folder that it is made in.
 */
#ifndef OS_RIGHTS_H
#define OS_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Gives the file the mode, the group and the ACL that it would have if creat(2)
 * had made it in the folder with this mode under a umask of 0: the group of a
 * setgid folder, and the default ACL of the folder, of which the mode is the
 * upper limit.  Both are descriptors, none opened with O_PATH.
 *
 * 0 or an errno value.  If the file cannot have the group of the folder, 0, and
 * *ret_group_error says why: EPERM, EINVAL (the user namespace does not map the
 * group) or EOPNOTSUPP.  The file then has the group of the process, unless the
 * file system refuses that as well.  Else *ret_group_error is 0. */
int os_inherit_rights(int file, int folder, mode_t mode, int *ret_group_error);

/* Gives the file this mode, the group of the process and no other ACL, whatever
 * it has inherited from the folder that it was made in.  Results as above. */
int os_set_rights(int file, mode_t mode, int *ret_group_error);

#endif
