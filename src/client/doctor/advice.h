/*
 * client/doctor/advice.h: the usual cause of a row that is not fine, and the
 * setting to change. advice.def has the rules.  Pure.
 */
#ifndef CLIENT_DOCTOR_ADVICE_H
#define CLIENT_DOCTOR_ADVICE_H

#include "client/doctor/doctor.h"

/* Sets cause and setting; both NULL if none is known. */
void doctor_advise(struct doctor_row *row);

#endif
