/*
 * bits/progress/watch.h: shows a running transfer: a live line on a terminal, a
 * plain line from time to time elsewhere, or JSON.
 *
 * It also prints how each transfer ended.
 *
 * JSON is one object per line.  Each has "event", "path", "url", "size",
 * "offset" (bytes that the server has), "sent" (these and those on their way),
 * "id" for a job of the queue, and depending on the event
 *
 *     begin
 *     progress
 *     notice   "notice" (a word), "words"
 *     wait     "error", "next_try" (UTC)
 *     packet   "packet", "first" and "length" of a fragment, "to", "outcome",
 *              "status", "ms"; with -v
 *     warning  "words"
 *     end      "exit", "error", "words"
 */
#ifndef BITS_PROGRESS_WATCH_H
#define BITS_PROGRESS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "bits/progress/progress.h"
#include "bits/say.h"
#include "bits/say_failure.h"
#include "client/transfer/watcher.h"

struct progress_watch {
    struct watcher watcher;
    struct say *say; /* borrowed */
    const char *id;  /* borrowed: of a job in the queue; NULL: none */
    /* another object shows the live line; */
    bool shares_line;
    bool all_wait;        /* and it now shows why all of them wait */
    bool without_help;    /* the remedy of this failure was printed */
    bool waits_with_help; /* but that of this wait was not */

    /* Private: of the running transfer. */
    char name[320]; /* the shown part of the path */
    bool answered;
    uint64_t begun_ms;
    uint64_t begun_at; /* bytes that the server had at the start */
    uint64_t told_ms;  /* when the last plain or JSON line was printed */
    struct progress_rate rate;
    int64_t next_try; /* seconds since 1970 */
    char next_try_text[16];
    struct fault why;
};

void progress_watch_init(struct progress_watch *watch, struct say *say);

#endif
