/*
 * bits/commands/doctor_command.c: `bits doctor`: checks a server, and prints a
 * table or JSON.
 */
#include "bits/command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bits/commands/doctor_row.h"
#include "client/doctor/doctor.h"
#include "os/random.h"

struct visit_log {
    struct say *say;
    unsigned failed;
    bool delivered;
};

static void on_row(void *context, const struct doctor_row *row)
{
    struct visit_log *log = context;

    log->failed += row->verdict == DOCTOR_FAILED;
    log->delivered |=
        row->probe == DOCTOR_WHOLE_FRAGMENT && row->verdict == DOCTOR_FINE;
    if (log->say->json) {
        say_json(log->say, doctor_row_json(row));
    } else {
        doctor_row_say(log->say, row);
    }
}

/* Makes a unique name.  Returns false if the kernel has no random bytes. */
static bool make_name(char name[DOCTOR_NAME_MAX])
{
    uint32_t number;

    if (!os_random(&number, sizeof(number))) {
        return false;
    }
    (void)snprintf(name, DOCTOR_NAME_MAX, "bits-doctor-%08" PRIx32, number);
    return true;
}

static void say_result(const struct visit_log *log, const struct doctor *doctor)
{
    if (log->failed == 0) {
        say_note(log->say, "%s: uploads work", doctor->url);
    } else {
        say_error(log->say, "%s: %u of the probes failed", doctor->url,
                  log->failed);
    }
    if (log->delivered) {
        say_note(log->say, "the file %s was left at the server", doctor->name);
    } else if (log->failed == 0) {
        say_note(log->say,
                 "use --deliver to test write rights: it uploads a tiny file");
    }
}

static int examine(const struct command_line *line, const char *url,
                   const struct settings *settings)
{
    struct visit_log log = {.say = line->say};
    struct fault fault;
    char name[DOCTOR_NAME_MAX];
    int status;
    const struct doctor doctor = {
        .settings = settings,
        .url = url,
        .name = name,
        .fragment = settings->fragment,
        .stop = line->stop,
        .row = on_row,
        .context = &log,
    };

    if (!make_name(name)) {
        say_error(line->say, "the kernel returns no random bytes");
        return CLIENT_LOCAL;
    }
    if (!doctor_run(&doctor, &status, &fault)) {
        say_error(line->say, "%s", fault.text);
        return CLIENT_USAGE;
    }
    say_result(&log, &doctor);
    return status;
}

int command_doctor(const struct command_line *line)
{
    struct settings settings;
    struct fault fault;
    int status;

    if (line->operand_count != 1) {
        return command_usage(line, "name one URL");
    }
    if (!settings_judge_url(line->operands[0], &fault)) {
        return command_usage(line, fault.text);
    }
    if (!command_settings_for_url(line, line->operands[0], &settings)) {
        return CLIENT_USAGE;
    }
    status = examine(line, line->operands[0], &settings);
    settings_done(&settings);
    return status;
}
