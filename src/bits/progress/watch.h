/*
 * bits/progress/watch.h: shows a transfer as it goes: a live line on a
 * terminal, a plain line now and then elsewhere, or JSON.
 *
 * It says how each transfer ended as well, so that its owner need not.
 *
 * JSON is one object a line.  Each has "event", "path", "url", "size",
 * "offset" (bytes that the server has) and "sent" (the same and those on their
 * way), "id" for a job of the queue, and by the event
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
    /* The live line is for others to show; */
    bool shares_line;
    bool all_wait;        /* and it says now why all of them wait. */
    bool without_help;    /* the remedy of this failure is known */
    bool waits_with_help; /* but that of this wait is not */

    /* Private: of the transfer that runs. */
    char name[320]; /* what is shown of the path */
    bool answered;
    uint64_t begun_ms;
    uint64_t begun_at; /* bytes that the server had then */
    uint64_t told_ms;  /* when the last plain or JSON line was written */
    struct progress_rate rate;
    int64_t next_try; /* seconds since 1970 */
    char next_try_text[16];
    struct fault why;
};

void progress_watch_init(struct progress_watch *watch, struct say *say);

#endif
