/*
 * bits/command_doctor.h: a row of the doctor's table.
 *
 * Private to command_doctor*.c.
 */
#ifndef BITS_COMMAND_DOCTOR_H
#define BITS_COMMAND_DOCTOR_H

#include <jansson.h>

#include "bits/say.h"
#include "client/doctor.h"

void doctor_row_say(struct say *say, const struct doctor_row *row);

/* NULL: out of memory. */
json_t *doctor_row_json(const struct doctor_row *row);

#endif
