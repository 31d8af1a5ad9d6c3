/*
 * openbits/openbits.h: includes all of libopenbits.
 *
 * A program that was built with these headers runs with every later library of
 * the same soname.  Sizes, offsets and values never change.  Functions,
 * enumerators and members are only added; new members take the place of
 * `reserved`:
 *
 * - Zero a struct before you fill it in; designated initializers do that.
 *   bits_transfer_start(), bits_transfer_resume() and bits_session_plan()
 *   refuse a struct whose `reserved` is not zero, because an older library
 *   would ignore the limit that a newer member sets.
 * - A later library may return causes, reasons and notices that the program
 *   does not know. bits_cause_outcome(), bits_reason_sentence() and the like
 *   describe them.  Steps and actions are added only together with a member
 *   that asks for them.
 *
 * BITS_API functions do no I/O, read no clock, allocate nothing and keep no
 * state of their own.
 */
#ifndef OPENBITS_OPENBITS_H
#define OPENBITS_OPENBITS_H

#include <openbits/cause.h>
#include <openbits/export.h>
#include <openbits/guid.h>
#include <openbits/packet.h>
#include <openbits/session.h>
#include <openbits/target.h>
#include <openbits/text.h>
#include <openbits/transfer.h>
#include <openbits/version.h>

#endif
