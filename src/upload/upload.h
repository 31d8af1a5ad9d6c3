/*
 * upload/upload.h: the upload service: a packet in, a verdict out.
 *
 * It joins protocol, configuration and store, and owns the table of active
 * sessions.  It knows neither HTTP nor sockets; a front end stands on it:
 *
 *     upload_match()    which section covers the target?
 *     upload_begin()    the packet's head is here
 *     upload_chunk()    some of its body
 *     upload_end()      the body has ended, one way or another
 *     upload_release()  the request is over, answered or not
 *
 * The three in the middle return a verdict.  PENDING means that ready() of the
 * front end is called, from any thread and maybe before PENDING is returned;
 * the front end then calls upload_resume() on the thread that owns the request.
 * All calls for one request come from one thread at a time; different requests
 * may run at the same time, also of one session: the newest takes it over.
 */
#ifndef UPLOAD_UPLOAD_H
#define UPLOAD_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/session.h>
#include <openbits/target.h>

#include "os/pipe.h"

struct config;
struct config_upload;
struct log_sink;
struct store;
struct store_section;
struct upload_active;
struct upload_lookup;
struct upload_request;
struct upload_rules;
struct upload_service;

enum upload_verdict {
    UPLOAD_PENDING, /* wait for ready(), then upload_resume() */
    UPLOAD_ANSWER,  /* send request->answer; ignore the body, if any */
    UPLOAD_RECEIVE, /* feed the body */
    UPLOAD_CUT,     /* close without an answer: the body was cut off, or a newer
                       request took over */
};

/* Called from any thread, under locks of the service: they only pass the
 * word on to the thread that owns the request. */
struct upload_front {
    void (*ready)(struct upload_request *request);
    /* The request was taken over; what it sends now goes nowhere.  If it is
     * PENDING, ready() does not come any more. */
    void (*cut)(struct upload_request *request);
};

/* What a request waits for while its verdict is PENDING. */
enum upload_wait {
    UPLOAD_WAIT_PLAN,   /* its session: then it is planned, maybe again */
    UPLOAD_WAIT_BODY,   /* the store takes bytes: then more of the body */
    UPLOAD_WAIT_ANSWER, /* a call or a commit on which its answer depends */
    UPLOAD_WAIT_LOOK,   /* upload_look() has asked the store */
};

/* One packet on its way.  The front end zeroes it, fills the first part and
 * keeps all texts alive until upload_release(). */
struct upload_request {
    const struct upload_front *front;
    enum bits_cause form;      /* what bits_packet_reader_end() said */
    struct bits_packet packet; /* what it read */
    struct bits_target target;
    struct bits_text url;  /* the destination URL, absolute */
    struct bits_text user; /* empty: anonymous */
    struct bits_text peer; /* for the log */

    /* Valid after UPLOAD_ANSWER. */
    struct bits_answer answer;

    /* Valid after UPLOAD_ANSWER to upload_look(). */
    unsigned look_status; /* 200, 404, 405; else a cause's */
    uint64_t look_size;   /* with 200: bytes */

    /* Private to the service. */
    struct upload_rules *rules;
    enum bits_cause matched;        /* what upload_match() returned */
    const struct upload_rule *rule; /* NULL: no section covers the target */
    struct bits_text rest;          /* of the target, below the prefix */
    struct upload_lookup *look; /* that runs; guarded by the service's mutex */
    struct upload_active *active;
    struct upload_request *next; /* in a list of waiters */
    struct bits_plan plan;
    char *name;
    char fault[32]; /* what is wrong with the name, in words; may be empty */
    uint64_t skipped;
    enum upload_wait wait;
    bool unwanted;     /* its body is dropped */
    bool body_taken;   /* the unwanted body has ended */
    bool wrong_length; /* it was shorter or longer than its range */
    bool takes_over;   /* it cut an older body off */
    bool held_back;    /* it has waited for the store to take bytes */
    bool inherits;     /* waited for a delivery; its result was: */
    struct bits_outcome inherited;
    char session_text[BITS_GUID_TEXT_LEN + 1];
};

/* Returns an upload section as the store wants it, which borrows the texts of
 * the configuration.  The caller frees it with free().  NULL: no memory. */
typedef struct store_section *
upload_section(const struct config_upload *config);

/* Makes the service over a store that it does not own.  On failure NULL, and
 * errors say so through the log. */
struct upload_service *upload_service_new(struct store *store,
                                          upload_section *section,
                                          struct log_sink *log);

/* Applies a configuration: opens new places, closes those that are no longer
 * used.  Returns false if a place cannot be opened, which is logged; the
 * previous configuration remains then.  Blocks; call on one thread only. */
bool upload_service_configure(struct upload_service *service,
                              struct config *config);

/* Why the folders are visited. */
enum upload_visit {
    UPLOAD_VISIT_TIMER,
    UPLOAD_VISIT_RELOAD, /* an administrator asked and accepts other folders */
};

/* Looks on workers whether the folders of each section are still there; see
 * visits.c. */
void upload_service_visit(struct upload_service *service,
                          enum upload_visit why);

/* One small step of housekeeping: closes places that a reload removed, looks
 * for expired sessions, sweeps a staging folder.  The same thread as
 * upload_service_configure().  Looks at no sessions while an earlier step still
 * runs. */
void upload_service_housekeep(struct upload_service *service);

/* No request may be left.  Starts no more housekeeping, and blocks until the
 * store has answered every call, which may be never. */
void upload_service_wait(struct upload_service *service);

/* Logs some of the calls that the store has not answered.  Any thread. */
void upload_service_say_waiting(struct upload_service *service);

/* The same as upload_service_wait(), then frees.  Accepts NULL. */
void upload_service_free(struct upload_service *service);

/* Finds the section of the target, for any request (V3): front, target and peer
 * are filled.  The configuration that is in force now stays so for the request.
 * BITS_CAUSE_OK; or PREFIX_UNKNOWN or UPLOADS_DISABLED, which is logged, and
 * which upload_begin() and upload_look() answer.  upload_release() ends it. */
enum bits_cause upload_match(struct upload_service *service,
                             struct upload_request *request);

/* The section that upload_match() found, until upload_release().  NULL: it
 * found none. */
const struct config_upload *
upload_matched_section(const struct upload_request *request);

/* Refuses the request after upload_match(), for a reason of the front end, and
 * logs that.  Writes request->answer. */
void upload_refuse(struct upload_service *service,
                   struct upload_request *request, struct bits_outcome outcome);

/* Answers HEAD (D-54) after upload_match(): PENDING or ANSWER. */
enum upload_verdict upload_look(struct upload_service *service,
                                struct upload_request *request);

/* After upload_match(), once the first part is filled. */
enum upload_verdict upload_begin(struct upload_service *service,
                                 struct upload_request *request);

/* After ready(). */
enum upload_verdict upload_resume(struct upload_service *service,
                                  struct upload_request *request);

/* Content of the body, in order.  Content that is not needed may remain in the
 * pipe.  RECEIVE: continue.  ANSWER: refused before the end of the body.
 * PENDING: the store has taken the bytes, but accepts no more now; call neither
 * upload_chunk() nor upload_end() before upload_resume() returns RECEIVE. */
enum upload_verdict upload_chunk(struct upload_service *service,
                                 struct upload_request *request,
                                 struct os_bytes bytes);

/* The body ended.  After BITS_BODY_CUT the client is gone: the verdict is
 * CUT. */
enum upload_verdict upload_end(struct upload_service *service,
                               struct upload_request *request,
                               enum bits_body_end end);

/* How many bytes of the body will be stored or dropped: the length of the
 * range for a chunked body, which may not be longer. */
uint64_t upload_body_limit(const struct upload_request *request);

/* The request is over; a body that has not ended counts as cut. */
void upload_release(struct upload_service *service,
                    struct upload_request *request);

#endif
