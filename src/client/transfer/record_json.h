/*
 * client/transfer/record_json.h: the text of a record.
 *
 * Private to record.c.
 */
#ifndef CLIENT_TRANSFER_RECORD_JSON_H
#define CLIENT_TRANSFER_RECORD_JSON_H

#include "client/transfer/record.h"

/* The caller frees.  NULL: out of memory. */
char *record_to_json(const struct record *record);

/* Fills in what the file says, as it stands now.  False: it makes no sense. */
bool record_from_json(struct record *record, const char *text);

#endif
