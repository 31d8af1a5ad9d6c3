/*
 * bits/say_failure.h: describes why a transfer failed or waits, for people and
 * programs.
 */
#ifndef BITS_SAY_FAILURE_H
#define BITS_SAY_FAILURE_H

#include <jansson.h>

#include <openbits/transfer.h>

#include "base/fault.h"
#include "bits/say.h"

/* A sentence without a full stop: "the server is busy (HTTP 503)".  Text of a
 * peer in it is not escaped. */
void failure_words(const struct bits_failure *failure, struct fault *ret_fault);

/* The same without numbers, for a failure that was printed in full before. */
void failure_brief_words(const struct bits_failure *failure,
                         struct fault *ret_fault);

/* Prints the usual cause and the remedy, a line each, if the error has a row
 * and its own sentence does not say more. */
void say_failure_help(struct say *say, const struct bits_failure *failure);

/* An object with stable names.  Returns NULL if memory ran out. */
json_t *failure_json(const struct bits_failure *failure);

#endif
