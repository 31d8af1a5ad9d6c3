/*
 * bits/commands/upload_dry.c: --dry-run: prints what would be sent.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "bits/commands/upload_command.h"
#include "client/transfer/record.h"
#include "client/transfer/source.h"
#include "os/file.h"

struct plan {
    uint64_t size;
    uint64_t offset; /* where it would resume */
    bool is_done;    /* --once: it would be skipped */
};

/* Reads the file's progress from its record. */
static void recall(const struct upload *upload, const struct source *source,
                   const struct record *record, struct plan *plan)
{
    const struct settings *settings = &upload->settings;

    plan->is_done = settings->once && record->state == RECORD_DONE &&
                    source_is_whole(source, &record->mark, record->boot);
    if (record->state == RECORD_RUNNING && !record->transfer.cancelling &&
        !settings->no_resume &&
        source_is_marked(source, &record->mark, record->boot)) {
        plan->size = record->mark.size;
        plan->offset = record->transfer.offset;
    }
}

/* Returns 0 or an errno value. */
static int make_plan(const struct upload *upload, const struct job *job,
                     struct plan *ret_plan)
{
    struct record record = {.folder = -1, .lock = -1};
    struct source source;
    int error =
        source_open(&source, &job->place,
                    upload->settings.growing ? SOURCE_GROWING : SOURCE_FIXED);

    if (error) {
        return error;
    }
    *ret_plan = (struct plan){.size = source.mark.size};
    if (upload->home.fd >= 0 &&
        record_peek(&record, upload->home.fd, job->url, job->path)) {
        recall(upload, &source, &record, ret_plan);
    }
    record_close(&record);
    source_close(&source);
    return 0;
}

static void show(struct say *say, const struct job *job,
                 const struct plan *plan)
{
    if (say->json) {
        say_json(say,
                 json_pack("{s:s, s:o, s:o, s:I, s:I, s:b}", "event", "plan",
                           "path", say_json_text(text_of(job->path)), "url",
                           say_json_text(text_of(job->url)), "size",
                           (json_int_t)plan->size, "offset",
                           (json_int_t)plan->offset, "done",
                           (int)plan->is_done));
    } else if (plan->is_done) {
        say_out(say, "%s: sent before, would be skipped", job->path);
    } else if (plan->offset > 0) {
        say_out(say, "%s: %" PRIu64 " bytes to %s, from byte %" PRIu64 " on",
                job->path, plan->size, job->url, plan->offset);
    } else {
        say_out(say, "%s: %" PRIu64 " bytes to %s", job->path, plan->size,
                job->url);
    }
}

int upload_dry_run(const struct upload *upload)
{
    int status = CLIENT_DONE;

    for (size_t i = 0; i < upload->jobs.count; i++) {
        const struct job *job = &upload->jobs.items[i];
        struct plan plan;
        int error = make_plan(upload, job, &plan);

        if (error) {
            say_error(upload->line->say, "%s: %s", job->path,
                      os_open_words(error));
            status = CLIENT_LOCAL;
        } else {
            show(upload->line->say, job, &plan);
        }
    }
    return status;
}
