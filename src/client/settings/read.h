/*
 * client/settings/read.h: values of options from their text, by kind.
 *
 * Private to settings.c and set.c.
 */
#ifndef CLIENT_SETTINGS_READ_H
#define CLIENT_SETTINGS_READ_H

#include "base/compiler.h"
#include "client/settings/settings.h"

/* Writes the fault; returns false. */
PRINTF_LIKE(2, 3)
bool settings_refuse(char fault[SETTINGS_FAULT_MAX], const char *format, ...);

/* The field that a value of the option is kept in. */
void *settings_field(struct settings *settings, enum setting_id id);

/* Reads the value into the field; not for TEXT, PATH and LIST, whose text has
 * to be kept.  False: the field is untouched, the fault says why. */
bool settings_read(const struct setting *setting, const char *text, void *field,
                   char ret_fault[SETTINGS_FAULT_MAX]);

#endif
