/*
 * client/home.h: the folder for state that outlives the process:
 * $STATE_DIRECTORY, $XDG_STATE_HOME/bits or ~/.local/state/bits.
 */
#ifndef CLIENT_HOME_H
#define CLIENT_HOME_H

#include <stdbool.h>

#include "base/fault.h"

struct home {
    int fd;     /* owned; -1: none */
    char *path; /* owned */
};

/* Opens it, or a folder in it if `name` is not NULL ("uploads", "queue").
 * Creates missing folders with mode 0700.  Returns false with the folder and
 * the reason in the fault if it is not writable; home_done() is safe then. */
bool home_open(struct home *home, const char *name, struct fault *ret_fault);
void home_done(struct home *home);

#endif
