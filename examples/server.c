/*
 * examples/server.c: receives BITS uploads into the current folder.
 *
 *     openbits-server PORT
 *
 * libopenbits decides; the program does HTTP, stores the file and remembers the
 * session's facts.  This one keeps a single session, in memory, and serves one
 * request on each connection.  A second Create-Session ends the first session.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openbits/openbits.h>

#include "http.h"

#define PART ".openbits-part"
#define ANYWHERE ((struct bits_text){"/", 1})
#define DRAIN_MAX (16 * 1024 * 1024)

#define EXISTS "the file exists; remove it, or use another name"

static struct bits_guid session_id;
static struct bits_facts facts; /* of the session */
static char session_name[BITS_SEGMENT_MAX + 1];

/* A refusal of this program, which is not in the library's table. */
static const struct bits_outcome file_exists = {
    .cause = BITS_CAUSE_OWN,
    .status = 403,
    .hresult = BITS_HR_ACCESS_DENIED,
    .context = BITS_CONTEXT_SERVER,
};

static const struct bits_outcome ok = {.cause = BITS_CAUSE_OK, .status = 200};

static struct bits_outcome outcome_of(int error)
{
    switch (error) {
    case EEXIST:
        return file_exists;
    case ENOENT:
        return bits_cause_outcome(BITS_CAUSE_STAGED_FILE_MISSING);
    case ENOSPC:
        return bits_cause_outcome(BITS_CAUSE_DISK_FULL);
    default:
        return bits_cause_outcome(BITS_CAUSE_IO_ERROR);
    }
}

/* Makes the file of a new session: later a missing file is an error. */
static bool make_part(void)
{
    int file;

    if (unlink(PART) != 0 && errno != ENOENT) {
        return false;
    }
    file = open(PART, O_WRONLY | O_CREAT | O_EXCL, 0644);
    return file >= 0 && close(file) == 0;
}

static struct bits_outcome create_session(const struct bits_packet *packet,
                                          const char *name)
{
    uint8_t random[BITS_GUID_RANDOM];

    if (!packet->protocol_known) {
        return bits_cause_outcome(BITS_CAUSE_PROTOCOL_UNKNOWN);
    }
    if (access(name, F_OK) == 0) {
        return file_exists;
    }
    if (getrandom(random, sizeof(random), 0) != sizeof(random) ||
        !make_part()) {
        return bits_cause_outcome(BITS_CAUSE_INTERNAL);
    }
    bits_guid_make((uint64_t)time(NULL) * 1000, random, &session_id);
    strcpy(session_name, name);
    facts = (struct bits_facts){
        .state = BITS_SESSION_RECEIVING,
        .same_user = true,
        .limits = {.max_upload_size = UINT64_MAX,
                   .max_fragment_size = UINT64_MAX},
    };
    return ok;
}

/* Gives the file its name in one step, without replacing another file. */
static struct bits_outcome deliver(void)
{
    int file = open(PART, O_WRONLY);
    struct bits_outcome outcome = ok;

    if (file < 0 || fsync(file) != 0 || link(PART, session_name) != 0) {
        outcome = outcome_of(errno);
    } else {
        unlink(PART);
    }
    close(file);
    facts.state =
        outcome.cause == BITS_CAUSE_OK ? BITS_SESSION_DONE : BITS_SESSION_RETRY;
    return outcome;
}

/* Appends to the file.  Returns 0 or an errno value. */
static int append(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = pwrite(file, bytes, size, (off_t)facts.stored);

        if (n < 0) {
            return errno;
        }
        facts.stored += (uint64_t)n;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Stores a body.  If the connection breaks, keeps the bytes that arrived. */
static enum bits_body_end store(FILE *peer, const struct bits_plan *plan,
                                struct bits_outcome *ret_outcome)
{
    int file = open(PART, O_WRONLY);
    int error = file < 0 ? errno : 0;
    uint64_t left = http_skip(peer, plan->skip) ? plan->length : 0;
    char bytes[65536];
    size_t size = 1;

    while (left > 0 && size > 0 && error == 0) {
        size = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
        size = fread(bytes, 1, size, peer);
        error = append(file, bytes, size);
        left -= size;
    }
    close(file);
    if (error != 0) {
        *ret_outcome = outcome_of(error);
    }
    return facts.stored == plan->offset + plan->length ? BITS_BODY_WHOLE
                                                       : BITS_BODY_CUT;
}

static void end_session(enum bits_packet_type type, struct bits_outcome outcome)
{
    unlink(PART);
    facts.state = BITS_SESSION_ENDED;
    facts.ended_by = type; /* a client that missed the Ack asks again */
    facts.ended = outcome;
}

/* Carries out the plan of the library.  Returns false if the client is gone. */
static bool carry_out(FILE *peer, const struct bits_packet *packet,
                      const struct bits_plan *plan, struct bits_answer *answer)
{
    enum bits_body_end body;
    enum bits_cause cause;

    facts.fragment_seen = facts.fragment_seen || plan->learn_fragment;
    facts.total_known = facts.total_known || plan->learn_total;
    facts.total = plan->learn_total ? plan->total : facts.total;
    facts.probes = plan->is_probe ? facts.probes + 1 : 0;
    answer->outcome = plan->outcome;
    answer->has_next = plan->has_next;
    answer->next = plan->next;
    switch (plan->step) {
    case BITS_STEP_ANSWER:
        break;
    case BITS_STEP_STORE:
        answer->outcome = ok;
        body = store(peer, plan, &answer->outcome);
        answer->next = facts.stored;
        if (answer->outcome.cause != BITS_CAUSE_OK) {
            break;
        }
        switch (bits_session_conclude(plan, facts.stored, body, &cause)) {
        case BITS_CONCLUSION_ANSWER:
            answer->outcome = bits_cause_outcome(cause);
            break;
        case BITS_CONCLUSION_DELIVER:
            answer->outcome = deliver();
            break;
        case BITS_CONCLUSION_SILENT:
            return false;
        }
        break;
    case BITS_STEP_DELIVER:
        answer->outcome = deliver();
        break;
    case BITS_STEP_END:
        end_session(packet->type, plan->outcome);
        break;
    case BITS_STEP_DELIVER_AND_END:
        answer->outcome = deliver();
        if (answer->outcome.cause == BITS_CAUSE_OK) {
            end_session(packet->type, ok);
        }
        break;
    }
    if (answer->outcome.cause == BITS_CAUSE_STAGED_FILE_MISSING) {
        facts.state = BITS_SESSION_NONE; /* the client starts over */
    }
    return true;
}

/* Passes a head to the library. */
static enum bits_cause read_packet(const struct http_head *head,
                                   struct bits_packet *ret_packet)
{
    struct bits_packet_reader reader;
    enum bits_framing framing;
    uint64_t length;
    bool sound = http_read_framing(head, &framing, &length);

    bits_packet_reader_init(&reader);
    for (size_t i = 0; i < head->count; i++) {
        bits_packet_reader_field(&reader, head->fields[i].name,
                                 head->fields[i].value);
    }
    bits_packet_reader_body(&reader, sound ? framing : BITS_FRAMING_MALFORMED,
                            length);
    return bits_packet_reader_end(&reader, ret_packet);
}

/* Handles a well-formed packet.  Returns false if the client is gone. */
static bool act(FILE *peer, const struct bits_packet *packet,
                struct bits_text path, struct bits_answer *answer)
{
    static char id[BITS_GUID_TEXT_LEN + 1];
    char name[BITS_SEGMENT_MAX + 1];
    struct bits_facts known = facts;
    struct bits_plan plan;

    if (packet->type == BITS_PACKET_PING) {
        return true;
    }
    answer->outcome =
        bits_cause_outcome(bits_target_name(path, name, sizeof(name)));
    if (answer->outcome.cause != BITS_CAUSE_OK) {
        return true;
    }
    if (packet->type == BITS_PACKET_CREATE_SESSION) {
        answer->outcome = create_session(packet, name);
        bits_guid_format(&session_id, id);
        answer->session_id = (struct bits_text){id, BITS_GUID_TEXT_LEN};
        return true;
    }
    known.same_target = strcmp(name, session_name) == 0;
    if (!bits_guid_equal(&packet->session, &session_id)) {
        known.state = BITS_SESSION_NONE;
    }
    bits_session_plan(packet, &known, &plan);
    return carry_out(peer, packet, &plan, answer);
}

/* Reads one request and answers it. */
static void serve(FILE *in, FILE *out)
{
    static struct http_head head;
    struct bits_target target;
    struct bits_packet packet;
    struct bits_answer answer;
    struct bits_text path;
    enum bits_cause cause;

    if (!http_read_head(in, &head) || !http_is(head.words[0], BITS_METHOD) ||
        !bits_target_parse(head.words[1], &target) ||
        !bits_target_below(target.path, ANYWHERE, &path) ||
        path.len > BITS_SEGMENT_MAX) {
        fputs("HTTP/1.1 400 \r\nConnection: close\r\n\r\n", out);
        return;
    }
    http_continue(&head, out);
    cause = read_packet(&head, &packet);
    answer = (struct bits_answer){
        .type = packet.type,
        .outcome = bits_cause_outcome(cause),
        .session_id = packet.session_id,
    };
    if (cause == BITS_CAUSE_OK && !act(in, &packet, path, &answer)) {
        return;
    }
    if (answer.outcome.cause == BITS_CAUSE_OWN) {
        answer.sentence = (struct bits_text){EXISTS, sizeof(EXISTS) - 1};
    }
    fprintf(out, "HTTP/1.1 %u \r\n", answer.outcome.status);
    bits_answer_fields(&answer, http_write_field, out);
    fputs("Connection: close\r\n\r\n", out);
}

/* Serves one request, then closes the connection. */
static void take(int peer)
{
    FILE *in = fdopen(peer, "r");
    FILE *out = fdopen(dup(peer), "w");

    if (in == NULL || out == NULL) {
        err(1, "cannot open a stream");
    }
    serve(in, out);
    fclose(out);
    /* Read a refused body to its end: closing earlier would reset the
     * connection, and the client could miss the answer. */
    shutdown(peer, SHUT_WR);
    http_skip(in, DRAIN_MAX);
    fclose(in);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        err(1, "cannot listen");
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int peer = accept(listener, NULL, NULL);

        if (peer >= 0) {
            http_limit_silence(peer, 60);
            take(peer);
        }
    }
}
