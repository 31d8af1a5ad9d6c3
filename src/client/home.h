/*
 * client/home.h: the folder for what outlives the process: $STATE_DIRECTORY,
 * $XDG_STATE_HOME/bits or ~/.local/state/bits.
 */
#ifndef CLIENT_HOME_H
#define CLIENT_HOME_H

#include <stdbool.h>

#include "base/fault.h"

struct home {
    int fd;     /* owns; -1: none */
    char *path; /* owns */
};

/* Opens it, and a folder in it if `name` is not NULL ("uploads", "queue"),
 * which are made with mode 0700 if they are missing.  False: it cannot be
 * written, the fault says which and why; home_done() is safe then. */
bool home_open(struct home *home, const char *name, struct fault *ret_fault);
void home_done(struct home *home);

#endif
