/*
 * bits/commands/doctor_row.h: prints a row of the doctor's table.
 *
 * Private to doctor_*.c.
 */
#ifndef BITS_COMMANDS_DOCTOR_ROW_H
#define BITS_COMMANDS_DOCTOR_ROW_H

#include <jansson.h>

#include "bits/say.h"
#include "client/doctor/doctor.h"

void doctor_row_say(struct say *say, const struct doctor_row *row);

/* Returns NULL if memory ran out. */
json_t *doctor_row_json(const struct doctor_row *row);

#endif
