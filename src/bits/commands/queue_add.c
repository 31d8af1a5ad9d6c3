/*
 * bits/commands/queue_add.c: `bits queue add`: new jobs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "bits/commands/queue_command.h"
#include "client/files/jobs.h"
#include "client/files/url_names.h"
#include "os/clock.h"

bool queue_command_open(const struct command_line *line, struct queue *queue)
{
    struct fault fault;

    if (!queue_open(queue, &fault)) {
        say_error(line->say, "the queue cannot be used: %s", fault.text);
        return false;
    }
    return true;
}

void queue_say_error(struct say *say, const char *id, int error)
{
    if (error == ENOENT) {
        say_error(say, "%s: there is no such job", id);
    } else if (error == EILSEQ) {
        say_error(say, "%s: its file is not valid", id);
    } else {
        say_error(say, "%s: %s", id, strerror(error));
    }
}

/* --- one job -------------------------------------------------------------- */

/* Returns true for settings that the upload needs later. */
static bool is_kept(enum setting_id id)
{
    switch ((unsigned)id) {
    case SETTING_recursive:
    case SETTING_name:
    case SETTING_quiet:
    case SETTING_verbose:
    case SETTING_json:
    case SETTING_help:
    case SETTING_version:
        return false;
    default:
        return true;
    }
}

static bool keep_settings(const struct settings *from, struct settings *to)
{
    struct fault fault;

    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct string_list *texts =
            settings_text(from, (enum setting_id)id);

        for (size_t i = 0; is_kept(id) && i < texts->count; i++) {
            if (!settings_set(to, (enum setting_id)id, texts->items[i],
                              SETTING_FROM_QUEUE, &fault)) {
                return false;
            }
        }
    }
    return true;
}

/* Finds a mistyped name now instead of at night.  Prints an error and returns
 * false on failure. */
static bool measure(struct say *say, const char *path, uint64_t *ret_size)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        say_error(say, "%s: %s", path, strerror(errno));
        return false;
    }
    *ret_size = (uint64_t)status.st_size;
    return true;
}

/* If memory runs out, a text is NULL; the caller checks. */
static bool fill(const struct command_line *line, const struct job *from,
                 struct queue_job *job)
{
    job->path = strdup(from->path);
    job->below = NULL;
    if (job->path && from->place.folder != AT_FDCWD) {
        /* FOLDER/NAME without /NAME; empty for "/" */
        job->below = strndup(from->path,
                             strlen(from->path) - strlen(from->place.path) - 1);
    }
    job->url = strdup(from->url);
    job->name = strdup(from->name);
    job->folder = getcwd(NULL, 0);
    job->folder = job->folder ? job->folder : strdup("/");
    job->added_at = os_clock_system.wall(os_clock_system.context);
    return job->path && job->url && job->name && job->folder &&
           (job->below || from->place.folder == AT_FDCWD) &&
           keep_settings(&line->settings, &job->settings);
}

static void tell(struct say *say, const struct queue_job *job)
{
    if (say->json) {
        say_json(say, json_pack("{s:s, s:o, s:o}", "id", job->id, "path",
                                say_json_text(text_of(job->path)), "url",
                                say_json_text(text_of(job->url))));
    } else {
        say_out(say, "%s", job->id);
    }
}

static bool add(const struct command_line *line, const struct queue *queue,
                const struct job *from)
{
    struct queue_job job;
    int error;

    queue_job_init(&job);
    if (!measure(line->say, from->path, &job.size)) {
        return false;
    }
    error = fill(line, from, &job) ? queue_add(queue, &job) : ENOMEM;
    if (error) {
        queue_say_error(line->say, from->path, error);
    } else {
        tell(line->say, &job);
    }
    queue_job_done(&job);
    return error == 0;
}

/* --- all jobs ------------------------------------------------------------- */

static int add_all(const struct command_line *line, const struct queue *queue,
                   const struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        const char *fault = url_name_iis_fault(jobs->items[i].relative);

        if (fault && !line->say->quiet) {
            say_warning(line->say, "%s: %s", jobs->items[i].relative, fault);
        }
        if (!add(line, queue, &jobs->items[i])) {
            return CLIENT_LOCAL;
        }
    }
    if (!queue_is_run(queue)) {
        say_note(line->say,
                 "nothing is running the queue; start `bits queue run`");
    }
    return CLIENT_DONE;
}

static void on_skipped(void *context, const char *path)
{
    say_warning(context, "%s is not a regular file; not queued", path);
}

static struct jobs_order order_of(const struct command_line *line)
{
    return (struct jobs_order){
        .settings = &line->settings,
        .files = line->operands,
        .count = line->operand_count - 1,
        .url = line->operands[line->operand_count - 1],
        .skipped = on_skipped,
        .context = line->say,
    };
}

static int collect_and_add(const struct command_line *line,
                           const struct jobs_order *order)
{
    struct jobs jobs = {0};
    struct queue queue;
    struct fault fault;
    int status = CLIENT_LOCAL;

    if (!jobs_collect(&jobs, order, &fault)) {
        say_error(line->say, "%s", fault.text);
    } else if (queue_command_open(line, &queue)) {
        status = add_all(line, &queue, &jobs);
        queue_close(&queue);
    }
    jobs_done(&jobs);
    return status;
}

/* Checks now what would otherwise fail when the job runs. */
static const char *conflict_of(const struct jobs_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        if (strcmp(order->files[i], "-") == 0) {
            return "standard input cannot wait in the queue; write it to a "
                   "file first";
        }
    }
    return jobs_conflict(order);
}

int command_queue_add(const struct command_line *line)
{
    struct settings settings;
    struct jobs_order order;
    struct fault fault;
    const char *conflict;

    if (line->operand_count < 2) {
        return command_usage(line, "a file and a URL are needed");
    }
    order = order_of(line);
    if (!settings_judge_url(order.url, &fault)) {
        return command_usage(line, fault.text);
    }
    conflict = conflict_of(&order);
    if (conflict) {
        return command_usage(line, conflict);
    }
    if (!command_settings_for_url(line, order.url, &settings)) {
        return CLIENT_USAGE;
    }
    settings_done(&settings);
    return collect_and_add(line, &order);
}
