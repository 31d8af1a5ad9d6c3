/*
 * os/mount.h: questions about the mount that a descriptor is on.
 */
#ifndef OS_MOUNT_H
#define OS_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Can a file be renamed from one to the other?  Bind mounts of one file
 * system count as different, as they do for rename(2). */
bool os_same_mount(int fd, int other_fd);

/* Does the path lead to the open folder, on the same mount?  Errno of the
 * look, 0 if it does, ESTALE if another folder is there. */
int os_leads_to(const char *path, int fd);

/* Does the file system live in memory? */
bool os_is_memory(int fd);

struct os_space {
    uint64_t size; /* bytes */
    uint64_t free; /* bytes that this process may still take */
};

/* False, with errno, when the file system does not tell. */
bool os_free_space(int fd, struct os_space *ret_space);

#endif
