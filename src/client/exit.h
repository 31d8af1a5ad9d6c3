/*
 * client/exit.h: how a command ends, as scripts see it.
 */
#ifndef CLIENT_EXIT_H
#define CLIENT_EXIT_H

#include <openbits/transfer.h>

enum client_exit {
    CLIENT_DONE = 0,
    CLIENT_REFUSED = 1,     /* for good, by the server */
    CLIENT_USAGE = 2,       /* the command line or the configuration */
    CLIENT_LOCAL = 3,       /* a local file */
    CLIENT_DISTRUST = 4,    /* credentials or certificates */
    CLIENT_TEMPORARY = 5,   /* the same again goes on */
    CLIENT_SOME_FAILED = 6, /* some of several; each was reported */
    CLIENT_BY_SIGNAL = 128, /* and the signal's number */
};

/* Of a transfer that failed. */
enum client_exit client_exit_of(const struct bits_failure *failure);

#endif
