/*
 * client/doctor/send.c: see send.h.
 */
#include "client/doctor/send.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "protocol/headers.h"
#include "protocol/transfer_answer.h"

/* A pause before the connection breaks: connections rarely break directly after
 * a byte, and proxies then drop what they buffer. */
#define CUT_PAUSE_MS 300

#define FIELDS_MAX 4
#define RANGE_MAX (sizeof("bytes -/") + 3 * TEXT_U64_MAX)

struct sending {
    const struct doctor_packet *packet;
    struct doctor_row *row;
};

static void on_status(void *context, unsigned status)
{
    struct sending *sending = context;

    answer_init(&sending->row->answer, status);
    responder_begin(&sending->row->responder);
}

static void on_field(void *context, struct bits_text name,
                     struct bits_text value)
{
    struct sending *sending = context;

    answer_field(&sending->row->answer, name, value);
    responder_field(&sending->row->responder, name, value);
}

static void on_page(void *context, const char *bytes, size_t size)
{
    struct sending *sending = context;

    responder_page(&sending->row->responder, bytes, size);
}

/* Bytes that do not look like an error page and do not compress. */
static size_t read_body(void *context, uint64_t offset, char *room, size_t size)
{
    const struct sending *sending = context;
    uint64_t cut = sending->packet->cut;
    uint64_t place = offset;

    if (cut > 0 && offset >= cut) {
        (void)poll(NULL, 0, CUT_PAUSE_MS);
        return 0;
    }
    if (cut > 0 && size > cut - offset) {
        size = (size_t)(cut - offset);
    }
    for (size_t i = 0; i < size; i++, place++) {
        room[i] = (char)('!' + place * 2654435761u / 65536 % 90);
    }
    return size;
}

static size_t write_fields(const struct doctor_packet *packet,
                           char range[RANGE_MAX],
                           struct agent_field fields[FIELDS_MAX])
{
    size_t count = 0;

    fields[count++] =
        (struct agent_field){header_name(HEADER_PACKET_TYPE),
                             text_of(bits_packet_type_name(packet->type))};
    if (packet->type == BITS_PACKET_CREATE_SESSION) {
        fields[count++] =
            (struct agent_field){header_name(HEADER_SUPPORTED_PROTOCOLS),
                                 TEXT(BITS_PROTOCOL_1_5_TEXT)};
    }
    if (packet->session) {
        fields[count++] = (struct agent_field){header_name(HEADER_SESSION_ID),
                                               text_of(packet->session)};
    }
    if (packet->type == BITS_PACKET_FRAGMENT) {
        (void)snprintf(
            range, RANGE_MAX, "bytes %llu-%llu/%llu",
            (unsigned long long)packet->offset,
            (unsigned long long)(packet->offset + packet->length - 1),
            (unsigned long long)packet->total);
        fields[count++] = (struct agent_field){
            header_name(HEADER_CONTENT_RANGE), text_of(range)};
    }
    return count;
}

void doctor_send(struct agent *agent, const struct doctor_packet *packet,
                 struct doctor_row *row)
{
    struct sending sending = {packet, row};
    struct agent_field fields[FIELDS_MAX];
    char range[RANGE_MAX];
    struct agent_request request = {
        .method = AGENT_PACKET,
        .url = packet->url,
        .fields = fields,
        .field_count = write_fields(packet, range, fields),
        .trusted = packet->trusted,
        .credentials = packet->trusted && packet->credentials,
        .proxy_credentials = packet->credentials,
        .status = on_status,
        .field = on_field,
        .page = on_page,
        .context = &sending,
    };

    if (packet->type == BITS_PACKET_FRAGMENT) {
        request.body_size = packet->length;
        request.read = read_body;
    }
    answer_init(&row->answer, 0);
    responder_begin(&row->responder);
    agent_send(agent, &request, &row->result);
    if (row->result.end != AGENT_ANSWERED) {
        row->who = DOCTOR_NO_ANSWER;
    } else {
        row->who = row->answer.ack ? DOCTOR_SERVER : DOCTOR_STRANGER;
    }
}
