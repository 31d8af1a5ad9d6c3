/*
 * store/local/probe.h: can a file system do what the store relies on?
 */
#ifndef STORE_LOCAL_PROBE_H
#define STORE_LOCAL_PROBE_H

#include "store/local/private.h"

/* Can this file system do what the store relies on?  DISK_FULL,
 * QUOTA_EXCEEDED and READ_ONLY: it cannot be tried now. */
enum bits_cause local_probe(int staging, const char *path,
                            struct fault *ret_fault);

#endif
