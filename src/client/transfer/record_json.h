/*
 * client/transfer/record_json.h: the text of a record.
 *
 * Private to record.c.
 */
#ifndef CLIENT_TRANSFER_RECORD_JSON_H
#define CLIENT_TRANSFER_RECORD_JSON_H

#include "client/transfer/record.h"

/* The caller frees it.  Returns NULL if memory ran out. */
char *record_to_json(const struct record *record);

/* Fills the record from the text, corrected for the present time.  Returns
 * false if the text is not valid. */
bool record_from_json(struct record *record, const char *text);

#endif
