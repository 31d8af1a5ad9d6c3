/*
 * os/systemd.h: what systemd and the processes that it starts tell each
 * other [sd_notify(3), sd_listen_fds(3)].
 *
 * Everywhere else these functions do nothing.  Call them from the main thread,
 * before others read the environment.
 */
#ifndef OS_SYSTEMD_H
#define OS_SYSTEMD_H

#include <stdbool.h>

/* The first descriptor of os_listen_fds(). */
#define OS_LISTEN_FD_FIRST 3

/* Tells the service manager: "READY=1", or several lines. */
void os_notify(const char *state);

/* How many sockets socket activation handed over, from OS_LISTEN_FD_FIRST on.
 * Programs that are started later do not inherit them, and neither do they
 * see the variables that announced them. */
unsigned os_listen_fds(void);

/* Returns true if JOURNAL_STREAM names the descriptor's device and inode: then
 * systemd-journald reads it. */
bool os_is_journal(int fd);

#endif
