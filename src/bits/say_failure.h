/*
 * bits/say_failure.h: why a transfer failed or waits, for people and programs.
 */
#ifndef BITS_SAY_FAILURE_H
#define BITS_SAY_FAILURE_H

#include <jansson.h>

#include <openbits/transfer.h>

#include "base/fault.h"
#include "bits/say.h"

/* In a sentence without a full stop: "the server is busy (HTTP 503)".  What a
 * peer named in it is raw. */
void failure_words(const struct bits_failure *failure, struct fault *ret_fault);

/* The same without numbers, of a failure that was told in full before. */
void failure_brief_words(const struct bits_failure *failure,
                         struct fault *ret_fault);

/* The usual cause and the remedy, a line each, if the error has a row and its
 * own sentence says no more. */
void say_failure_help(struct say *say, const struct bits_failure *failure);

/* An object of stable names; NULL: out of memory. */
json_t *failure_json(const struct bits_failure *failure);

#endif
