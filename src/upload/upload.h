/*
 * upload/upload.h: the upload service: a packet in, a verdict out.
 *
 * It joins protocol, configuration and store, and owns the table of active
 * sessions.  It knows neither HTTP nor sockets; a front end calls it:
 *
 *     upload_match()    find the section that covers the target
 *     upload_begin()    the packet's head has arrived
 *     upload_chunk()    some of its body
 *     upload_end()      the body has ended, complete or not
 *     upload_release()  the request is over, answered or not
 *
 * The three in the middle return a verdict.  PENDING means that the service
 * calls ready() of the front end, on any thread and maybe before it returns
 * PENDING; the front end then calls upload_resume() on the thread that owns the
 * request.  Make all calls for one request from one thread at a time; different
 * requests may run at the same time, even of one session: the newest takes it
 * over.
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

/* The service calls these on any thread, under its locks: they must only notify
 * the thread that owns the request. */
struct upload_front {
    void (*ready)(struct upload_request *request);
    /* A newer request took the session over; the service discards what this one
     * still sends.  If it is PENDING, ready() will not be called. */
    void (*cut)(struct upload_request *request);
};

/* What a request waits for while its verdict is PENDING. */
enum upload_wait {
    UPLOAD_WAIT_PLAN,   /* for its session, to be planned, maybe again */
    UPLOAD_WAIT_BODY,   /* for the store, to take more of the body */
    UPLOAD_WAIT_ANSWER, /* for a call or a commit that its answer depends on */
    UPLOAD_WAIT_LOOK,   /* for the store's answer to upload_look() */
};

/* One packet.  The front end zeroes it, fills the first part and keeps all
 * texts alive until upload_release(). */
struct upload_request {
    const struct upload_front *front;
    enum bits_cause form;      /* from bits_packet_reader_end() */
    struct bits_packet packet; /* the same */
    struct bits_target target;
    struct bits_text url;            /* the destination URL, absolute */
    struct bits_text user;           /* empty: anonymous */
    struct bits_text user_for_names; /* for {user} of store_as; empty: `user` */
    struct bits_text peer;           /* for the log */
    uint64_t max_size;  /* bytes that the file may have; 0: no limit but that
                           of the section */
    int64_t once_until; /* not 0: the user may deliver one file only; see
                           struct store_session */

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
    struct upload_lookup *look; /* running; guarded by the service's mutex */
    struct upload_active *active;
    struct upload_request *next; /* in a list of waiters */
    struct bits_plan plan;
    char *name;
    char *destination; /* of Create-Session, if the name is in order */
    char fault[64];    /* what is wrong with the name, in words; may be empty */
    uint64_t skipped;
    enum upload_wait wait;
    bool unwanted;     /* its body is dropped */
    bool body_taken;   /* the unwanted body has ended */
    bool wrong_length; /* the unwanted body did not have its range's length */
    bool takes_over;   /* it cut an older body off */
    bool held_back;    /* it has waited for the store to take bytes */
    bool inherits;     /* it waited for a delivery, which ended with: */
    struct bits_outcome inherited;
    char session_text[BITS_GUID_TEXT_LEN + 1];
};

/* Returns an upload section in the store's form, which borrows the texts of the
 * configuration.  The caller frees it with free().  Returns NULL if memory ran
 * out. */
typedef struct store_section *
upload_section(const struct config_upload *config);

/* Makes the service over a store that it does not own.  Returns NULL on
 * failure, which it logs. */
struct upload_service *upload_service_new(struct store *store,
                                          upload_section *section,
                                          struct log_sink *log);

/* Applies a configuration: opens new places, closes those that are no longer
 * used.  Returns false if a place cannot be opened, which is logged; the
 * previous configuration remains then.  Blocks; call on one thread only. */
bool upload_service_configure(struct upload_service *service,
                              struct config *config);

/* Why the service checks the folders. */
enum upload_visit {
    UPLOAD_VISIT_TIMER,
    UPLOAD_VISIT_RELOAD, /* an administrator asked and accepts other folders */
};

/* Checks on workers that the folders of each section still exist; see
 * visits.c. */
void upload_service_visit(struct upload_service *service,
                          enum upload_visit why);

/* One small step of housekeeping: closes places that a reload removed, looks
 * for expired sessions, sweeps a staging folder.  Call on the same thread as
 * upload_service_configure().  While an earlier step still runs, it looks for
 * no sessions. */
void upload_service_housekeep(struct upload_service *service);

/* Call when all requests are released.  Stops housekeeping and blocks until the
 * store has answered every call; a store that hangs blocks it forever. */
void upload_service_wait(struct upload_service *service);

/* Logs some of the calls that the store has not answered.  Call from any
 * thread. */
void upload_service_say_waiting(struct upload_service *service);

/* Does the same as upload_service_wait(), then frees.  Accepts NULL. */
void upload_service_free(struct upload_service *service);

/* Finds the section of the target, for any request (V3) with front, target and
 * peer.  The request keeps the present configuration.  Returns BITS_CAUSE_OK;
 * or PREFIX_UNKNOWN or UPLOADS_DISABLED, which it logs, and which
 * upload_begin() and upload_look() answer.  End the request with
 * upload_release(). */
enum bits_cause upload_match(struct upload_service *service,
                             struct upload_request *request);

/* Returns the section that upload_match() found, or NULL.  Valid until
 * upload_release(). */
const struct config_upload *
upload_matched_section(const struct upload_request *request);

/* Refuses the request after upload_match(), for a reason of the front end, and
 * logs that.  Writes request->answer. */
void upload_refuse(struct upload_service *service,
                   struct upload_request *request, struct bits_outcome outcome);

/* Answers HEAD (D-54) after upload_match().  Returns PENDING or ANSWER. */
enum upload_verdict upload_look(struct upload_service *service,
                                struct upload_request *request);

/* Call after upload_match(), with the first part filled. */
enum upload_verdict upload_begin(struct upload_service *service,
                                 struct upload_request *request);

/* Call after ready(). */
enum upload_verdict upload_resume(struct upload_service *service,
                                  struct upload_request *request);

/* Takes content of the body, in order.  Content that it does not need may
 * remain in the pipe.  RECEIVE: continue.  ANSWER: refused before the end of
 * the body. PENDING: the store has taken the bytes, but accepts no more now;
 * call neither upload_chunk() nor upload_end() before upload_resume() returns
 * RECEIVE. */
enum upload_verdict upload_chunk(struct upload_service *service,
                                 struct upload_request *request,
                                 struct os_bytes bytes);

/* Call at the end of the body.  After BITS_BODY_CUT the client is gone: returns
 * CUT. */
enum upload_verdict upload_end(struct upload_service *service,
                               struct upload_request *request,
                               enum bits_body_end end);

/* Returns the length of the packet's range, in bytes: the most that a chunked
 * body may have. */
uint64_t upload_body_limit(const struct upload_request *request);

/* Ends the request; a body that has not ended counts as cut. */
void upload_release(struct upload_service *service,
                    struct upload_request *request);

#endif
