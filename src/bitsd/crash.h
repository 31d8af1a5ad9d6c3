/*
 * bitsd/crash.h: writes the waiting log lines before a crash ends the process.
 */
#ifndef BITSD_CRASH_H
#define BITSD_CRASH_H

#include "os/logger.h"

/* From now on the signals of a crash wait until the logger has written its
 * lines, then take their previous effect.  Call once; the logger must live as
 * long as the process. */
void crash_watch(const struct logger *logger);

#endif
