/*
 * client/doctor/doctor.h: what happens to the packets of an upload on their way
 * to a server, and what to change if it is the wrong thing.
 *
 * Sends a Ping, a Create-Session under a random name, a small fragment, one
 * behind a gap, one that is cut half-way, one as large as asked and a
 * Cancel-Session; the last byte is never sent, so that nothing is delivered.
 * On request a tiny file is uploaded whole after that.  Shows nothing itself.
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
    DOCTOR_PING_HOST, /* the host that the server named */
    DOCTOR_SMALL,
    DOCTOR_GAP,
    DOCTOR_CUT, /* half a fragment, and what became of it */
    DOCTOR_LARGE,
    DOCTOR_LARGEST, /* what passes instead */
    DOCTOR_CANCEL,
    DOCTOR_WHOLE_CREATE, /* from here on: a whole file */
    DOCTOR_WHOLE_FRAGMENT,
    DOCTOR_WHOLE_CLOSE,
};

enum doctor_verdict {
    DOCTOR_FINE,
    DOCTOR_ODD, /* uploads work, but not as well as they could */
    DOCTOR_FAILED,
};

/* Judged by the Ack, which only a BITS server sends. */
enum doctor_who {
    DOCTOR_NOBODY,
    DOCTOR_SERVER,
    DOCTOR_STRANGER, /* a proxy, a firewall, a plain web server */
};

#define DOCTOR_NAME_MAX 80

/* ERROR_FILE_EXISTS; of a random name it cannot be true. */
#define DOCTOR_FILE_EXISTS 0x80070050u

struct doctor_row {
    enum doctor_probe probe;
    enum doctor_verdict verdict;
    enum doctor_who who;
    uint64_t length;     /* of a fragment, bytes */
    uint64_t wanted;     /* the offset that is right after it */
    bool proved;         /* credentials were at hand for the status that came */
    bool withheld;       /* and did not go: the server takes none that may */
    bool smaller_passes; /* where this fragment did not */
    struct agent_result result;
    struct transfer_answer answer; /* of a result that was answered */
    uint32_t hresult;              /* 0: all is well */
    struct responder responder;
    const char *cause;   /* NULL: all is well; static */
    const char *setting; /* what to change; with cause */
};

struct doctor {
    const struct settings *settings;
    const char *url;  /* as the user wrote it */
    const char *name; /* of the files, in the URL's folder */
    uint64_t fragment;
    struct stop *stop;
    void (*row)(void *context, const struct doctor_row *row);
    void *context;
};

/* *ret_exit as of enum client_exit.  False: the settings cannot be used, the
 * fault says why; nothing was sent. */
bool doctor_run(const struct doctor *doctor, int *ret_exit,
                struct fault *ret_fault);

#endif
