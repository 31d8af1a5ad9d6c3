/*
 * bitsd/exposure.h: which listeners other machines reach, and whether the
 * configuration says who may upload there.
 */
#ifndef BITSD_EXPOSURE_H
#define BITSD_EXPOSURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "config/config.h"
#include "server/listener.h"

/* Logs one line with the event "configuration" for each error. */
void exposure_log(struct log_sink *log, enum log_level level,
                  const struct string_list *errors);

/* Judges the sockets themselves: sockets of systemd, and sockets that a reload
 * does not close, are not in `listen`.  False: a section does not say who may
 * upload, which is logged. */
bool exposure_check(struct log_sink *log, const struct listener *listeners,
                    size_t count, const struct config *config);

/* Warns that every client may upload to the folder of a server without a
 * configuration file, if other machines reach it. */
void exposure_warn(struct log_sink *log, const struct listener *listeners,
                   size_t count, const char *folder);

#endif
