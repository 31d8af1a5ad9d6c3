/*
 * bits/commands/queue_command.h: shared by the parts of `bits queue`:
 *
 *     queue_add.c      new jobs
 *     queue_list.c     list and show
 *     queue_control.c  pause, resume, retry, remove
 *     queue_run.c      run
 *     queue_live.c     the live line of run
 *     queue_work.c     the work on one job, in a process of its own
 */
#ifndef BITS_COMMANDS_QUEUE_COMMAND_H
#define BITS_COMMANDS_QUEUE_COMMAND_H

#include "bits/command.h"
#include "client/http/kept_agent.h"
#include "client/queue/queue.h"

/* Prints an error and returns false if the queue cannot be used. */
bool queue_command_open(const struct command_line *line, struct queue *queue);

/* Prints an error value of queue_load() and similar functions. */
void queue_say_error(struct say *say, const char *id, int error);

/* How long queue_work() tries to end the session of a removed job. */
enum queue_patience {
    QUEUE_PATIENT, /* about ten minutes; then the job is forgotten */
    QUEUE_HASTY,   /* five seconds; then the job stays in the state "ending" */
};

/* Does the work that a job needs now, and stores the result.  Returns false if
 * the result could not be stored. */
bool queue_work(const struct command_line *line, const struct queue *queue,
                const char *id, struct kept_agent *kept,
                enum queue_patience patience);

#endif
