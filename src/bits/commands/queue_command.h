/*
 * bits/commands/queue_command.h: what the parts of `bits queue` share:
 *
 *     queue_add.c      new jobs
 *     queue_list.c     list and show
 *     queue_control.c  pause, resume, retry, remove
 *     queue_run.c      run
 *     queue_live.c     its live line
 *     queue_work.c     one job after the other, in a process of its own
 */
#ifndef BITS_COMMANDS_QUEUE_COMMAND_H
#define BITS_COMMANDS_QUEUE_COMMAND_H

#include "bits/command.h"
#include "client/http/kept_agent.h"
#include "client/queue/queue.h"

/* False: it cannot be used; it was said. */
bool queue_command_open(const struct command_line *line, struct queue *queue);

/* Says what queue_load() and the like returned. */
void queue_say_error(struct say *say, const char *id, int error);

/* How long queue_work() tries to end the session of a job that was removed. */
enum queue_patience {
    QUEUE_PATIENT, /* about ten minutes; then the job is forgotten */
    QUEUE_HASTY,   /* five seconds; then the job stays in the state "ending" */
};

/* Does what is to be done with a job now, and stores the result.  False: that
 * could not be stored. */
bool queue_work(const struct command_line *line, const struct queue *queue,
                const char *id, struct kept_agent *kept,
                enum queue_patience patience);

#endif
