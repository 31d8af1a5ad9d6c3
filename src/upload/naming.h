/*
 * upload/naming.h: which names a section takes, and the destination of a file:
 * the name below the root that it is delivered under.
 *
 * Pure; any thread.
 */
#ifndef UPLOAD_NAMING_H
#define UPLOAD_NAMING_H

#include "cause/cause.h"
#include "config/config.h"

/* What is wrong with a name, in words; may be empty. */
#define NAMING_FAULT_MAX 64

/* Finds the destination of a name that bits_target_name() wrote, and checks
 * both by the rules of the section.  BITS_CAUSE_OK: *ret_destination comes from
 * malloc().  Otherwise ret_fault is set. */
enum bits_cause naming_find(const struct config_upload *section,
                            const char *name, char **ret_destination,
                            char ret_fault[NAMING_FAULT_MAX]);

#endif
