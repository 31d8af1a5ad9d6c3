/*
 * client/transfer/runner.h: runs one transfer until it ends or a stop is
 * requested.
 *
 * The transfer machine decides, agent.h sends, record.h stores; this connects
 * them and watches the clock, the network and the local file.
 */
#ifndef CLIENT_TRANSFER_RUNNER_H
#define CLIENT_TRANSFER_RUNNER_H

#include "client/exit.h"
#include "client/settings/settings.h"
#include "client/stop.h"
#include "client/transfer/source.h"
#include "client/transfer/watcher.h"

/* Borrowed until the function that received it returns; none may be NULL. */
struct runner_job {
    const char *path;          /* absolute: identifies the upload */
    struct source_place place; /* where the file is */
    const char *url;           /* as sent */
    const char *name;          /* Content-Name */
    /* growing, once, remove_source, reply and no_resume are used here;
     * recursive, name, then and the like are not. */
    const struct settings *settings;
    struct bits_retry retry;
    bool foreground;
};

struct runner {
    /* Borrowed; shares connections between jobs with the same settings and
     * host.  NULL: each job has its own. */
    struct agent *agent;
    int folder;              /* borrowed: of the records; -1: keep no records */
    struct stop *stop;       /* borrowed, not NULL */
    struct watcher *watcher; /* borrowed, not NULL */
};

struct runner_end {
    enum client_exit exit;       /* CLIENT_BY_SIGNAL: stopped; the progress is
                                    stored */
    bool skipped;                /* --once: it was done earlier */
    struct bits_failure failure; /* reason NONE and hresult 0: no failure */
    struct fault fault;          /* what happened; empty if done */
};

/* The retry of a job: the default with the user's changes. */
struct bits_retry runner_retry(const struct bits_retry *usual,
                               const struct settings *settings);

/* Runs the whole upload; removes the file afterwards if the settings say so. */
void runner_upload(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end);

/* Ends the session at the server, if one is known, and removes the record. */
void runner_cancel(const struct runner *runner, const struct runner_job *job,
                   struct runner_end *ret_end);

#endif
