/*
 * os/barrier.h: what keeps a file from being renamed into a folder, although
 * both are on one mount.
 */
#ifndef OS_BARRIER_H
#define OS_BARRIER_H

enum os_barrier {
    OS_BARRIER_NONE,
    OS_BARRIER_DEVICE,     /* another file system, or another subvolume */
    OS_BARRIER_PROJECT,    /* the folder hands down another project id */
    OS_BARRIER_ENCRYPTION, /* the folder is encrypted, and not with that key */
};

/* Would rename(2) report EXDEV for a file that was made in the folder `from`
 * and is to move to the folder `to`?  Both are descriptors, none opened with
 * O_PATH.  Changes nothing.  What the file system does not tell is not a
 * barrier. */
enum os_barrier os_barrier_between(int from, int to);

#endif
