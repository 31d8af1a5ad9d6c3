/*
 * os/mount.h: queries about the mount that a descriptor is on.
 */
#ifndef OS_MOUNT_H
#define OS_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Returns true if a file can be renamed from one to the other.  Like rename(2),
 * treats bind mounts of one file system as different. */
bool os_same_mount(int fd, int other_fd);

/* Checks that the path still leads to the open folder, on the same mount.
 * Returns 0 if it does, ESTALE if another folder is there, or the errno of the
 * look-up. */
int os_leads_to(const char *path, int fd);

/* Returns true if the file system is in memory. */
bool os_is_memory(int fd);

struct os_space {
    uint64_t size; /* bytes */
    uint64_t free; /* bytes that this process may still use */
};

/* Returns false with errno if the file system does not report it. */
bool os_free_space(int fd, struct os_space *ret_space);

#endif
