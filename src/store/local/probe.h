/*
 * store/local/probe.h: checks that a file system supports what the store needs.
 */
#ifndef STORE_LOCAL_PROBE_H
#define STORE_LOCAL_PROBE_H

#include "store/local/private.h"

/* Tries the operations that the store needs.  DISK_FULL, QUOTA_EXCEEDED and
 * READ_ONLY: they cannot be tried now. */
enum bits_cause local_probe(int staging, const char *path,
                            struct fault *ret_fault);

#endif
