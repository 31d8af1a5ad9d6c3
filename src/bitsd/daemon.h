/*
 * bitsd/daemon.h: the running program: store, service and server on the main
 * thread's loop, which waits for signals and keeps house.
 */
#ifndef BITSD_DAEMON_H
#define BITSD_DAEMON_H

#include "bitsd/options.h"
#include "os/logger.h"

/* Serves until a signal ends it.  The exit status.  The configuration is the
 * caller's. */
int daemon_run(const struct options *options, struct config *config,
               struct logger *logger);

#endif
