/*
 * client/doctor/doctor.h: checks what happens to the packets of an upload on
 * their way to a server, and what to change if something is wrong.
 *
 * Sends a Ping, a Create-Session under a random name, a small fragment, one
 * after a gap, one that is cut half-way, one of the requested size, and a
 * Cancel-Session.  The last byte is never sent, so that no file is delivered.
 * On request, uploads a tiny file afterwards.  Prints nothing itself.
 */
#ifndef CLIENT_DOCTOR_DOCTOR_H
#define CLIENT_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/transfer.h>

#include "client/exit.h"
#include "client/http/agent.h"
#include "client/http/responder.h"
#include "client/settings/settings.h"
#include "client/stop.h"
#include "protocol/transfer_answer.h"

enum doctor_probe {
    DOCTOR_PING,
    DOCTOR_PING_LOGIN, /* with credentials, after a 401 or 407 */
    DOCTOR_PING_POST,  /* as POST, after the method was refused */
    DOCTOR_CREATE,
    DOCTOR_PING_HOST, /* to the host that the server announced */
    DOCTOR_SMALL,
    DOCTOR_GAP,
    DOCTOR_CUT, /* half a fragment, then a query for the bytes kept */
    DOCTOR_LARGE,
    DOCTOR_LARGEST, /* the largest fragment that passes */
    DOCTOR_CANCEL,
    DOCTOR_WHOLE_CREATE, /* from here on: upload of a whole file */
    DOCTOR_WHOLE_FRAGMENT,
    DOCTOR_WHOLE_CLOSE,
};

enum doctor_verdict {
    DOCTOR_FINE,
    DOCTOR_ODD, /* uploads work, but not as well as they could */
    DOCTOR_FAILED,
};

/* Who answered, judged by the Ack, which only a BITS server sends. */
enum doctor_who {
    DOCTOR_NO_ANSWER,
    DOCTOR_SERVER,
    DOCTOR_STRANGER, /* a proxy, a firewall, a plain web server */
};

#define DOCTOR_NAME_MAX 80

/* ERROR_FILE_EXISTS; cannot be true for a random name. */
#define DOCTOR_FILE_EXISTS 0x80070050u

struct doctor_row {
    enum doctor_probe probe;
    enum doctor_verdict verdict;
    enum doctor_who who;
    uint64_t length;     /* of a fragment, bytes */
    uint64_t wanted;     /* the offset that the answer should have */
    bool proved;         /* there are credentials for this challenge */
    bool withheld;       /* and they were not sent: the server accepts no
                            permitted scheme */
    bool smaller_passes; /* a smaller fragment passes, this one did not */
    struct agent_result result;
    struct transfer_answer answer; /* valid if result says that an answer
                                      arrived */
    uint32_t hresult;              /* 0: no error */
    struct responder responder;
    const char *cause;   /* NULL: no problem found; static */
    const char *setting; /* what to change; set together with cause */
};

struct doctor {
    const struct settings *settings;
    const char *url;  /* as the user wrote it */
    const char *name; /* name of the test files, in the URL's folder */
    uint64_t fragment;
    struct stop *stop;
    void (*row)(void *context, const struct doctor_row *row);
    void *context;
};

/* Returns false, with the reason in the fault, if the settings cannot be used;
 * nothing was sent then. *ret_exit is one of enum client_exit. */
bool doctor_run(const struct doctor *doctor, int *ret_exit,
                struct fault *ret_fault);

#endif
