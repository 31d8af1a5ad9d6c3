/*
 * examples/client.c: uploads a file to a BITS server.
 *
 *     openbits-client FILE http://HOST[:PORT]/PATH
 *
 * The transfer machine of libopenbits decides what to send, when to wait and
 * when the transfer ends; the program moves bytes.  If the program stops, the
 * next run starts over.  To resume, save the state that
 * bits_transfer_get_state() returns.
 */
#include <err.h>
#include <inttypes.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openbits/openbits.h>

#include "http.h"

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Connects to "HOST" or "HOST:PORT".  Returns the socket, or -1. */
static int dial(struct bits_text authority, enum bits_transport *ret_error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char host[BITS_HOST_ID_MAX + 1];
    char *port;
    int peer;

    *ret_error = BITS_TRANSPORT_RESOLVE;
    snprintf(host, sizeof(host), "%.*s", (int)authority.len, authority.ptr);
    port = strchr(host, ':');
    if (port != NULL) {
        *port++ = '\0';
    }
    if (getaddrinfo(host, port != NULL ? port : "80", &hints, &found) != 0) {
        return -1;
    }
    *ret_error = BITS_TRANSPORT_CONNECT;
    peer = socket(found->ai_family, SOCK_STREAM, 0);
    if (peer >= 0 && connect(peer, found->ai_addr, found->ai_addrlen) != 0) {
        close(peer);
        peer = -1;
    }
    freeaddrinfo(found);
    return peer;
}

/* Sends the packet.  Returns how many bytes of the file were sent. */
static uint64_t send_packet(FILE *out, const struct bits_transfer *transfer,
                            const struct bits_target *target,
                            const struct bits_action *action, FILE *file)
{
    uint64_t sent = 0;
    char bytes[65536];

    fprintf(out, BITS_METHOD " %.*s%s%.*s HTTP/1.1\r\n", (int)target->path.len,
            target->path.ptr, target->has_query ? "?" : "",
            (int)target->query.len, target->query.ptr);
    fprintf(out, "Host: %.*s\r\n", (int)target->authority.len,
            target->authority.ptr);
    bits_transfer_fields(transfer, http_write_field, out);
    fputs("Connection: close\r\n\r\n", out);
    fseeko(file, (off_t)action->offset, SEEK_SET);
    while (sent < action->length) {
        size_t size = action->length - sent < sizeof(bytes)
                          ? (size_t)(action->length - sent)
                          : sizeof(bytes);

        size = fread(bytes, 1, size, file);
        if (size == 0 || fwrite(bytes, 1, size, out) < size) {
            break;
        }
        sent += size;
    }
    fflush(out);
    return sent;
}

/* Passes the answer to the machine.  Returns false if no answer arrived. */
static bool read_answer(FILE *in, struct bits_transfer *transfer)
{
    static struct http_head head;

    if (!http_read_head(in, &head)) {
        return false;
    }
    bits_transfer_answer_status(transfer, (unsigned)atoi(head.words[1].ptr));
    for (size_t i = 0; i < head.count; i++) {
        bits_transfer_answer_field(transfer, head.fields[i].name,
                                   head.fields[i].value);
    }
    bits_transfer_answer_end(transfer, now_ms());
    return true;
}

/* Sends a packet on a new connection and reads its answer. */
static void exchange(struct bits_transfer *transfer,
                     const struct bits_action *action, FILE *file)
{
    static char room[BITS_URL_ROOM];
    enum bits_transport error;
    struct bits_target target;
    uint64_t sent;
    FILE *in, *out;
    int peer;

    bits_target_parse(bits_transfer_url(transfer, room), &target);
    peer = dial(target.authority, &error);
    if (peer < 0) {
        bits_transfer_broken(transfer, now_ms(), error, 0);
        return;
    }
    /* This client has one limit for both directions: the longer one. */
    http_limit_silence(peer, BITS_RECEIVE_TIMEOUT_MS / 1000);
    in = fdopen(peer, "r");
    out = fdopen(dup(peer), "w");
    if (in == NULL || out == NULL) {
        err(1, "cannot open a stream");
    }
    sent = send_packet(out, transfer, &target, action, file);
    if (!read_answer(in, transfer)) {
        bits_transfer_broken(transfer, now_ms(), BITS_TRANSPORT_BROKEN, sent);
    }
    fclose(out);
    fclose(in);
}

static void explain(const struct bits_failure *failure)
{
    const struct bits_explanation *known = bits_error_find(failure->hresult);
    const char *sentence = bits_reason_sentence(failure->reason);

    if (failure->text[0] != '\0') {
        sentence = failure->text; /* the server's own words */
    } else if (sentence == NULL && known != NULL) {
        sentence = known->meaning;
    }
    warnx("HTTP status %u, error 0x%08X: %s", failure->status, failure->hresult,
          sentence != NULL ? sentence : "unknown");
}

static void wait_until(uint64_t until_ms)
{
    uint64_t now = now_ms();
    uint64_t left_ms = until_ms > now ? until_ms - now : 0;
    struct timespec left = {.tv_sec = (time_t)(left_ms / 1000),
                            .tv_nsec = (long)(left_ms % 1000) * 1000000};

    nanosleep(&left, NULL);
}

/* Runs a transfer to its end.  Returns the status to exit with. */
static int upload(struct bits_transfer *transfer, FILE *file)
{
    struct bits_action action;

    for (;;) {
        bits_transfer_next(transfer, now_ms(), &action);
        switch (action.kind) {
        case BITS_ACTION_SEND:
            exchange(transfer, &action, file);
            break;
        case BITS_ACTION_SAVE:
            bits_transfer_saved(transfer);
            break;
        case BITS_ACTION_WAIT:
            wait_until(action.until_ms);
            break;
        case BITS_ACTION_NOTIFY:
            if (action.notice == BITS_NOTICE_PROGRESS) {
                printf("%" PRIu64 " bytes\n",
                       bits_transfer_progress(transfer).offset);
            }
            break;
        case BITS_ACTION_DONE:
            return 0;
        case BITS_ACTION_FAILED:
            explain(action.failure);
            return 1;
        case BITS_ACTION_FETCH_REPLY: /* this program wants no reply, */
        case BITS_ACTION_AWAIT:       /* waits for each answer, */
        case BITS_ACTION_PAUSED:      /* and never pauses or cancels */
        case BITS_ACTION_CANCELLED:
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    struct bits_transfer_options options = {.foreground = true};
    static struct bits_transfer transfer;
    struct stat status;
    FILE *file;

    if (argc != 3) {
        errx(2, "usage: openbits-client FILE http://HOST[:PORT]/PATH");
    }
    file = fopen(argv[1], "r");
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        err(1, "%s", argv[1]);
    }
    signal(SIGPIPE, SIG_IGN);
    options.url = (struct bits_text){argv[2], strlen(argv[2])};
    options.size = (uint64_t)status.st_size;
    options.retry = bits_retry_foreground;
    if (strncmp(argv[2], "http://", 7) != 0 ||
        !bits_transfer_start(&transfer, &options)) {
        errx(2, "not an http URL: %s", argv[2]);
    }
    return upload(&transfer, file);
}
