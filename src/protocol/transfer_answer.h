/*
 * protocol/transfer_answer.h: reading what a server answers, rules C3 and C5
 * of docs/protocol.md.  What the answer means is transfer_judge.h's.
 * Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_ANSWER_H
#define PROTOCOL_TRANSFER_ANSWER_H

#include <openbits/transfer.h>

void answer_init(struct bits_transfer_answer *answer, unsigned status);

/* Names in any case; fields that the protocol does not know are ignored. */
void answer_field(struct bits_transfer_answer *answer, struct bits_text name,
                  struct bits_text value);

/* A value of BITS-Error-Code or BITS-Error-Context: hexadecimal, with 0x, x, 0
 * or nothing in front.  False, and *ret_value untouched, for anything else. */
bool answer_parse_hex(struct bits_text text, uint32_t *ret_value);

static inline bool answer_is_success(const struct bits_transfer_answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

#endif
