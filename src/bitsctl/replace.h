/*
 * bitsctl/replace.h: changes a small file as a whole.
 */
#ifndef BITSCTL_REPLACE_H
#define BITSCTL_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct replacement {
    char *path; /* where the file really is: links are followed */
    char *folder;
    int folder_fd; /* locked: one change at a time in a folder */
    bool exists;
    unsigned mode; /* of the file, and its owner and group */
    unsigned owner;
    unsigned group;
    char *text; /* what is in it, terminated; empty if it does not exist */
    size_t size;
};

/* Locks the folder of the file and reads it.  Blocks.  False: the fault says
 * why.  Call replacement_end() in any case. */
bool replacement_begin(struct replacement *replacement, const char *path,
                       struct fault *ret_fault);

/* Puts a file with this text into its place, durably, with mode, owner and
 * group of the old one; a new one has mode 0640 less the umask.  A reader
 * sees the old text or the new one.  False: the old file is as it was.
 */
bool replacement_write(const struct replacement *replacement, const char *text,
                       size_t size, struct fault *ret_fault);

void replacement_end(struct replacement *replacement);

#endif
