/*
 * protocol/headers.h: the known headers as a table; headers.def has the rows.
 * Pure; any thread.
 */
#ifndef PROTOCOL_HEADERS_H
#define PROTOCOL_HEADERS_H

#include <stdbool.h>

#include <openbits/text.h>

enum header_id {
#define BITS_HEADER(id, name, direction, count) HEADER_##id,
#include "protocol/headers.def"
#undef BITS_HEADER
    HEADER_COUNT
};

enum header_direction {
    HEADER_REQUEST,
    HEADER_RESPONSE,
    HEADER_BOTH,
};

enum header_count {
    HEADER_ONCE,
    HEADER_LIST,
    HEADER_FRAMING,
};

/* The spelling for sending. */
const char *header_name(enum header_id id);

/* How often the header may appear in a message. */
enum header_count header_count_of(enum header_id id);

/* Finds a header that a request may carry; names in any case.  Returns false if
 * it is not known or belongs to responses only. */
bool header_find_in_request(struct bits_text name, enum header_id *ret_id);

#endif
