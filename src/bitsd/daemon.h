/*
 * bitsd/daemon.h: runs store, service and server.  The loop of the main thread
 * waits for signals and does the housekeeping.
 */
#ifndef BITSD_DAEMON_H
#define BITSD_DAEMON_H

#include "bitsd/command_line.h"
#include "os/logger.h"

/* Configures the logger from the options. */
void daemon_configure_log(struct logger *logger, const struct config *config);

/* Serves until a signal ends it.  Returns the exit status.  The caller keeps
 * ownership of the configuration. */
int daemon_run(const struct command_line *line, struct config *config,
               struct logger *logger);

#endif
