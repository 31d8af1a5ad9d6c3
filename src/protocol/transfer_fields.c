/*
 * protocol/transfer_fields.c: the URL and the headers of a request, rules C2,
 * C36 and C43 of docs/protocol.md, in the order of the Microsoft traces.
 */
#include <openbits/transfer.h>

#include <string.h>

#include "base/text.h"
#include "protocol/headers.h"
#include "protocol/transfer_machine.h"
#include "protocol/transfer_url.h"

struct sink {
    void (*emit)(void *context, const char *name, struct bits_text value);
    void *context;
};

struct bits_text transfer_url(const struct transfer *transfer,
                              char room[BITS_URL_ROOM])
{
    struct bits_text url = transfer->options.url;

    if (transfer->request.is_reply) {
        return url_of_reply(url, text_of(transfer->state.reply_url), room);
    }
    if (transfer->request.to_host_id) {
        return url_with_host(url, text_of(transfer->state.host_id), room);
    }
    memcpy(room, url.ptr, url.len);
    room[url.len] = '\0';
    return (struct bits_text){room, url.len};
}

struct bits_text bits_transfer_url(const struct bits_transfer *opaque,
                                   char room[BITS_URL_ROOM])
{
    return transfer_url(transfer_look(opaque), room);
}

static void put(const struct sink *sink, enum header_id id,
                struct bits_text value)
{
    sink->emit(sink->context, header_name(id), value);
}

/* Omitted if it is not ASCII or too long [C2].  Replaces characters that
 * Windows forbids in names. */
static void put_name(const struct sink *sink, struct bits_text name)
{
    static const char forbidden[] = "\\/:*?\"<>|";
    char room[BITS_CONTENT_NAME_MAX];

    name = text_trim(name);
    if (name.len == 0 || name.len > sizeof(room)) {
        return;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.ptr[i];

        if (byte > 0x7e) {
            return;
        }
        room[i] = byte < 0x20 || memchr(forbidden, byte, sizeof(forbidden) - 1)
                      ? '_'
                      : name.ptr[i];
    }
    put(sink, HEADER_CONTENT_NAME, (struct bits_text){room, name.len});
}

static size_t append(char *room, size_t size, struct bits_text text)
{
    memcpy(room + size, text.ptr, text.len);
    return size + text.len;
}

static void put_range(const struct sink *sink, uint64_t first, uint64_t last,
                      uint64_t total)
{
    char range[sizeof("bytes -/") + (size_t)3 * TEXT_U64_MAX];
    char digits[TEXT_U64_MAX];
    size_t size = append(range, 0, TEXT("bytes "));

    size = append(range, size, text_from_u64(first, digits));
    size = append(range, size, TEXT("-"));
    size = append(range, size, text_from_u64(last, digits));
    size = append(range, size, TEXT("/"));
    size = append(range, size, text_from_u64(total, digits));
    put(sink, HEADER_CONTENT_RANGE, (struct bits_text){range, size});
}

void bits_transfer_fields(const struct bits_transfer *opaque,
                          void (*emit)(void *context, const char *name,
                                       struct bits_text value),
                          void *context)
{
    const struct transfer *transfer = transfer_look(opaque);
    const struct sink sink = {emit, context};
    const struct transfer_request *request = &transfer->request;
    enum bits_packet_type type = request->type;
    char digits[TEXT_U64_MAX];

    if (request->is_reply) {
        return;
    }
    put(&sink, HEADER_PACKET_TYPE, text_of(bits_packet_type_name(type)));
    if (type == BITS_PACKET_CREATE_SESSION) {
        put(&sink, HEADER_SUPPORTED_PROTOCOLS, TEXT(BITS_PROTOCOL_1_5_TEXT));
    } else if (type != BITS_PACKET_PING) {
        put(&sink, HEADER_SESSION_ID, text_of(transfer->state.session_id));
    }
    if (type == BITS_PACKET_CREATE_SESSION || type == BITS_PACKET_FRAGMENT) {
        put_name(&sink, transfer->options.content_name);
    }
    if (type == BITS_PACKET_FRAGMENT) {
        put_range(&sink, request->offset, request->offset + request->length - 1,
                  transfer->options.size);
    }
    put(&sink, HEADER_CONTENT_LENGTH, text_from_u64(request->length, digits));
}
