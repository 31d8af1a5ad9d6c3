/*
 * os/instance.h: detects whether a file system was unmounted.
 *
 * The last unmount loses everything that a file system holds in memory only: a
 * file may then be shorter, or contain zeros, although the machine kept
 * running.
 */
#ifndef OS_INSTANCE_H
#define OS_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

/* "boot id device inode", terminated. */
#define OS_INSTANCE_SIZE 128

/* Writes a text that differs after each boot of the machine and after each
 * mount of the file system that fd is on.  Bind mounts and mount namespaces do
 * not change it.  Returns false if this kind of file system does not support
 * it; ext4, XFS, Btrfs and tmpfs do. */
bool os_instance(int fd, char text[OS_INSTANCE_SIZE]);

#endif
