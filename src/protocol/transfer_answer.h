/*
 * protocol/transfer_answer.h: reads a server's answer, rules C3 and C5 of
 * docs/protocol.md. transfer_judge.h interprets it.  Pure; any thread.
 */
#ifndef PROTOCOL_TRANSFER_ANSWER_H
#define PROTOCOL_TRANSFER_ANSWER_H

#include <openbits/transfer.h>

struct transfer_answer {
    unsigned status; /* 0: none yet */
    unsigned seen;   /* bit set of the headers present */
    bool repeated;   /* a header that may appear once appeared twice */
    bool ack;
    bool protocol_other;
    bool has_next;
    bool next_malformed;
    bool has_reply_url;
    bool reply_url_too_long;
    bool host_id_invalid;
    uint64_t next;
    uint64_t retry_after_s;
    uint32_t error_code;
    uint32_t error_context;
    uint32_t fallback_timeout_s;
    char session_id[BITS_SESSION_ID_MAX + 1];
    char host_id[BITS_HOST_ID_MAX + 1];
    char reply_url[BITS_REPLY_URL_MAX + 1];
    char location[BITS_LOCATION_MAX + 1];
    char error_text[BITS_ERROR_TEXT_MAX + 1];
};

void answer_init(struct transfer_answer *answer, unsigned status);

/* Takes one field; names in any case.  Ignores fields that the protocol does
 * not know. */
void answer_field(struct transfer_answer *answer, struct bits_text name,
                  struct bits_text value);

/* Parses a value of BITS-Error-Code or BITS-Error-Context: hexadecimal, with
 * the prefix 0x, x or 0 or none.  Returns false, and leaves *ret_value
 * untouched, for anything else. */
bool answer_parse_hex(struct bits_text text, uint32_t *ret_value);

static inline bool answer_is_success(const struct transfer_answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

#endif
