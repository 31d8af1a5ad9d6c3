/*
 * client/transfer/runner_private.h: shared by the parts of the runner:
 *
 *     runner.c        the whole of a job
 *     runner_start.c  the file, its record, the machine
 *     runner_steps.c  the actions of the transfer machine
 *     runner_send.c   the actions that are requests
 *     runner_tell.c   reports to the watcher
 *     reply_file.c    the file for a reply
 */
#ifndef CLIENT_TRANSFER_RUNNER_PRIVATE_H
#define CLIENT_TRANSFER_RUNNER_PRIVATE_H

#include "base/compiler.h"
#include "client/http/agent.h"
#include "client/http/responder.h"
#include "client/transfer/record.h"
#include "client/transfer/reply_file.h"
#include "client/transfer/runner.h"
#include "client/transfer/source.h"

/* HRESULTs of a local file that cannot be read or written. */
#define HRESULT_READ_FAULT 0x8007001Eu
#define HRESULT_WRITE_FAULT 0x8007001Du

/* BG_E_TOO_LARGE, which BITS also uses for a reply that is too large. */
#define HRESULT_TOO_LARGE 0x80200020u

/* Headers of a packet, and room for their values. */
#define RUNNER_FIELDS_MAX 8
#define RUNNER_FIELDS_ROOM 4096

struct run {
    const struct runner *runner;
    const struct runner_job *job;
    struct source source;
    struct record record; /* folder -1: keep no record */
    bool save_failed;     /* the error was reported */
    struct reply_file reply;
    struct agent *agent; /* borrowed */
    int network;         /* owned; -1: none */

    struct bits_transfer transfer;
    struct bits_transfer_options options;
    struct bits_text *trusted; /* owned */

    /* The current request. */
    struct bits_action action;
    struct agent_field fields[RUNNER_FIELDS_MAX];
    size_t field_count;
    char field_room[RUNNER_FIELDS_ROOM];
    size_t field_used;
    char url[BITS_URL_ROOM];

    uint64_t sent; /* bytes of the file that were sent, for the watcher */
    bool waiting;
    uint64_t until_ms;
    uint64_t ticked_ms;
    char transport_words[256];  /* of the last request that got no answer */
    struct responder responder; /* of the last answer */

    struct runner_end *end;
};

/* --- runner_start.c: on false run->end has the reason --- */

bool run_refuse(struct run *run, enum client_exit exit, const char *what,
                const char *why);

bool run_open_source(struct run *run);
bool run_open_record(struct run *run);

/* --once: returns true if nothing is left to do. */
bool run_was_done(const struct run *run);

/* Starts the machine, new or resumed. */
bool run_start(struct run *run);

/* The same, to cancel.  Returns false with an empty fault if there is no
 * session. */
bool run_start_cancel(struct run *run);

/* --- runner_steps.c --- */

/* Runs the machine to its end and sets run->end. */
void run_steps(struct run *run);

/* --- runner_send.c --- */

/* SEND and FETCH_REPLY: runs the request and feeds its result to the
 * machine. */
void run_request(struct run *run);

/* --- runner_tell.c --- */

void tell(struct run *run, enum watch_kind kind);
void tell_notice(struct run *run, enum bits_notice notice);
void tell_wait(struct run *run, const struct bits_failure *failure);
void tell_packet(struct run *run, const struct agent_result *result);
void tell_end(struct run *run);

PRINTF_LIKE(2, 3)
void tell_warning(struct run *run, const char *format, ...);

/* Reports PROGRESS if it is due. */
void tell_tick(struct run *run, uint64_t sent);

PRINTF_LIKE(2, 3)
void run_words(struct run *run, const char *format, ...);

#endif
