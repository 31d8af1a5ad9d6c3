/*
 * bits/progress/refusals.h: prints failures that several files of a run share.
 *
 * - A failure that holds for all files is printed once.  The remaining files
 *   are skipped, but if the server accepts a file after all, they are tried.
 * - As long as the server has accepted no file, the first failure is printed in
 *   full, and similar ones only as a number at the end.  Once it accepts one,
 *   or refuses one for another reason, their names are printed.
 * - After that the name of each failed file is printed.
 *
 * Private to total.c, which holds its lock.
 */
#ifndef BITS_PROGRESS_REFUSALS_H
#define BITS_PROGRESS_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bits/say.h"
#include "client/transfer/watcher.h"

struct refusals {
    struct say *say; /* borrowed */
    bool some;
    struct bits_failure failure; /* the last one printed */
    enum client_exit exit;
    bool of_all;
    bool accepted;      /* the server has accepted a file */
    size_t alike;       /* others like it, not printed */
    const char **paths; /* their paths, while they may have to be printed */
    size_t paths_room;
};

/* Since this transfer's first error. */
enum refusals_server {
    REFUSALS_SERVER_SILENT,  /* no transfer got an answer */
    REFUSALS_SERVER_ANSWERS, /* another one got an answer */
};

void refusals_init(struct refusals *refusals, struct say *say);
void refusals_done(struct refusals *refusals);

/* Call when the server accepts a file. */
void refusals_accepted(struct refusals *refusals);

/* Call at the END of a transfer with a failure; borrows its path.  Returns true
 * if the caller must print it. */
bool refusals_failed(struct refusals *refusals, const struct watch_event *event,
                     enum refusals_server server);

/* Call at the end of the run; `untried` files were skipped. */
void refusals_sum_up(struct refusals *refusals, size_t untried);

#endif
