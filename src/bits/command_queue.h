/*
 * bits/command_queue.h: what the parts of `bits queue` share:
 *
 *     command_queue_add.c      new jobs
 *     command_queue_list.c     list and show
 *     command_queue_control.c  pause, resume, retry, remove
 *     command_queue_run.c      run
 *     command_queue_work.c     one job after the other, in a process of its own
 */
#ifndef BITS_COMMAND_QUEUE_H
#define BITS_COMMAND_QUEUE_H

#include "bits/command.h"
#include "client/kept_exchange.h"
#include "client/queue.h"

/* False: it cannot be used; it was said. */
bool queue_command_open(const struct command_line *line, struct queue *queue);

/* Says what queue_load() and the like returned. */
void queue_say_error(struct say *say, const char *id, int error);

/* Does what is to be done with a job now, and writes down what came of it.
 * False: that could not be written. */
bool queue_work(const struct command_line *line, const struct queue *queue,
                const char *id, struct kept_exchange *kept);

#endif
