/*
 * os/instance.h: has a file system been unmounted since?
 *
 * What a file system holds in memory only is lost with its last unmount: then
 * a file may be shorter than it was, or contain zeros, although the machine
 * was up all the time.
 */
#ifndef OS_INSTANCE_H
#define OS_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

/* "boot id device inode", terminated. */
#define OS_INSTANCE_SIZE 128

/* Writes a text that differs after each start of the machine and after each
 * mount of the file system that fd is on.  Bind mounts of one file system, and
 * mount namespaces, do not matter.  Returns false if this kind of file system
 * does not tell; ext4, XFS, Btrfs and tmpfs do. */
bool os_instance(int fd, char text[OS_INSTANCE_SIZE]);

#endif
