/*
 * bits/progress/refusals.h: what is said of failures that several files of a
 * run share.
 *
 * - A failure that holds for all files is said once.  The rest is not tried;
 *   but if the server takes a file after all, it is.
 * - As long as the server has taken no file, the first failure is said in
 *   full, and of others like it only their number at the end.  Once it takes
 *   one, or refuses one for another reason, their names are said.
 * - After that each file that fails is named.
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
    struct bits_failure failure; /* the last one that was said */
    enum client_exit exit;
    bool of_all;
    bool accepted;      /* the server has taken a file */
    size_t alike;       /* others that failed like that one, unsaid */
    const char **paths; /* of these, while they may have to be said */
    size_t paths_room;
};

/* Since the trouble of this transfer began. */
enum refusals_server {
    REFUSALS_SERVER_SILENT,  /* no transfer had an answer */
    REFUSALS_SERVER_ANSWERS, /* another one had */
};

void refusals_init(struct refusals *refusals, struct say *say);
void refusals_done(struct refusals *refusals);

/* The server takes a file. */
void refusals_accepted(struct refusals *refusals);

/* The END of a transfer with a failure, whose path is borrowed.  Is it to be
 * said? */
bool refusals_failed(struct refusals *refusals, const struct watch_event *event,
                     enum refusals_server server);

/* The run is over, and so many files were not tried. */
void refusals_sum_up(struct refusals *refusals, size_t untried);

#endif
