/*
 * client/doctor/advice.h: what usually is the cause of a row that is not
 * fine, and which setting to change.  advice.def has the rules.  Pure.
 */
#ifndef CLIENT_DOCTOR_ADVICE_H
#define CLIENT_DOCTOR_ADVICE_H

#include "client/doctor/doctor.h"

/* Sets cause and setting; both NULL if nothing is known. */
void doctor_advise(struct doctor_row *row);

#endif
