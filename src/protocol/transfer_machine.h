/*
 * protocol/transfer_machine.h: what the parts of the transfer machine do to
 * each other's state.
 *
 *     transfer.c           how it begins, and the events
 *     transfer_next.c      which action comes next
 *     transfer_course.c    where a transfer stands: sessions, hosts, failures
 *     transfer_react.c     what an answer does
 *     transfer_fragment.c  what an answer to a FRAGMENT does
 *     transfer_doubt.c     what a refusal may mean that does not say it
 *     transfer_silence.c   what no answer does
 */
#ifndef PROTOCOL_TRANSFER_MACHINE_H
#define PROTOCOL_TRANSFER_MACHINE_H

#include "protocol/transfer_inside.h"

#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

/* HRESULTs of a client's own; errors.def has the words. */
#define HRESULT_PROTOCOL_MISMATCH 0x80200022u

/* --- transfer_fields.c ---------------------------------------------------- */

/* The URL of the request that is ready or under way, terminated. */
struct bits_text transfer_url(const struct transfer *transfer,
                              char room[BITS_URL_ROOM]);

/* --- transfer_course.c ---------------------------------------------------- */

void course_notify(struct transfer *transfer, enum bits_notice notice);

/* Enters the phase that the state asks for. */
void course_set_phase(struct transfer *transfer);

/* Forgets the request that was ready or under way. */
void course_forget_request(struct transfer *transfer);

/* A Close that cannot have reached the server does not count. */
void course_uncount_close(struct transfer *transfer,
                          const struct transfer_request *request);

bool course_is_trusted(const struct transfer *transfer);

/* All goes to the host of the URL from now on. */
void course_leave_host(struct transfer *transfer, enum bits_notice notice);

/* A failure that the last answer tells of. */
struct bits_failure course_failure(const struct transfer *transfer,
                                   enum bits_reason reason);

/* Failed for good; a Cancel ends all the same. */
void course_fail(struct transfer *transfer, uint64_t now_ms,
                 struct bits_failure failure);

/* Waits, then a Ping, then the same again; or gives up. */
void course_try_later(struct transfer *transfer, uint64_t now_ms,
                      struct bits_failure failure);

/* Forgets the session, but for the host that it named: that is where the next
 * Create goes [C36]. */
void course_clear_session(struct transfer *transfer);

/* Drops the session for a new one; waits before the third in vain. */
void course_start_over(struct transfer *transfer, uint64_t now_ms);

void course_end(struct transfer *transfer, enum transfer_end end);

/* --- transfer_react.c ----------------------------------------------------- */

void react_to_answer(struct transfer *transfer, uint64_t now_ms);

/* --- transfer_fragment.c -------------------------------------------------- */

/* Fills in range, length and Expect of the next fragment. */
void fragment_prepare(struct transfer *transfer,
                      struct transfer_request *request);

/* SUCCESS and RESYNC. */
void fragment_accepted(struct transfer *transfer,
                       const struct transfer_request *request, uint64_t now_ms);
void fragment_resync(struct transfer *transfer,
                     const struct transfer_request *request, uint64_t now_ms);

/* What else an answer to a FRAGMENT may mean: C4, C7 to C9, C40, C49.  False:
 * nothing, the verdict stands. */
bool fragment_second_chance(struct transfer *transfer,
                            const struct transfer_request *request,
                            enum verdict verdict, uint64_t now_ms);

/* --- transfer_doubt.c ----------------------------------------------------- */

/* A FRAGMENT was refused without a word that says why.  False: the verdict
 * stands. */
bool doubt_refused(struct transfer *transfer,
                   const struct transfer_request *request, uint64_t now_ms);

/* 416 without a readable offset [C50]. */
void doubt_blind_416(struct transfer *transfer, uint64_t now_ms);

/* A FRAGMENT was accepted. */
void doubt_settle(struct transfer *transfer);

/* The Cancel of a session that is given up is over, answered or not. */
void doubt_abandoned(struct transfer *transfer, uint64_t now_ms);

/* --- transfer_silence.c --------------------------------------------------- */

void silence_react(struct transfer *transfer, uint64_t now_ms,
                   enum bits_transport error, uint64_t body_sent);

#endif
