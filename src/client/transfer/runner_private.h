/*
 * client/transfer/runner_private.h: what the parts of the runner share:
 *
 *     runner.c        the whole of a job, and how it ends
 *     runner_start.c  the file, what is known of it, the machine
 *     runner_steps.c  one action of the transfer machine after the other
 *     runner_send.c   those that are requests
 *     runner_tell.c   what the watcher is told
 *     reply_file.c    the file that a reply goes into
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

/* BG_E_TOO_LARGE, which BITS also says of a reply that it does not take. */
#define HRESULT_TOO_LARGE 0x80200020u

/* Headers of a packet, and room for what they hold. */
#define RUNNER_FIELDS_MAX 8
#define RUNNER_FIELDS_ROOM 4096

struct run {
    const struct runner *runner;
    const struct runner_job *job;
    struct source source;
    struct record record; /* folder -1: nothing is remembered */
    bool save_failed;     /* it was said */
    struct reply_file reply;
    struct agent *agent; /* borrowed */
    int network;         /* owns; -1: none */

    struct bits_transfer transfer;
    struct bits_transfer_options options;
    struct bits_text *trusted; /* owns */

    /* The request that runs. */
    struct bits_action action;
    struct agent_field fields[RUNNER_FIELDS_MAX];
    size_t field_count;
    char field_room[RUNNER_FIELDS_ROOM];
    size_t field_used;
    char url[BITS_URL_ROOM];

    uint64_t sent; /* bytes of the file that have left, for the watcher */
    bool waiting;
    uint64_t until_ms;
    uint64_t ticked_ms;
    char transport_words[256];  /* of the last request that broke */
    struct responder responder; /* of the last answer */

    struct runner_end *end;
};

/* --- runner_start.c: false: run->end says why not --- */

bool run_refuse(struct run *run, enum client_exit exit, const char *what,
                const char *why);

bool run_open_source(struct run *run);
bool run_open_record(struct run *run);

/* --once: is there nothing left to do? */
bool run_was_done(const struct run *run);

/* The machine, anew or where it was. */
bool run_start(struct run *run);

/* The same, to cancel; false without words in the end: there is no session. */
bool run_start_cancel(struct run *run);

/* --- runner_steps.c --- */

/* Runs the machine to its end and says in run->end how it was. */
void run_steps(struct run *run);

/* --- runner_send.c --- */

/* SEND and FETCH_REPLY: does it and tells the machine what came of it. */
void run_request(struct run *run);

/* --- runner_tell.c --- */

void tell(struct run *run, enum watch_kind kind);
void tell_notice(struct run *run, enum bits_notice notice);
void tell_wait(struct run *run, const struct bits_failure *failure);
void tell_packet(struct run *run, const struct agent_result *result);
void tell_end(struct run *run);

PRINTF_LIKE(2, 3)
void tell_warning(struct run *run, const char *format, ...);

/* PROGRESS, if it is time for it. */
void tell_tick(struct run *run, uint64_t sent);

PRINTF_LIKE(2, 3)
void run_words(struct run *run, const char *format, ...);

#endif
