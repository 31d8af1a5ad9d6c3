/*
 * os/barrier.h: reasons why a file cannot be renamed into a folder on the same
 * mount.
 */
#ifndef OS_BARRIER_H
#define OS_BARRIER_H

enum os_barrier {
    OS_BARRIER_NONE,
    OS_BARRIER_DEVICE,     /* another file system, or another subvolume */
    OS_BARRIER_PROJECT,    /* the folder hands down another project id */
    OS_BARRIER_ENCRYPTION, /* the folder is encrypted, with another key */
};

/* Predicts whether rename(2) would fail with EXDEV for a file that was made in
 * the folder `from` and moves to the folder `to`.  Both descriptors must not be
 * opened with O_PATH.  Changes nothing.  What the file system does not report
 * does not count as a barrier. */
enum os_barrier os_barrier_between(int from, int to);

#endif
