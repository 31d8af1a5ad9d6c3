/*
 * protocol/packet.c: the reader of packets, rules V5 to V9 of docs/protocol.md.
 * session.c decides what a packet does.
 */
#include <openbits/packet.h>

#include "base/text.h"
#include "protocol/headers.h"

/* A server reads at most this many offers [MC-BUP Appendix A, note 6]. */
#define OFFERS_MAX 100

/* The content of a struct bits_packet_reader. may_alias: programs reserve the
 * room as an array of integers. */
struct reader {
    struct bits_text values[HEADER_COUNT]; /* the first value of each known
                                              header */
    unsigned seen;                         /* bit set: headers present */
    unsigned repeated;                     /* bit set: headers that repeat but
                                              may not */
    unsigned offers; /* protocols offered so far, at most OFFERS_MAX */
    bool protocol_known;
    bool content_coded;
    bool too_long;
    enum bits_framing framing;
    uint64_t content_length;
} __attribute__((may_alias));

_Static_assert(sizeof(struct reader) <= sizeof(struct bits_packet_reader),
               "raise BITS_PACKET_READER_SIZE; that is another soname");
_Static_assert(_Alignof(struct reader) <= _Alignof(struct bits_packet_reader),
               "a struct bits_packet_reader is aligned for its content");

static const char *const type_names[] = {
    [BITS_PACKET_PING] = "Ping",
    [BITS_PACKET_CREATE_SESSION] = "Create-Session",
    [BITS_PACKET_FRAGMENT] = "Fragment",
    [BITS_PACKET_CLOSE_SESSION] = "Close-Session",
    [BITS_PACKET_CANCEL_SESSION] = "Cancel-Session",
};

const char *bits_packet_type_name(enum bits_packet_type type)
{
    return (unsigned)type < sizeof(type_names) / sizeof(type_names[0])
               ? type_names[type]
               : "unknown";
}

bool bits_packet_type_parse(struct bits_text text,
                            enum bits_packet_type *ret_type)
{
    for (unsigned i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (text_equal_nocase(text, text_of(type_names[i]))) {
            *ret_type = (enum bits_packet_type)i;
            return true;
        }
    }
    return false;
}

void bits_packet_reader_init(struct bits_packet_reader *opaque)
{
    struct reader *reader = (struct reader *)opaque->opaque;

    *reader = (struct reader){.framing = BITS_FRAMING_NONE};
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* Takes the next protocol of a list.  A run of separators counts as one. */
static bool take_offer(struct bits_text *list, struct bits_text *ret_offer)
{
    size_t size = 0;

    while (list->len > 0 && is_separator(list->ptr[0])) {
        text_take_char(list, list->ptr[0]);
    }
    while (size < list->len && !is_separator(list->ptr[size])) {
        size++;
    }
    if (size == 0) {
        return false;
    }
    *ret_offer = (struct bits_text){list->ptr, size};
    list->ptr += size;
    list->len -= size;
    return true;
}

/* An offer that is not a GUID is skipped, but counts towards the limit. */
static void read_offers(struct reader *reader, struct bits_text list)
{
    struct bits_text offer;
    struct bits_guid guid;

    while (reader->offers < OFFERS_MAX && take_offer(&list, &offer)) {
        reader->offers++;
        if (bits_guid_parse(offer, &guid) &&
            bits_guid_equal(&guid, &bits_protocol_1_5)) {
            reader->protocol_known = true;
        }
    }
}

static void read_codings(struct reader *reader, struct bits_text list)
{
    struct bits_text coding;

    while (text_take_item(&list, &coding)) {
        if (!text_equal_nocase(coding, TEXT("identity"))) {
            reader->content_coded = true;
        }
    }
}

static bool is_limited(struct bits_text name)
{
    return text_has_prefix_nocase(name, TEXT("BITS-")) ||
           text_has_prefix_nocase(name, TEXT("Content-"));
}

void bits_packet_reader_field(struct bits_packet_reader *opaque,
                              struct bits_text name, struct bits_text value)
{
    struct reader *reader = (struct reader *)opaque->opaque;
    enum header_id id;

    if (is_limited(name) && value.len > BITS_FIELD_VALUE_MAX) {
        reader->too_long = true;
        return;
    }
    if (!header_find_in_request(name, &id)) {
        return;
    }
    if (id == HEADER_SUPPORTED_PROTOCOLS) {
        read_offers(reader, value);
    } else if (id == HEADER_CONTENT_ENCODING) {
        read_codings(reader, value);
    }
    if ((reader->seen & 1u << id) == 0) {
        reader->seen |= 1u << id;
        reader->values[id] = value;
    } else if (header_count_of(id) == HEADER_ONCE) {
        reader->repeated |= 1u << id;
    }
}

void bits_packet_reader_body(struct bits_packet_reader *opaque,
                             enum bits_framing framing, uint64_t content_length)
{
    struct reader *reader = (struct reader *)opaque->opaque;

    reader->framing = framing;
    reader->content_length =
        framing == BITS_FRAMING_LENGTH ? content_length : 0;
}

/* The id that the Ack repeats: none if the request has two. */
static struct bits_text session_id(const struct reader *reader)
{
    struct bits_text id = reader->values[HEADER_SESSION_ID];

    if ((reader->repeated & 1u << HEADER_SESSION_ID) != 0 ||
        id.len > BITS_SESSION_ID_MAX || !text_is_visible(id)) {
        return (struct bits_text){NULL, 0};
    }
    return id;
}

static bool is_missing(const struct reader *reader, enum header_id id)
{
    return reader->values[id].len == 0;
}

static enum bits_cause check_v6(const struct reader *reader,
                                enum bits_packet_type *ret_type)
{
    if (is_missing(reader, HEADER_PACKET_TYPE)) {
        return BITS_CAUSE_PACKET_TYPE_MISSING;
    }
    if (!bits_packet_type_parse(reader->values[HEADER_PACKET_TYPE], ret_type)) {
        return BITS_CAUSE_PACKET_TYPE_UNKNOWN;
    }
    return BITS_CAUSE_OK;
}

static enum bits_cause check_v7(const struct reader *reader,
                                enum bits_packet_type type)
{
    if (reader->framing == BITS_FRAMING_MALFORMED) {
        return BITS_CAUSE_LENGTH_MALFORMED;
    }
    if (type == BITS_PACKET_FRAGMENT && reader->framing == BITS_FRAMING_NONE) {
        return BITS_CAUSE_LENGTH_MISSING;
    }
    return BITS_CAUSE_OK;
}

static enum bits_cause check_v8(const struct reader *reader,
                                enum bits_packet_type type)
{
    if (type != BITS_PACKET_FRAGMENT && reader->content_length != 0) {
        return BITS_CAUSE_BODY_UNEXPECTED;
    }
    return BITS_CAUSE_OK;
}

static enum bits_cause check_v9(const struct reader *reader,
                                enum bits_packet_type type)
{
    if (reader->repeated != 0) {
        return BITS_CAUSE_HEADER_REPEATED;
    }
    if (type == BITS_PACKET_CREATE_SESSION && reader->offers == 0) {
        return BITS_CAUSE_PROTOCOLS_MISSING;
    }
    if (type != BITS_PACKET_PING && type != BITS_PACKET_CREATE_SESSION &&
        is_missing(reader, HEADER_SESSION_ID)) {
        return BITS_CAUSE_SESSION_ID_MISSING;
    }
    if (type == BITS_PACKET_FRAGMENT &&
        is_missing(reader, HEADER_CONTENT_RANGE)) {
        return BITS_CAUSE_RANGE_MISSING;
    }
    return BITS_CAUSE_OK;
}

/* Reads the type first: the answer needs it even if V5 fails. */
static enum bits_cause check(const struct reader *reader,
                             enum bits_packet_type *ret_type)
{
    enum bits_cause cause = check_v6(reader, ret_type);

    if (reader->too_long) {
        return BITS_CAUSE_HEADER_TOO_LONG; /* V5 */
    }
    if (cause == BITS_CAUSE_OK) {
        cause = check_v7(reader, *ret_type);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = check_v8(reader, *ret_type);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = check_v9(reader, *ret_type);
    }
    return cause;
}

enum bits_cause bits_packet_reader_end(const struct bits_packet_reader *opaque,
                                       struct bits_packet *ret_packet)
{
    const struct reader *reader = (const struct reader *)opaque->opaque;
    struct bits_packet packet = {
        .type = BITS_PACKET_PING,
        .framing = reader->framing,
        .content_length = reader->content_length,
        .session_id = session_id(reader),
        .protocol_known = reader->protocol_known,
        .range_form = BITS_RANGE_FORM_MALFORMED,
        .content_coded = reader->content_coded,
    };
    enum bits_cause cause = check(reader, &packet.type);

    packet.type_known = bits_packet_type_parse(
        reader->values[HEADER_PACKET_TYPE], &packet.type);
    packet.session_is_guid =
        bits_guid_parse(packet.session_id, &packet.session);
    if (packet.type == BITS_PACKET_FRAGMENT) {
        packet.range_form = bits_range_parse(
            reader->values[HEADER_CONTENT_RANGE], &packet.range);
    }
    *ret_packet = packet;
    return cause;
}
