/*
 * client/doctor/checkup.h: the state of a checkup, and the steps from one
 * packet to its row.
 *
 * Private to doctor*.c.
 */
#ifndef CLIENT_DOCTOR_CHECKUP_H
#define CLIENT_DOCTOR_CHECKUP_H

#include "client/doctor/doctor.h"

/* The length of the first fragment. */
#define DOCTOR_SMALL_BYTES 1024

/* The length of the fragment that is cut.  Half of it is more than a proxy
 * buffers that forwards bytes as they arrive. */
#define DOCTOR_CUT_BYTES ((uint64_t)1024 * 1024)

struct checkup {
    const struct doctor *doctor;
    struct settings as_post; /* the user's settings with the method POST;
                                borrows */
    struct agent *agent;
    char url[BITS_URL_MAX + DOCTOR_NAME_MAX + 1];
    char host_url[BITS_URL_ROOM]; /* the same at the host that the server
                                     announced */
    bool to_host;
    bool host_trusted;
    bool credentials;
    char session[BITS_SESSION_ID_MAX + 1];
    uint64_t total;  /* size of the file, which is never sent whole, in bytes */
    uint64_t offset; /* bytes that the server has */
    bool unsure;     /* a fragment got no Ack, so it may have more */
    enum client_exit exit;
    bool stopped;
    int signal; /* the signal that stopped the checkup */
};

/* Sends a packet.  A fragment has row->length bytes from `offset` on; if cut is
 * not 0, breaks the connection after that many bytes. */
void checkup_send(struct checkup *checkup, struct doctor_row *row,
                  enum bits_packet_type type, uint64_t offset, uint64_t cut);

/* Returns true for a success of a BITS server. */
bool checkup_is_success(const struct doctor_row *row);

/* Finishes the row: shows it, and takes the exit status from the first failure.
 * Returns true if the row is fine and no stop was requested. */
bool checkup_tell(struct checkup *checkup, struct doctor_row *row,
                  enum doctor_verdict verdict);

/* The same with the verdict of checkup_is_success(). */
bool checkup_tell_success(struct checkup *checkup, struct doctor_row *row);

/* fragment.c: the probes that carry bytes; the session must be open. */
void checkup_fragments(struct checkup *checkup);

#endif
