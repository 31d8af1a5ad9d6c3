/*
 * server/uploads/http_packet.c: see http_packet.h.
 */
#include "server/uploads/http_packet.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "http1/field.h"

#define BEHIND_SCHEME "://"

/* --- copies from the head ------------------------------------------------ */

static char *append(char *end, struct bits_text text)
{
    if (text.len > 0) {
        memcpy(end, text.ptr, text.len);
    }
    return end + text.len;
}

static struct bits_text host_of(const struct http1_head *head,
                                const struct packet_origin *origin)
{
    if (origin->client.host.len > 0) {
        return origin->client.host;
    }
    return head->host.len > 0 ? head->host : text_of(origin->authority);
}

/* Copies the text to the end of the room. */
static struct bits_text keep(struct packet *packet, struct bits_text text)
{
    char *start = packet->text + packet->text_size;

    packet->text_size += (size_t)(append(start, text) - start);
    return (struct bits_text){start, text.len};
}

/* The same, without the invitation. */
static struct bits_text keep_target(struct packet *packet,
                                    struct bits_text target)
{
    char *start = packet->text + packet->text_size;
    size_t size =
        invitation_parameter_remove(target, start, &packet->invitation);

    packet->text_size += size;
    return (struct bits_text){start, size};
}

/* Writes the URL; copies a target that already is one. */
static void write_url(struct packet *packet, const struct packet_origin *origin,
                      const struct http1_head *head)
{
    char *start = packet->text + packet->text_size;
    char *end;

    if (packet->request.target.authority.len > 0) {
        packet->request.url = packet->target;
        return;
    }
    end = append(start, origin->client.scheme);
    end = append(end, TEXT(BEHIND_SCHEME));
    end = append(end, host_of(head, origin));
    end = append(end, packet->target);
    packet->request.url = (struct bits_text){start, (size_t)(end - start)};
    packet->text_size += packet->request.url.len;
}

/* Room for the texts that are kept.  They exclude most of a long head, for
 * example its Authorization. */
static size_t text_room(const struct packet_origin *origin,
                        const struct http1_head *head)
{
    return head->method.len + 2 * head->target.len + origin->client.scheme.len +
           sizeof(BEHIND_SCHEME) + host_of(head, origin).len +
           BITS_SESSION_ID_MAX;
}

struct packet *packet_new(const struct packet_origin *origin,
                          const struct http1_head *head)
{
    struct packet *packet = malloc(sizeof(*packet) + text_room(origin, head));

    if (!packet) {
        return NULL;
    }
    memset(packet, 0, sizeof(*packet));
    packet->client = origin->client;
    packet->client.host = TEXT("");
    packet->request.peer = text_of(packet->client.peer);
    packet->method = keep(packet, head->method);
    packet->target = keep_target(packet, head->target);
    return packet;
}

/* --- the packet ---------------------------------------------------------- */

static bool has_override(const struct http1_head *head)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("X-HTTP-Method-Override"))) {
            return text_equal(value, TEXT(BITS_METHOD));
        }
    }
    return false;
}

static enum packet_kind kind_of(const struct http1_head *head,
                                const struct packet_origin *origin)
{
    if (text_equal(head->method, TEXT(BITS_METHOD)) ||
        (origin->method_override && text_equal(head->method, TEXT("POST")) &&
         has_override(head))) {
        return PACKET_BITS;
    }
    return text_equal(head->method, TEXT("HEAD")) ? PACKET_HEAD : PACKET_OTHER;
}

static void read_packet(struct packet *packet, const struct http1_head *head)
{
    struct bits_packet_reader reader;
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    bits_packet_reader_init(&reader);
    while (http1_next_field(&cursor, &name, &value)) {
        bits_packet_reader_field(&reader, name, value);
    }
    bits_packet_reader_body(&reader, head->framing, head->content_length);
    packet->request.form =
        bits_packet_reader_end(&reader, &packet->request.packet);
    packet->request.packet.session_id =
        keep(packet, packet->request.packet.session_id);
}

const char *packet_read(struct packet *packet,
                        const struct packet_origin *origin,
                        const struct http1_head *head)
{
    packet->kind = kind_of(head, origin);
    if (!bits_target_parse(packet->target, &packet->request.target)) {
        return "The request target is neither a path nor a URL.";
    }
    if (packet->request.target.authority.len > HTTP1_HOST_MAX) {
        return "The host in the URL is longer than 261 bytes.";
    }
    write_url(packet, origin, head);
    if (packet->kind == PACKET_BITS) {
        read_packet(packet, head);
    }
    return NULL;
}
