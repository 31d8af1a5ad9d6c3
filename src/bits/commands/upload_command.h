/*
 * bits/commands/upload_command.h: what the parts of `bits upload` share:
 *
 *     upload_command.c  what is asked for
 *     upload_dry.c      --dry-run
 *     upload_input.c    standard input
 *     upload_run.c      the transfers, and how they ended
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
    struct home home; /* of the records; fd -1: nothing is remembered */
    struct jobs jobs;
    char *spooled; /* owns; the file that standard input was copied into */
};

/* Says what would be sent; an exit status. */
int upload_dry_run(const struct upload *upload);

/* Is standard input to be sent? */
bool upload_is_input(const struct upload *upload);

/* Makes it a job; an exit status. */
int upload_take_input(struct upload *upload);

/* Removes the copy, or says what to do with it. */
void upload_leave_input(const struct upload *upload, int status);

/* Runs the jobs, some at a time; an exit status. */
int upload_run(const struct upload *upload);

#endif
