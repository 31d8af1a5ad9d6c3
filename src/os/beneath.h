/*
 * os/beneath.h: opens files below a folder and nowhere else.
 *
 * A path is relative, "a/b/c", never with "." or ".." segments.  Symbolic links
 * anywhere in it are refused (ELOOP), and so are other mounts (EXDEV).
 */
#ifndef OS_BENEATH_H
#define OS_BENEATH_H

#include <sys/types.h>

/* Opens like openat(2), with close-on-exec.  Returns -1 with errno on
 * failure. */
int os_open_beneath(int folder, const char *path, int flags, mode_t mode);

/* The same without openat2(2), segment by segment: the fallback of
 * os_open_beneath() for kernels and sandboxes that lack the call. */
int os_walk_beneath(int folder, const char *path, int flags, mode_t mode);

/* Opens an existing file, also on other mounts below the folder. */
int os_open_within(int folder, const char *path, int flags);

/* The same without openat2(2). */
int os_walk_within(int folder, const char *path, int flags);

#endif
