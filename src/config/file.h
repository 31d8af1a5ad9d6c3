/*
 * config/file.h: the text of a configuration file as the parser gets it.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

#include "config/report.h"

/* Reads report->path whole and takes the comments out.  The text is
 * terminated, has `room` bytes more behind its end, and belongs to the
 * caller.  NULL: that was reported, or memory is short. */
char *config_file_read(struct report *report, size_t room, unsigned *ret_lines);

#endif
