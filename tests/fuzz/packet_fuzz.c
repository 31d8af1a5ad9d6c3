/*
 * packet_fuzz.c: the packet reader against a second, naive reading of V5 to
 * V9.
 *
 * Input: one byte of framing, then fields: one byte that picks a name, one for
 * the kind of value, one for its length, the value.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openbits/packet.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS_MAX 128

struct field {
    struct bits_text name;
    struct bits_text value;
};

struct request {
    struct field fields[FIELDS_MAX];
    size_t count;
    enum bits_framing framing;
    uint64_t content_length;
};

static const char *const names[] = {
    "BITS-Packet-Type", "bits-session-id",  "BITS-Supported-Protocols",
    "Content-Range",    "Content-Encoding", "Content-Name",
    "Content-Length",   "BITS-Protocol",    "BITS-Unknown",
    "Accept",           "content-unknown",  "X-Other",
};

/* Values that get far; all others are bytes of the input. */
static const char *const values[] = {
    "Ping",
    "Create-Session",
    "FRAGMENT",
    "close-session",
    "Cancel-Session",
    "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}",
    "{7df0354d-249b-430f-820d-3d2a9bef4931}",
    "bytes 0-6/12",
    "bytes 0-0/0",
    "identity",
    "",
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static char too_long[BITS_FIELD_VALUE_MAX + 1];

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static struct bits_text text(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

static void read_input(struct request *request, const uint8_t *data,
                       size_t size)
{
    if (size > 0) {
        request->framing = data[0] % 16 == 15
                               ? BITS_FRAMING_MALFORMED
                               : (enum bits_framing)(data[0] % 3);
        request->content_length = data[0] / 16;
    }
    for (size_t i = 1; i + 3 <= size && request->count < FIELDS_MAX;) {
        struct field *field = &request->fields[request->count++];
        unsigned kind = data[i + 1];
        size_t length = data[i + 2];

        field->name = text(names[data[i] % COUNT(names)]);
        i += 3;
        if (kind < COUNT(values) * 8) {
            field->value = text(values[kind % COUNT(values)]);
        } else if (kind == UINT8_MAX) {
            field->value =
                (struct bits_text){too_long, BITS_FIELD_VALUE_MAX + length % 2};
        } else {
            length = length < size - i ? length : size - i;
            field->value = (struct bits_text){(const char *)data + i, length};
            i += length;
        }
    }
}

static enum bits_cause read_packet(const struct request *request, bool reverse,
                                   struct bits_packet *ret_packet)
{
    struct bits_packet_reader reader;

    bits_packet_reader_init(&reader);
    for (size_t i = 0; i < request->count; i++) {
        const struct field *field =
            &request->fields[reverse ? request->count - 1 - i : i];

        bits_packet_reader_field(&reader, field->name, field->value);
    }
    bits_packet_reader_body(&reader, request->framing, request->content_length);
    return bits_packet_reader_end(&reader, ret_packet);
}

static size_t count_of(const struct request *request, const char *name,
                       const struct field **ret_first)
{
    size_t count = 0;

    *ret_first = NULL;
    for (size_t i = 0; i < request->count; i++) {
        if (strcasecmp(request->fields[i].name.ptr, name) == 0) {
            *ret_first = *ret_first ? *ret_first : &request->fields[i];
            count++;
        }
    }
    return count;
}

static bool has_value(const struct request *request, const char *name)
{
    const struct field *first;

    return count_of(request, name, &first) > 0 && first->value.len > 0;
}

static bool offers_something(const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        struct bits_text value = request->fields[i].value;

        if (strcasecmp(request->fields[i].name.ptr,
                       "BITS-Supported-Protocols") != 0) {
            continue;
        }
        for (size_t k = 0; k < value.len; k++) {
            char c = value.ptr[k];

            if (c != ' ' && c != '\t' && c != ',') {
                return true;
            }
        }
    }
    return false;
}

static bool is_repeated(const struct request *request)
{
    static const char *const single[] = {
        "BITS-Packet-Type",
        "BITS-Session-Id",
        "Content-Range",
        "Content-Name",
    };
    const struct field *first;

    for (size_t i = 0; i < COUNT(single); i++) {
        if (count_of(request, single[i], &first) > 1) {
            return true;
        }
    }
    return false;
}

static bool is_too_long(const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct field *field = &request->fields[i];

        if ((strncasecmp(field->name.ptr, "bits-", 5) == 0 ||
             strncasecmp(field->name.ptr, "content-", 8) == 0) &&
            field->value.len > BITS_FIELD_VALUE_MAX) {
            return true;
        }
    }
    return false;
}

static bool find_type(const struct request *request,
                      enum bits_packet_type *ret_type)
{
    const struct field *first;

    return count_of(request, "BITS-Packet-Type", &first) > 0 &&
           bits_packet_type_parse(first->value, ret_type);
}

/* What docs/protocol.md says about a request. */
static enum bits_cause expect(const struct request *request)
{
    bool has_length = request->framing == BITS_FRAMING_LENGTH;
    enum bits_packet_type type;

    if (is_too_long(request)) {
        return BITS_CAUSE_HEADER_TOO_LONG;
    }
    if (!has_value(request, "BITS-Packet-Type")) {
        return BITS_CAUSE_PACKET_TYPE_MISSING;
    }
    if (!find_type(request, &type)) {
        return BITS_CAUSE_PACKET_TYPE_UNKNOWN;
    }
    if (request->framing == BITS_FRAMING_MALFORMED) {
        return BITS_CAUSE_LENGTH_MALFORMED;
    }
    if (type == BITS_PACKET_FRAGMENT && request->framing == BITS_FRAMING_NONE) {
        return BITS_CAUSE_LENGTH_MISSING;
    }
    if (type != BITS_PACKET_FRAGMENT && has_length &&
        request->content_length > 0) {
        return BITS_CAUSE_BODY_UNEXPECTED;
    }
    if (is_repeated(request)) {
        return BITS_CAUSE_HEADER_REPEATED;
    }
    if (type == BITS_PACKET_CREATE_SESSION && !offers_something(request)) {
        return BITS_CAUSE_PROTOCOLS_MISSING;
    }
    if (type >= BITS_PACKET_FRAGMENT &&
        !has_value(request, "BITS-Session-Id")) {
        return BITS_CAUSE_SESSION_ID_MISSING;
    }
    if (type == BITS_PACKET_FRAGMENT && !has_value(request, "Content-Range")) {
        return BITS_CAUSE_RANGE_MISSING;
    }
    return BITS_CAUSE_OK;
}

/* What is known as a GUID is written and read again as the same one, and is
 * the text that came but for its case. */
static void check_guid(const struct bits_packet *packet)
{
    char text[BITS_GUID_TEXT_LEN + 1];
    struct bits_guid again;

    bits_guid_format(&packet->session, text);
    require(packet->session_id.len == BITS_GUID_TEXT_LEN);
    require(strncasecmp(text, packet->session_id.ptr, BITS_GUID_TEXT_LEN) == 0);
    require(
        bits_guid_parse((struct bits_text){text, BITS_GUID_TEXT_LEN}, &again));
    require(bits_guid_equal(&again, &packet->session));
}

static void check_packet(const struct bits_packet *packet)
{
    require(packet->session_id.len <= BITS_SESSION_ID_MAX);
    for (size_t i = 0; i < packet->session_id.len; i++) {
        require(packet->session_id.ptr[i] > 0x20 &&
                packet->session_id.ptr[i] < 0x7f);
    }
    require(packet->framing == BITS_FRAMING_LENGTH ||
            packet->content_length == 0);
    if (packet->session_is_guid) {
        check_guid(packet);
    }
    if (packet->range_form == BITS_RANGE_FORM_BYTES) {
        require(packet->range.first <= packet->range.last);
        require(packet->range.last < packet->range.total);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {.count = 0};
    struct bits_packet packet;
    struct bits_packet reversed;
    enum bits_cause cause;

    memset(too_long, 'x', sizeof(too_long));
    read_input(&request, data, size);
    cause = read_packet(&request, false, &packet);
    require(cause == expect(&request));
    check_packet(&packet);

    if (!is_repeated(&request)) { /* the order of headers is free */
        require(read_packet(&request, true, &reversed) == cause);
        require(reversed.type == packet.type);
        require(reversed.content_coded == packet.content_coded);
        require(reversed.session_is_guid == packet.session_is_guid);
    }
    return 0;
}
