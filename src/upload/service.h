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

/* Housekeeping: every step looks for expired sessions of one place and ends
 * them, every SWEEP_EVERY-th sweeps one of its staging folders too. */
struct upload_housekeeping {
    unsigned calls; /* of the store that run; guarded by the service's mutex */
    struct upload_rules *rules; /* of the running step */
    size_t rule;                /* whose sessions are looked at */
    bool full;                  /* the step found a whole batch; guarded too */
    unsigned ended;             /* how many of it; guarded too */
    size_t rounds;              /* steps without a pause; guarded too */
    unsigned step;
    size_t sweep_rule; /* whose folder is swept next */
    unsigned sweep_folder;
    struct store_session found[HOUSEKEEPING_BATCH];
    size_t found_count;
    struct store_op expired_op;
    struct store_op sweep_op;
    struct store_op stalled_op;
    struct store_op removed_op;
    struct store_listing listing;
};

struct upload_service {
    struct store *store;
    struct log_sink *log;
    struct active_table table;
    struct store_keeper keeper; /* of what is warm in the table */
    struct upload_unused unused;
    uv_mutex_t mutex; /* guards rules, visits, looks, and the start and end of
                         housekeeping */
    uv_cond_t idle;   /* housekeeping.calls or visits is 0 */
    unsigned visits;  /* that run */
    bool closing;     /* housekeeping starts nothing more */
    size_t looks;     /* that run */
    struct upload_rules *rules;
    struct upload_housekeeping housekeeping;
};

/* --- service.c --- */

/* The rules in force, with a reference for the caller. */
struct upload_rules *service_rules(struct upload_service *service);

/* --- housekeeping.c --- */

/* A session that it found expired was ended, or failed to. */
void housekeeping_ended(struct upload_service *service, bool well);

/* --- request.c --- */

/* V3; what is wrong is logged. */
enum bits_cause request_check_prefix(struct upload_service *service,
                                     struct upload_request *request,
                                     struct bits_text *ret_rest);

/* Writes the answer. */
void request_answer(struct upload_request *request, enum bits_cause cause);

/* The same with BITS-Received-Content-Range, if a Fragment asks. */
void request_answer_next(struct upload_request *request, enum bits_cause cause,
                         uint64_t next);

/* Answers with a refusal, which is logged. */
enum upload_verdict request_refuse(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause cause, const char *detail);

/* Passes a verdict on.  With an answer the request lets go of its session: it
 * may take long until the client has sent its body and read the answer.  No
 * mutex is held. */
enum upload_verdict request_leave(struct upload_service *service,
                                  struct upload_request *request,
                                  enum upload_verdict verdict);

/* Reads the row; the session is LOADING afterwards.  The session's mutex is
 * held. */
void active_load(struct upload_active *active);

/* The same again; what was known of it is forgotten. */
void active_reload(struct upload_active *active);

/* --- create.c --- */

/* name_cause: what is wrong with the request's name. */
enum upload_verdict request_create(struct upload_service *service,
                                   struct upload_request *request,
                                   enum bits_cause name_cause);

/* --- look.c --- */

/* The request goes; its look, if one runs, has nobody to tell. */
void look_forget(struct upload_service *service,
                 struct upload_request *request);

/* --- plan.c --- */

/* Plans the request now, or has it wait for its session, whose mutex is
 * held. */
enum upload_verdict request_proceed(struct upload_request *request);

/* --- learn.c; the session's mutex is held --- */

/* The row has changed. */
void learn_note(struct upload_active *active);

/* What the row has learnt is committed otherwise, or does not matter any
 * more. */
void learn_forget(struct upload_active *active);

/* Starts committing fragment_seen and total as the row has them now, if that
 * is not done or under way. */
void learn_start(struct upload_active *active);

/* Would what is stored survive kill -9? */
bool learn_is_saved(const struct upload_active *active);

/* ANSWER, at once or once what the answer depends on is committed. */
enum upload_verdict learn_then_answer(struct upload_active *active,
                                      struct upload_request *request);

/* --- ending.c; the session's mutex is held --- */

/* Start the call; the session is DELIVERING or BUSY afterwards and the
 * request, if any, its owner. */
void delivery_start(struct upload_active *active,
                    struct upload_request *request);
void ending_start(struct upload_active *active, struct upload_request *request,
                  enum bits_packet_type by, enum bits_cause cause, bool expiry);

/* The call is over: READY, and whoever waited is told. */
void active_ready(struct upload_active *active);

#endif
