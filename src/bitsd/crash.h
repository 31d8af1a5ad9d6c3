/*
 * bitsd/crash.h: writes what was logged before a crash ends the process.
 */
#ifndef BITSD_CRASH_H
#define BITSD_CRASH_H

#include "os/logger.h"

/* From now on the signals of a crash wait for the logger's lines, then do what
 * they did before.  Call it once; the logger lives as long as the process. */
void crash_watch(const struct logger *logger);

#endif
