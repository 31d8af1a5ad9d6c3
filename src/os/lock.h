/*
 * os/lock.h: a file that one process holds, so that others stay away.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>

/* Makes and locks the file until the descriptor is closed or the process
 * ends.  -1 on failure: errno is EWOULDBLOCK if it is held, and *ret_pid then
 * the holder's process id, 0 if unknown. */
int os_lock_open(int folder, const char *name, long *ret_pid);

/* Returns true if a process holds the file; *ret_pid as above.  Makes nothing.
 * It shares the lock for a moment, in which os_lock_open() is refused. */
bool os_lock_is_held(int folder, const char *name, long *ret_pid);

#endif
