/*
 * cause/cause.h: every way a request to bitsd can end: the causes of the
 * protocol (openbits/cause.def) and bitsd's own (cause.def).
 *
 * Both kinds are enumerators of enum bits_cause, bitsd's from BITS_CAUSE_OWN to
 * CAUSE_BEHIND_LAST.  These functions know both; those of libopenbits know only
 * the causes of the protocol.  Pure; any thread.
 */
#ifndef CAUSE_CAUSE_H
#define CAUSE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/cause.h>
#include <openbits/text.h>

#include "base/fault.h"

struct bits_outcome cause_outcome(enum bits_cause cause);

unsigned cause_status(enum bits_cause cause);

enum bits_concern cause_concern(enum bits_cause cause);

/* The name in the table ("DISK_FULL"). */
const char *cause_name(enum bits_cause cause);

/* Finds the cause with this name.  Returns false if no cause has it. */
bool cause_of_name(struct bits_text name, enum bits_cause *ret_cause);

/* What happened and what to do, without a full stop. */
const char *cause_sentence(enum bits_cause cause);

/* Writes why a call failed and returns the cause, for the call to return. */
PRINTF_LIKE(3, 4)
enum bits_cause cause_fault(struct fault *ret_fault, enum bits_cause cause,
                            const char *format, ...);

#endif
