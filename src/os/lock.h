/*
 * os/lock.h: a file that one process holds, so that others stay away.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

/* Makes and locks the file until the descriptor is closed or the process
 * ends.  -1 on failure: errno is EWOULDBLOCK if it is held, and *ret_pid then
 * the holder's process id, 0 if unknown. */
int os_lock_open(int folder, const char *name, long *ret_pid);

#endif
