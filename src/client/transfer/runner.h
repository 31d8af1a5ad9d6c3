/*
 * client/transfer/runner.h: one transfer, run to its end or until a stop is
 * asked.
 *
 * The transfer machine decides, agent.h sends, record.h remembers; this
 * joins them and watches the clock, the network and the local file.
 */
#ifndef CLIENT_TRANSFER_RUNNER_H
#define CLIENT_TRANSFER_RUNNER_H

#include "client/exit.h"
#include "client/settings/settings.h"
#include "client/stop.h"
#include "client/transfer/source.h"
#include "client/transfer/watcher.h"

/* All borrowed until the function that got it returns; none may be NULL. */
struct runner_job {
    const char *path;          /* absolute: what the upload is known by */
    struct source_place place; /* where the file is */
    const char *url;           /* as it is sent */
    const char *name;          /* Content-Name */
    /* recursive, name, then and the like do not matter here; growing, once,
     * remove_source, reply, no_resume do. */
    const struct settings *settings;
    struct bits_retry retry;
    bool foreground;
};

struct runner {
    /* Borrowed; shares connections between jobs with the same settings and
     * host.  NULL: each job has its own. */
    struct agent *agent;
    int folder;        /* borrowed: of the records; -1: nothing is remembered */
    struct stop *stop; /* borrowed, not NULL */
    struct watcher *watcher; /* borrowed, not NULL */
};

struct runner_end {
    enum client_exit exit; /* CLIENT_BY_SIGNAL: stopped, and what was reached is
                              remembered */
    bool skipped;          /* --once: it was done before */
    struct bits_failure failure; /* reason NONE and hresult 0: none */
    struct fault fault;          /* what happened; empty when done */
};

/* What a job's retry is: the usual one, and what the user says of it. */
struct bits_retry runner_retry(const struct bits_retry *usual,
                               const struct settings *settings);

/* The whole upload; the file is removed after it if the settings want that. */
void runner_upload(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end);

/* Ends the session at the server, if one is known, and forgets the record. */
void runner_cancel(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end);

#endif
