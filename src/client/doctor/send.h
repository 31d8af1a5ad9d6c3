/*
 * client/doctor/send.h: one packet of the doctor and its answer, as a row.
 *
 * Private to doctor/. The answer is read as uploads read it; the caller judges
 * it.
 */
#ifndef CLIENT_DOCTOR_SEND_H
#define CLIENT_DOCTOR_SEND_H

#include "client/doctor/doctor.h"

struct doctor_packet {
    enum bits_packet_type type;
    const char *url;
    const char *session; /* NULL: no session */
    uint64_t offset;     /* FRAGMENT */
    uint64_t length;
    uint64_t total;
    uint64_t cut; /* break the connection after this many bytes; 0: never */
    bool trusted;
    bool credentials;
};

/* Sets result, answer, who and responder of the row. */
void doctor_send(struct agent *agent, const struct doctor_packet *packet,
                 struct doctor_row *row);

#endif
