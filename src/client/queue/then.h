/*
 * client/queue/then.h: the command of a job that runs after its upload.
 */
#ifndef CLIENT_QUEUE_THEN_H
#define CLIENT_QUEUE_THEN_H

#include "client/queue/job.h"

/* Runs --then with the shell, in the folder where the job was added, with
 *
 *     BITS_ID BITS_FILE BITS_URL BITS_SIZE BITS_EXIT BITS_STATUS BITS_CODE
 *     BITS_WORDS BITS_REPLY
 *
 * in its environment, empty input, and its output on standard error.  Returns
 * its exit status, 128 plus the signal's number, or -1 if it could not be
 * started. */
int queue_then(const struct queue_job *job);

#endif
