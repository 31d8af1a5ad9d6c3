/*
 * client/files/jobs.h: from files and folders and a URL to one upload a file.
 */
#ifndef CLIENT_FILES_JOBS_H
#define CLIENT_FILES_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "client/settings/settings.h"
#include "client/transfer/source.h"

struct job {
    char *path;                /* absolute */
    struct source_place place; /* where the file is: path, or below a folder
                                  that was walked, whose descriptor is the
                                  jobs' */
    char *url;                 /* as it is sent */
    char *name;                /* Content-Name */
    char *relative;            /* "folder/name", as it is behind the URL */
};

struct jobs {
    struct job *items;
    size_t count;
    int *folders; /* owns; those that were walked */
    size_t folder_count;
};

/* What the user wants to send.  Everything is borrowed. */
struct jobs_order {
    const struct settings *settings;
    char **files; /* the operands before the URL */
    size_t count;
    const char *url;
    /* Called for what is neither file nor folder below a folder. */
    void (*skipped)(void *context, const char *path);
    void *context;
};

/* Do the settings contradict each other, or what is to be sent?  NULL: all is
 * well; else a sentence. */
const char *jobs_conflict(const struct jobs_order *order);

/* The uploads, in the order of the operands and, below a folder, of the names.
 * False: the fault says why. */
bool jobs_collect(struct jobs *jobs, const struct jobs_order *order,
                  struct fault *ret_fault);

/* Adds one: `relative` goes behind the URL if that wants it. */
bool jobs_add(struct jobs *jobs, const char *path, const char *relative,
              const char *url);

/* Would two of them become one file at the server? */
bool jobs_share_a_url(const struct jobs *jobs);

void jobs_done(struct jobs *jobs);

#endif
