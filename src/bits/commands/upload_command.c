/*
 * bits/commands/upload_command.c: `bits upload`: from the command line to jobs.
 */
#include "bits/commands/upload_command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/files/url_names.h"

/* --- the jobs ------------------------------------------------------------- */

static void on_skipped(void *context, const char *path)
{
    say_warning(context, "%s is not a regular file; not sent", path);
}

static void warn_about_names(const struct upload *upload)
{
    for (size_t i = 0; i < upload->jobs.count; i++) {
        const char *relative = upload->jobs.items[i].relative;
        const char *fault = url_name_iis_fault(relative);

        if (fault && !upload->settings.quiet) {
            say_warning(upload->line->say, "%s: %s", relative, fault);
        }
    }
}

static int collect(struct upload *upload)
{
    const struct command_line *line = upload->line;
    const struct jobs_order order = {
        .settings = &upload->settings,
        .files = line->operands,
        .count = line->operand_count - 1,
        .url = upload->url,
        .skipped = on_skipped,
        .context = line->say,
    };
    const char *conflict = jobs_conflict(&order);
    struct fault fault;

    if (conflict) {
        return command_usage(line, conflict);
    }
    if (upload_is_input(upload)) {
        return upload_take_input(upload);
    }
    if (!jobs_collect(&upload->jobs, &order, &fault)) {
        say_error(line->say, "%s", fault.text);
        return CLIENT_LOCAL;
    }
    if (upload->jobs.count == 0) {
        say_warning(line->say, "there is no file to send");
    }
    return CLIENT_DONE;
}

/* --- the command ---------------------------------------------------------- */

static void open_home(struct upload *upload)
{
    struct fault fault;

    if (!home_open(&upload->home, "uploads", &fault)) {
        say_warning(upload->line->say,
                    "cannot keep the state of uploads; they cannot resume "
                    "after an interruption: %s",
                    fault.text);
    }
}

static int act(struct upload *upload)
{
    int status = collect(upload);

    if (status != CLIENT_DONE) {
        return status;
    }
    warn_about_names(upload);
    open_home(upload);
    return upload->settings.dry_run ? upload_dry_run(upload)
                                    : upload_run(upload);
}

int command_upload(const struct command_line *line)
{
    struct upload upload = {.line = line, .home = {.fd = -1}};
    struct fault fault;
    int status;

    if (line->operand_count < 2) {
        return command_usage(line, "a file and a URL are needed");
    }
    upload.url = line->operands[line->operand_count - 1];
    if (!settings_judge_url(upload.url, &fault)) {
        return command_usage(line, fault.text);
    }
    if (!command_settings_for_url(line, upload.url, &upload.settings)) {
        return CLIENT_USAGE;
    }
    status = act(&upload);
    upload_leave_input(&upload, status);
    jobs_done(&upload.jobs);
    home_done(&upload.home);
    settings_done(&upload.settings);
    free(upload.spooled);
    return status;
}
