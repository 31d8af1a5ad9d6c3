/*
 * protocol/transfer_machine.h: the functions that the parts of the transfer
 * machine call on each other.
 *
 *     transfer.c           how it begins, and the events
 *     transfer_next.c      which action comes next
 *     transfer_course.c    phase, session, host, failures
 *     transfer_react.c     effects of an answer
 *     transfer_fragment.c  effects of an answer to a FRAGMENT
 *     transfer_doubt.c     refusals with an ambiguous cause
 *     transfer_silence.c   effects of a missing answer
 */
#ifndef PROTOCOL_TRANSFER_MACHINE_H
#define PROTOCOL_TRANSFER_MACHINE_H

#include "protocol/transfer_inside.h"

#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

/* HRESULTs that a client itself reports; errors.def describes them. */
#define HRESULT_PROTOCOL_MISMATCH 0x80200022u

/* --- transfer_fields.c ---------------------------------------------------- */

/* The URL of the request that is ready or was sent, terminated. */
struct bits_text transfer_url(const struct transfer *transfer,
                              char room[BITS_URL_ROOM]);

/* --- transfer_course.c ---------------------------------------------------- */

void course_notify(struct transfer *transfer, enum bits_notice notice);

/* Enters the phase that follows from the state. */
void course_set_phase(struct transfer *transfer);

/* Forgets the request that was ready or sent. */
void course_forget_request(struct transfer *transfer);

/* Call if a Close cannot have reached the server: it does not count. */
void course_uncount_close(struct transfer *transfer,
                          const struct transfer_request *request);

bool course_is_trusted(const struct transfer *transfer);

/* From now on sends everything to the URL's host. */
void course_leave_host(struct transfer *transfer, enum bits_notice notice);

/* A failure with the details of the last answer. */
struct bits_failure course_failure(const struct transfer *transfer,
                                   enum bits_reason reason);

/* Fails permanently; a Cancel ends all the same. */
void course_fail(struct transfer *transfer, uint64_t now_ms,
                 struct bits_failure failure);

/* Waits, sends a Ping, then retries; or gives up. */
void course_try_later(struct transfer *transfer, uint64_t now_ms,
                      struct bits_failure failure);

/* Forgets the session but keeps the host that the server announced: the next
 * Create goes there [C36]. */
void course_clear_session(struct transfer *transfer);

/* Replaces the session by a new one.  If the two before made no progress, waits
 * first. */
void course_start_over(struct transfer *transfer, uint64_t now_ms);

void course_end(struct transfer *transfer, enum transfer_end end);

/* --- transfer_react.c ----------------------------------------------------- */

void react_to_answer(struct transfer *transfer, uint64_t now_ms);

/* --- transfer_fragment.c -------------------------------------------------- */

/* Sets range, length and Expect of the next fragment. */
void fragment_prepare(struct transfer *transfer,
                      struct transfer_request *request);

/* SUCCESS and RESYNC. */
void fragment_accepted(struct transfer *transfer,
                       const struct transfer_request *request, uint64_t now_ms);
void fragment_resync(struct transfer *transfer,
                     const struct transfer_request *request, uint64_t now_ms);

/* What else an answer to a FRAGMENT may mean: C4, C7 to C9, C40, C49.  Returns
 * false if the verdict remains. */
bool fragment_second_chance(struct transfer *transfer,
                            const struct transfer_request *request,
                            enum verdict verdict, uint64_t now_ms);

/* --- transfer_doubt.c ----------------------------------------------------- */

/* A FRAGMENT was refused without a reason.  Returns false if the verdict
 * remains. */
bool doubt_refused(struct transfer *transfer,
                   const struct transfer_request *request, uint64_t now_ms);

/* 416 without a readable offset [C50]. */
void doubt_blind_416(struct transfer *transfer, uint64_t now_ms);

/* A FRAGMENT was accepted. */
void doubt_settle(struct transfer *transfer);

/* The Cancel of the replaced session has ended, answered or not. */
void doubt_abandoned(struct transfer *transfer, uint64_t now_ms);

/* --- transfer_silence.c --------------------------------------------------- */

void silence_react(struct transfer *transfer, uint64_t now_ms,
                   enum bits_transport error, uint64_t body_sent);

#endif
