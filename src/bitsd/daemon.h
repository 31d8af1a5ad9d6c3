/*
 * bitsd/daemon.h: the running program: store, service and server on the main
 * thread's loop, which waits for signals and keeps house.
 */
#ifndef BITSD_DAEMON_H
#define BITSD_DAEMON_H

#include "bitsd/command_line.h"
#include "os/logger.h"

/* Configures the logger as the options say. */
void daemon_configure_log(struct logger *logger, const struct config *config);

/* Serves until a signal ends it.  The exit status.  The configuration is the
 * caller's. */
int daemon_run(const struct command_line *line, struct config *config,
               struct logger *logger);

#endif
