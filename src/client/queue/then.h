/*
 * client/queue/then.h: the command that a job wants run when its upload has
 * ended.
 */
#ifndef CLIENT_QUEUE_THEN_H
#define CLIENT_QUEUE_THEN_H

#include "client/queue/job.h"

/* Runs --then by the shell, in the folder where the job was added, with
 *
 *     BITS_ID BITS_FILE BITS_URL BITS_SIZE BITS_EXIT BITS_STATUS BITS_CODE
 *     BITS_WORDS BITS_REPLY
 *
 * in its environment, nothing to read, and its output on standard error.
 * Returns its exit status, 128 and the signal's number, or -1: it could not be
 * started. */
int queue_then(const struct queue_job *job);

#endif
