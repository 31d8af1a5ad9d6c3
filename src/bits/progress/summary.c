/*
 * bits/progress/summary.c: see summary.h.
 */
#include "bits/progress/summary.h"

#include <stdio.h>
#include <string.h>

#include "bits/say_text.h"

/* The reason, as printed for the file. */
static void write_text(const struct watch_event *event, struct fault *ret_text)
{
    if (event->failure) {
        failure_brief_words(event->failure, ret_text);
    } else {
        (void)fault_set(ret_text, "%s",
                        event->words ? event->words : "not sent");
    }
}

static struct summary_reason *find(struct summary *summary,
                                   const struct fault *text)
{
    for (size_t i = 0; i < summary->count; i++) {
        if (strcmp(summary->reasons[i].text.text, text->text) == 0) {
            return &summary->reasons[i];
        }
    }
    return NULL;
}

void summary_note(struct summary *summary, const struct watch_event *event)
{
    struct summary_reason *reason;
    struct fault text;

    write_text(event, &text);
    reason = find(summary, &text);
    if (!reason && summary->count == SUMMARY_REASONS_MAX) {
        summary->others++;
        return;
    }
    if (!reason) {
        reason = &summary->reasons[summary->count++];
        *reason = (struct summary_reason){.text = text};
        if (event->failure) {
            reason->failure = *event->failure;
        }
    }
    if (reason->files < SUMMARY_NAMES_MAX) {
        reason->paths[reason->files] = event->path;
    }
    reason->files++;
}

bool summary_is_helped(const struct summary *summary, uint32_t hresult)
{
    for (size_t i = 0; i < summary->helped_count; i++) {
        if (summary->helped[i] == hresult) {
            return true;
        }
    }
    return false;
}

void summary_note_help(struct summary *summary, uint32_t hresult)
{
    if (summary->helped_count < SUMMARY_REASONS_MAX) {
        summary->helped[summary->helped_count++] = hresult;
    }
}

static void say_reason(struct say *say, const struct summary_reason *reason)
{
    char names[512] = "";
    size_t len = 0;

    for (size_t i = 0; i < reason->files && i < SUMMARY_NAMES_MAX; i++) {
        char name[128];

        say_fit(name, sizeof(name), watch_name(reason->paths[i]), 60);
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                i > 0 ? ", " : "", name);
    }
    if (reason->files > SUMMARY_NAMES_MAX) {
        (void)snprintf(names + len, sizeof(names) - len, " and %zu more",
                       reason->files - SUMMARY_NAMES_MAX);
    }
    say_error(say, "  %s: %s", names, reason->text.text);
}

/* Several reasons may have one code, and so the same remedy. */
static bool is_first(const struct summary *summary, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (summary->reasons[i].failure.hresult ==
            summary->reasons[at].failure.hresult) {
            return false;
        }
    }
    return true;
}

void summary_say(const struct summary *summary, struct say *say,
                 enum summary_part part)
{
    bool with_files = part == SUMMARY_ALL;

    for (size_t i = 0; with_files && i < summary->count; i++) {
        say_reason(say, &summary->reasons[i]);
    }
    if (with_files && summary->others > 0) {
        say_error(say, "  %zu more, for other reasons", summary->others);
    }
    for (size_t i = 0; i < summary->count; i++) {
        const struct bits_failure *failure = &summary->reasons[i].failure;

        if (failure->reason != BITS_REASON_NONE && is_first(summary, i) &&
            !summary_is_helped(summary, failure->hresult)) {
            say_failure_help(say, failure);
        }
    }
}
