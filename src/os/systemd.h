/*
 * os/systemd.h: messages between systemd and the processes that it starts
 * [sd_notify(3), sd_listen_fds(3)].
 *
 * Without systemd these functions do nothing.  Call them on the main thread,
 * before other threads read the environment.
 */
#ifndef OS_SYSTEMD_H
#define OS_SYSTEMD_H

#include <stdbool.h>

/* The first descriptor of os_listen_fds(). */
#define OS_LISTEN_FD_FIRST 3

/* Sends the service manager "READY=1", or several lines. */
void os_notify(const char *state);

/* The number of sockets from socket activation, from OS_LISTEN_FD_FIRST on.
 * Clears the variables that announced them and sets close-on-exec, so that
 * child processes get neither.  ret_names: the names of the sockets, for
 * os_listen_name_is(); the caller frees it; NULL: they have none. */
unsigned os_listen_fds(char **ret_names);

/* Returns true if the socket has this name.  The first index is 0. */
bool os_listen_name_is(const char *names, unsigned index, const char *name);

/* Returns true if JOURNAL_STREAM names the descriptor's device and inode: then
 * systemd-journald reads it. */
bool os_is_journal(int fd);

#endif
