/*
 * upload/service.h: what the files of upload/ share.
 */
#ifndef UPLOAD_SERVICE_H
#define UPLOAD_SERVICE_H

#include <uv.h>

#include "upload/active.h"
#include "upload/places.h"
#include "upload/upload.h"

#define HOUSEKEEPING_BATCH 64

/* Housekeeping: every step looks for expired sessions of one place, every
 * SWEEP_EVERY-th sweeps one of its staging folders too. */
struct upload_housekeeping {
    unsigned calls; /* of the store that run; guarded by the service's mutex */
    struct upload_rules *rules; /* of the running step */
    size_t rule;                /* whose turn it is */
    unsigned step;
    unsigned folder;
    struct store_session found[HOUSEKEEPING_BATCH];
    size_t found_count;
    struct store_op expired_op;
    struct store_op sweep_op;
};

struct upload_service {
    struct store *store;
    struct log_sink *log;
    struct active_table table;
    struct upload_unused unused;
    uv_mutex_t mutex; /* guards rules, and the start and end of housekeeping */
    uv_cond_t idle;   /* housekeeping.calls is 0 */
    struct upload_rules *rules;
    struct upload_housekeeping housekeeping;
};

/* --- request.c: from the head to an answer ------------------------------- */

/* Answers with a refusal, which is logged. */
enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause cause, const char *detail);

/* Makes the answer final. */
enum upload_verdict request_answer(struct upload_request *request,
                                   enum bits_cause cause);

/* The same with BITS-Received-Content-Range. */
enum upload_verdict request_answer_next(struct upload_request *request,
                                        enum bits_cause cause, uint64_t next);

/* An answer that is written, once the row that it rests on is committed.  The
 * session's mutex is held. */
enum upload_verdict answer_when_learned(struct upload_active *active,
                                        struct upload_request *request);

/* --- create.c
 * ----------------------------------------------------------------- */

/* name_cause: what is wrong with the request's name. */
enum upload_verdict request_create(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause name_cause);

/* --- plan.c
 * -------------------------------------------------------------------- */

/* Plans the request now, or has it wait for its session, whose mutex is
 * held. */
enum upload_verdict request_proceed(struct upload_request *request);

/* Reads the row; the session is LOADING afterwards.  The session's mutex may
 * be held. */
void active_load(struct upload_active *active);

/* --- learn.c: row changes that an answer waits for ----------------------- */

/* Starts committing fragment_seen and total as the row has them now, if that
 * is not done or under way.  The session's mutex is held. */
void learn_start(struct upload_active *active);

/* --- ending.c: delivery and release -------------------------------------- */

/* Starts the call; the session is BUSY afterwards and the request, if any,
 * its owner.  The session's mutex is held. */
void delivery_start(struct upload_active *active,
                    struct upload_request *request);
void ending_start(struct upload_active *active, struct upload_request *request,
                  enum bits_packet_type by, enum bits_cause cause, bool expiry);

/* BUSY or LOADING is over: READY, and whoever waited is told.  The session's
 * mutex is held. */
void active_ready(struct upload_active *active);

#endif
