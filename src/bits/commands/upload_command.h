/*
 * bits/commands/upload_command.h: shared by the parts of `bits upload`:
 *
 *     upload_command.c  from the command line to jobs
 *     upload_dry.c      --dry-run
 *     upload_input.c    standard input
 *     upload_run.c      the transfers and their results
 */
#ifndef BITS_COMMANDS_UPLOAD_COMMAND_H
#define BITS_COMMANDS_UPLOAD_COMMAND_H

#include "bits/command.h"
#include "client/files/jobs.h"
#include "client/home.h"

struct upload {
    const struct command_line *line;
    const char *url;
    struct settings settings;
    struct home home; /* of the records; fd -1: keep no records */
    struct jobs jobs;
    char *spooled; /* owned; the copy of standard input */
};

/* Prints what would be sent.  Returns an exit status. */
int upload_dry_run(const struct upload *upload);

/* Returns true if standard input is to be sent. */
bool upload_is_input(const struct upload *upload);

/* Copies it and makes it a job.  Returns an exit status. */
int upload_take_input(struct upload *upload);

/* Removes the copy, or prints how to use it. */
void upload_leave_input(const struct upload *upload, int status);

/* Runs the jobs, some at a time.  Returns an exit status. */
int upload_run(const struct upload *upload);

#endif
