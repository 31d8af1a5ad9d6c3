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
 * 0 or an errno value.  If only the group is refused, 0, and *ret_group_error
 * is its errno value; else *ret_group_error is 0. */
int os_inherit_rights(int file, int folder, mode_t mode, int *ret_group_error);

#endif
