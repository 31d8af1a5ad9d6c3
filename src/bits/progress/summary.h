/*
 * bits/progress/summary.h: repeats the errors of a run of several files at its
 * end: each reason with its first files, each remedy once.
 *
 * Private to total.c, which holds its lock.
 */
#ifndef BITS_PROGRESS_SUMMARY_H
#define BITS_PROGRESS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bits/say.h"
#include "bits/say_failure.h"
#include "client/transfer/watcher.h"

/* Reasons listed separately; the others are only counted. */
#define SUMMARY_REASONS_MAX 8

/* Files listed for each reason. */
#define SUMMARY_NAMES_MAX 3

struct summary_reason {
    struct fault text;
    struct bits_failure failure; /* reason NONE: only the text is known */
    const char *paths[SUMMARY_NAMES_MAX]; /* borrowed */
    size_t files;
};

struct summary {
    struct summary_reason reasons[SUMMARY_REASONS_MAX];
    size_t count;
    size_t others; /* files that failed for other reasons */
    uint32_t helped[SUMMARY_REASONS_MAX]; /* codes whose remedies were
                                             printed */
    size_t helped_count;
};

/* Call at the END of a failed transfer; borrows its path. */
void summary_note(struct summary *summary, const struct watch_event *event);

/* Returns true if the remedy for this code was printed during the run. */
bool summary_is_helped(const struct summary *summary, uint32_t hresult);
void summary_note_help(struct summary *summary, uint32_t hresult);

enum summary_part {
    SUMMARY_REMEDIES, /* the reasons were the last lines printed */
    SUMMARY_ALL,      /* the reasons with their files, and the remedies */
};

void summary_say(const struct summary *summary, struct say *say,
                 enum summary_part part);

#endif
