/*
 * os/lock.h: a lock file, held by one process at a time.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>

/* Makes and locks the file until the descriptor is closed or the process ends.
 * Returns -1 on failure.  If errno is EWOULDBLOCK, another process holds the
 * lock and *ret_pid is its process id, 0 if unknown. */
int os_lock_open(int folder, const char *name, long *ret_pid);

/* Returns true if a process holds the lock; *ret_pid as above.  Does not create
 * the file.  It holds a shared lock for a moment, during which os_lock_open()
 * fails. */
bool os_lock_is_held(int folder, const char *name, long *ret_pid);

#endif
