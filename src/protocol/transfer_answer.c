/*
 * protocol/transfer_answer.c: see transfer_answer.h.  Copies each value into
 * bounded room; a value that does not fit counts as absent.
 */
#include "protocol/transfer_answer.h"

#include <string.h>

#include "base/text.h"
#include "protocol/headers.h"
#include "protocol/transfer_url.h"

/* Headers of answers that headers.def does not have. */
#define REPLY_URL "BITS-Reply-URL"
#define ERROR_CODE_OLD "BITS-Error"

void answer_init(struct transfer_answer *answer, unsigned status)
{
    *answer = (struct transfer_answer){.status = status};
}

bool answer_parse_hex(struct bits_text text, uint32_t *ret_value)
{
    uint32_t value = 0;

    if (text.len > 8 || text_has_prefix_nocase(text, TEXT("0x"))) {
        text_take_char(&text, '0');
    }
    if (text.len > 0 && text_lower(text.ptr[0]) == 'x') {
        text_take_char(&text, text.ptr[0]);
    }
    if (text.len == 0 || text.len > 8) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        int digit = text_hex_digit(text.ptr[i]);

        if (digit < 0) {
            return false;
        }
        value = value << 4 | (uint32_t)digit;
    }
    *ret_value = value;
    return true;
}

static void keep(struct bits_text text, char *room, size_t max)
{
    if (text.len > 0 && text.len <= max) {
        memcpy(room, text.ptr, text.len);
        room[text.len] = '\0';
    }
}

static void read_packet_type(struct transfer_answer *answer,
                             struct bits_text value)
{
    answer->ack = text_equal_nocase(value, TEXT("Ack"));
}

static void read_protocol(struct transfer_answer *answer,
                          struct bits_text value)
{
    struct bits_guid guid;

    answer->protocol_other = !bits_guid_parse(value, &guid) ||
                             !bits_guid_equal(&guid, &bits_protocol_1_5);
}

static void read_session_id(struct transfer_answer *answer,
                            struct bits_text value)
{
    if (text_is_visible(value)) {
        keep(value, answer->session_id, BITS_SESSION_ID_MAX);
    }
}

static void read_host_id(struct transfer_answer *answer, struct bits_text value)
{
    if (url_is_host(value)) {
        keep(value, answer->host_id, BITS_HOST_ID_MAX);
    } else {
        answer->host_id_invalid = value.len > 0;
    }
}

/* Zero and a value that is not a number mean the same: no fallback. */
static void read_fallback(struct transfer_answer *answer,
                          struct bits_text value)
{
    uint64_t seconds;

    if (text_to_u64(value, &seconds) && seconds <= UINT32_MAX) {
        answer->fallback_timeout_s = (uint32_t)seconds;
    }
}

static void read_next(struct transfer_answer *answer, struct bits_text value)
{
    answer->has_next = text_to_u64(value, &answer->next);
    answer->next_malformed = !answer->has_next;
}

/* The correct spelling takes precedence if both are present. */
static void read_next_misspelt(struct transfer_answer *answer,
                               struct bits_text value)
{
    if (!answer->has_next && !answer->next_malformed) {
        read_next(answer, value);
    }
}

static void read_reply_url(struct transfer_answer *answer,
                           struct bits_text value)
{
    answer->has_reply_url = true;
    answer->reply_url_too_long = value.len > BITS_REPLY_URL_MAX;
    keep(value, answer->reply_url, BITS_REPLY_URL_MAX);
}

static void read_error_code(struct transfer_answer *answer,
                            struct bits_text value)
{
    (void)answer_parse_hex(value, &answer->error_code); /* otherwise: not set */
}

/* BITS-Error-Code takes precedence if both are present. */
static void read_error_code_old(struct transfer_answer *answer,
                                struct bits_text value)
{
    if (answer->error_code == 0) {
        read_error_code(answer, value);
    }
}

static void read_error_context(struct transfer_answer *answer,
                               struct bits_text value)
{
    (void)answer_parse_hex(value, &answer->error_context); /* otherwise: not
                                                              set */
}

/* Ignores a date, since the machine has no calendar. */
static void read_retry_after(struct transfer_answer *answer,
                             struct bits_text value)
{
    (void)text_to_u64(value, &answer->retry_after_s);
}

/* Only people read it: keeps the visible characters, truncated. */
static void read_location(struct transfer_answer *answer,
                          struct bits_text value)
{
    if (value.len > BITS_LOCATION_MAX) {
        value.len = BITS_LOCATION_MAX;
    }
    if (text_is_visible(value)) {
        keep(value, answer->location, BITS_LOCATION_MAX);
    }
}

/* Only people read it (D-55): all of it must be printable ASCII. */
static void read_error_text(struct transfer_answer *answer,
                            struct bits_text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < ' ' || value.ptr[i] > '~') {
            return;
        }
    }
    if (value.len > BITS_ERROR_TEXT_MAX) {
        value.len = BITS_ERROR_TEXT_MAX;
    }
    keep(value, answer->error_text, BITS_ERROR_TEXT_MAX);
}

struct row {
    struct bits_text name; /* empty: the name in the table of headers */
    enum header_id id;
    bool may_repeat;
    void (*read)(struct transfer_answer *answer, struct bits_text value);
};

static const struct row rows[] = {
    {{NULL, 0}, HEADER_PACKET_TYPE, false, read_packet_type},
    {{NULL, 0}, HEADER_PROTOCOL, false, read_protocol},
    {{NULL, 0}, HEADER_SESSION_ID, false, read_session_id},
    {{NULL, 0}, HEADER_HOST_ID, false, read_host_id},
    {{NULL, 0}, HEADER_HOST_ID_FALLBACK_TIMEOUT, false, read_fallback},
    {{NULL, 0}, HEADER_RECEIVED_CONTENT_RANGE, false, read_next},
    {{NULL, 0}, HEADER_RECIEVED_CONTENT_RANGE, false, read_next_misspelt},
    {{NULL, 0}, HEADER_ERROR_CODE, false, read_error_code},
    {{NULL, 0}, HEADER_ERROR_CONTEXT, false, read_error_context},
    {{NULL, 0}, HEADER_ERROR_TEXT, true, read_error_text},
    {TEXT_INIT(REPLY_URL), HEADER_COUNT, false, read_reply_url},
    {TEXT_INIT(ERROR_CODE_OLD), HEADER_COUNT, false, read_error_code_old},
    {TEXT_INIT("Retry-After"), HEADER_COUNT, true, read_retry_after},
    {TEXT_INIT("Location"), HEADER_COUNT, true, read_location},
};

static struct bits_text name_of(const struct row *row)
{
    return row->name.len > 0 ? row->name : text_of(header_name(row->id));
}

void answer_field(struct transfer_answer *answer, struct bits_text name,
                  struct bits_text value)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!text_equal_nocase(name_of(&rows[i]), name)) {
            continue;
        }
        if ((answer->seen & 1u << i) == 0) {
            answer->seen |= 1u << i;
            rows[i].read(answer, text_trim(value));
        } else if (!rows[i].may_repeat) {
            answer->repeated = true;
        }
        return;
    }
}
