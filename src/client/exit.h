/*
 * client/exit.h: exit statuses.
 */
#ifndef CLIENT_EXIT_H
#define CLIENT_EXIT_H

#include <openbits/transfer.h>

enum client_exit {
    CLIENT_DONE = 0,
    CLIENT_REFUSED = 1,     /* permanently refused by the server */
    CLIENT_USAGE = 2,       /* wrong command line or configuration */
    CLIENT_LOCAL = 3,       /* error of a local file */
    CLIENT_DISTRUST = 4,    /* credentials or certificates were refused */
    CLIENT_TEMPORARY = 5,   /* temporary error; the same command resumes */
    CLIENT_SOME_FAILED = 6, /* some of several files failed; each was
                               reported */
    CLIENT_BY_SIGNAL = 128, /* plus the signal's number */
};

/* The exit status for a failed transfer. */
enum client_exit client_exit_of(const struct bits_failure *failure);

#endif
