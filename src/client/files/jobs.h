/*
 * client/files/jobs.h: turns files, folders and a URL into one upload per file.
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
    struct source_place place; /* where the file is: its path, or a path below a
                                  walked folder; the jobs own that folder's
                                  descriptor */
    char *url;                 /* as sent */
    char *name;                /* Content-Name */
    char *relative;            /* "folder/name", as appended to the URL */
};

struct jobs {
    struct job *items;
    size_t count;
    int *folders; /* owned descriptors of walked folders */
    size_t folder_count;
};

/* What the user wants to send.  Borrows everything. */
struct jobs_order {
    const struct settings *settings;
    char **files; /* operands before the URL */
    size_t count;
    const char *url;
    /* Called for an entry below a folder that is neither file nor folder. */
    void (*skipped)(void *context, const char *path);
    void *context;
};

/* Returns NULL, or a sentence if the settings contradict each other or the
 * operands. */
const char *jobs_conflict(const struct jobs_order *order);

/* Collects the uploads in the order of the operands and, below a folder, of the
 * names.  Returns false with the reason in the fault on failure. */
bool jobs_collect(struct jobs *jobs, const struct jobs_order *order,
                  struct fault *ret_fault);

/* Adds one upload; appends `relative` to the URL if the URL asks for a name. */
bool jobs_add(struct jobs *jobs, const char *path, const char *relative,
              const char *url);

/* Returns true if two uploads have the same URL. */
bool jobs_share_a_url(const struct jobs *jobs);

void jobs_done(struct jobs *jobs);

#endif
