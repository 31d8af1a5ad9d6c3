/*
 * openbits/openbits.h: the whole of libopenbits.
 *
 * A program that was built with these headers runs with every later library
 * of the same soname.  Sizes, offsets and values stay as they are; functions,
 * enumerators and members are only added, members in place of `reserved`:
 *
 * - Zero a struct before you fill it in; designated initializers do that.
 *   bits_transfer_start(), bits_transfer_resume() and bits_session_plan()
 *   refuse one whose `reserved` is not zero, because a limit that an older
 *   library does not know must not be ignored.
 * - Causes, reasons and notices of a later library may be unknown to the
 *   program.  Their functions (bits_cause_outcome(), bits_reason_sentence())
 *   know them.  Steps and actions are added only with a member that asks for
 *   them.
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
