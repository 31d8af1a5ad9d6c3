/*
 * client/doctor/checkup.h: what the doctor knows during a checkup, and one
 * packet of it from the question to the row.
 *
 * Private to doctor*.c.
 */
#ifndef CLIENT_DOCTOR_CHECKUP_H
#define CLIENT_DOCTOR_CHECKUP_H

#include "client/doctor/doctor.h"

/* The first fragment. */
#define DOCTOR_SMALL_BYTES 1024

/* The one that is cut: its half is more than proxies that hand bytes on hold
 * back. */
#define DOCTOR_CUT_BYTES ((uint64_t)1024 * 1024)

struct checkup {
    const struct doctor *doctor;
    struct settings as_post; /* the user's, with the other method; borrows */
    struct agent *agent;
    char url[BITS_URL_MAX + DOCTOR_NAME_MAX + 1];
    char host_url[BITS_URL_ROOM]; /* the same at the host that was named */
    bool to_host;
    bool host_trusted;
    bool credentials;
    char session[BITS_SESSION_ID_MAX + 1];
    uint64_t total;  /* of the file that is never sent whole, bytes */
    uint64_t offset; /* that the server has of it */
    bool unsure;     /* it may have more: a fragment got no Ack */
    enum client_exit exit;
    bool stopped;
    int signal; /* that stopped it */
};

/* Sends a packet.  A fragment has row->length bytes from `offset` on, and
 * breaks the connection after `cut` bytes if that is not 0. */
void checkup_send(struct checkup *checkup, struct doctor_row *row,
                  enum bits_packet_type type, uint64_t offset, uint64_t cut);

/* A success, from a BITS server? */
bool checkup_is_success(const struct doctor_row *row);

/* The row is finished: it is shown, and the first failure decides the exit.
 * Returns true if it is fine and the checkup was not stopped. */
bool checkup_tell(struct checkup *checkup, struct doctor_row *row,
                  enum doctor_verdict verdict);

/* The same with the verdict that checkup_is_success() gives. */
bool checkup_tell_success(struct checkup *checkup, struct doctor_row *row);

/* fragment.c: the probes that carry bytes, in a session that is open. */
void checkup_fragments(struct checkup *checkup);

#endif
