/*
 * tests/unit/awkward_stream.c: see awkward_stream.h.
 *
 * A record is a letter, a length and so many bytes of data.
 */
#include "awkward_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/text.h"

enum record {
    RECORD_HELLO = 'H',
    RECORD_DATA = 'D',
    RECORD_ASK = 'P', /* the client wants an ACK */
    RECORD_ACK = 'A',
    RECORD_GOODBYE = 'F',
};

#define HEAD_SIZE 2
#define DATA_MAX 255

/* What the server's side sends in one record. */
#define SEND_MAX 7

/* --- the server's side --------------------------------------------------- */

struct awkward {
    unsigned char raw[1024]; /* read from the socket, not yet understood */
    size_t raw_size;
    unsigned char held[DATA_MAX]; /* data of a record, not yet taken */
    size_t held_size;
    unsigned char out[HEAD_SIZE + DATA_MAX]; /* not yet sent */
    size_t out_size;
    bool greeted;  /* by the client */
    bool answered; /* the greeting */
    bool asked;    /* the client wants an ACK */
    bool may_ack;  /* and the stream has said that it wants to write */
    bool goodbye_sent;
    bool goodbye_came;
};

static int wait_for(struct stream *stream, int events)
{
    stream->wants = events;
    return -EAGAIN;
}

static bool has_record(const struct awkward *state)
{
    return state->raw_size >= HEAD_SIZE &&
           state->raw_size >= HEAD_SIZE + (size_t)state->raw[1];
}

/* Takes the first record. */
static void understand(struct awkward *state)
{
    size_t size = HEAD_SIZE + (size_t)state->raw[1];

    switch ((enum record)state->raw[0]) {
    case RECORD_HELLO:
        state->greeted = true;
        break;
    case RECORD_DATA:
        memcpy(state->held, state->raw + HEAD_SIZE, size - HEAD_SIZE);
        state->held_size = size - HEAD_SIZE;
        break;
    case RECORD_ASK:
        state->asked = true;
        break;
    case RECORD_GOODBYE:
        state->goodbye_came = true;
        break;
    case RECORD_ACK:
        abort();
    }
    state->raw_size -= size;
    memmove(state->raw, state->raw + size, state->raw_size);
}

/* Returns 1 once there is a record, 0 at the end of the stream, else -EAGAIN
 * or what is wrong. */
static int read_record(struct stream *stream)
{
    struct awkward *state = stream->state;

    while (!has_record(state)) {
        ssize_t n = recv(stream->fd, state->raw + state->raw_size,
                         sizeof(state->raw) - state->raw_size, 0);

        if (n < 0) {
            return errno == EAGAIN ? wait_for(stream, UV_READABLE) : -errno;
        }
        if (n == 0) {
            return 0;
        }
        state->raw_size += (size_t)n;
    }
    return 1;
}

static int flush(struct stream *stream)
{
    struct awkward *state = stream->state;

    while (state->out_size > 0) {
        ssize_t n = send(stream->fd, state->out, state->out_size, MSG_NOSIGNAL);

        if (n < 0) {
            return errno == EAGAIN ? wait_for(stream, UV_WRITABLE) : -errno;
        }
        state->out_size -= (size_t)n;
        memmove(state->out, state->out + n, state->out_size);
    }
    return 0;
}

/* The last one must be flushed. */
static void write_record(struct awkward *state, enum record letter,
                         const void *data, size_t size)
{
    state->out[0] = (unsigned char)letter;
    state->out[1] = (unsigned char)size;
    if (size > 0) {
        memcpy(state->out + HEAD_SIZE, data, size);
    }
    state->out_size = HEAD_SIZE + size;
}

static int awkward_handshake(struct stream *stream)
{
    struct awkward *state = stream->state;
    int r;

    while (!state->greeted) {
        r = read_record(stream);
        if (r <= 0) {
            return r == 0 ? -ECONNRESET : r;
        }
        understand(state);
    }
    if (!state->answered) {
        state->answered = true;
        write_record(state, RECORD_HELLO, NULL, 0);
        return wait_for(stream, UV_WRITABLE);
    }
    return flush(stream);
}

/* Only when it is called for the second time, as it was told to be. */
static int acknowledge(struct stream *stream)
{
    struct awkward *state = stream->state;
    int r;

    if (!state->may_ack) {
        state->may_ack = true;
        write_record(state, RECORD_ACK, NULL, 0);
        return wait_for(stream, UV_WRITABLE);
    }
    r = flush(stream);
    if (r == 0) {
        state->asked = false;
        state->may_ack = false;
    }
    return r;
}

static ssize_t awkward_recv(struct stream *stream, void *data, size_t size)
{
    struct awkward *state = stream->state;
    int r;

    while (state->held_size == 0) {
        r = state->asked ? acknowledge(stream) : 0;
        if (r < 0) {
            return r;
        }
        r = read_record(stream);
        if (r <= 0) {
            return r;
        }
        understand(state);
    }
    assert_true(size > 0);
    *(unsigned char *)data = state->held[0];
    state->held_size--;
    memmove(state->held, state->held + 1, state->held_size);
    return 1;
}

static ssize_t awkward_send_some(struct stream *stream, const void *data,
                                 size_t size)
{
    struct awkward *state = stream->state;
    size_t taken = size < SEND_MAX ? size : SEND_MAX;
    int r = flush(stream);

    if (r < 0) {
        return r;
    }
    write_record(state, RECORD_DATA, data, taken);
    (void)flush(stream);
    return (ssize_t)taken;
}

static bool awkward_has_pending(const struct stream *stream)
{
    const struct awkward *state = stream->state;

    return state->held_size > 0 || has_record(state);
}

static int awkward_finish(struct stream *stream)
{
    struct awkward *state = stream->state;
    int r = flush(stream);

    if (r == 0 && !state->goodbye_sent) {
        state->goodbye_sent = true;
        write_record(state, RECORD_GOODBYE, NULL, 0);
        r = flush(stream);
    }
    while (r == 0 && !state->goodbye_came) {
        r = read_record(stream);
        if (r <= 0) {
            return r == 0 ? -ECONNRESET : r;
        }
        understand(state);
        r = 0;
    }
    return r;
}

static void awkward_describe(const struct stream *stream,
                             struct stream_facts *ret_facts)
{
    (void)stream;
    *ret_facts = (struct stream_facts){
        .scheme = TEXT("awkward"),
        .server_name = TEXT(AWKWARD_SERVER_NAME),
    };
}

static void awkward_close(struct stream *stream)
{
    (void)close(stream->fd);
    free(stream->state);
}

static int awkward_open(const struct stream_kind *kind, int fd,
                        struct stream *ret_stream)
{
    static const struct stream_ops ops = {
        .handshake = awkward_handshake,
        .recv = awkward_recv,
        .send = awkward_send_some,
        .has_pending = awkward_has_pending,
        .finish = awkward_finish,
        .describe = awkward_describe,
        .close = awkward_close,
    };
    struct awkward *state = calloc(1, sizeof(*state));

    (void)kind;
    if (!state) {
        return ENOMEM;
    }
    *ret_stream = (struct stream){.ops = &ops, .fd = fd, .state = state};
    return 0;
}

const struct stream_kind awkward_streams = {
    .scheme = "awkward",
    .open = awkward_open,
};

/* --- the client's side --------------------------------------------------- */

static void put_record(struct awkward_client *client, enum record letter,
                       const void *data, size_t size)
{
    unsigned char record[HEAD_SIZE + DATA_MAX] = {(unsigned char)letter,
                                                  (unsigned char)size};

    if (size > 0) {
        memcpy(record + HEAD_SIZE, data, size);
    }
    assert_int_equal(send(client->fd, record, HEAD_SIZE + size, MSG_NOSIGNAL),
                     HEAD_SIZE + size);
}

static void get_bytes(struct awkward_client *client, void *room, size_t size)
{
    if (size > 0) {
        assert_int_equal(recv(client->fd, room, size, MSG_WAITALL), size);
    }
}

static enum record get_record(struct awkward_client *client)
{
    unsigned char head[HEAD_SIZE];

    get_bytes(client, head, sizeof(head));
    assert_true(client->size + head[1] < sizeof(client->answer));
    get_bytes(client, client->answer + client->size, head[1]);
    client->size += head[1];
    client->answer[client->size] = '\0';
    client->acks += head[0] == RECORD_ACK;
    client->finished |= head[0] == RECORD_GOODBYE;
    return (enum record)head[0];
}

void awkward_greet(struct awkward_client *client, int fd)
{
    *client = (struct awkward_client){.fd = fd};
    put_record(client, RECORD_HELLO, NULL, 0);
    assert_int_equal(get_record(client), RECORD_HELLO);
}

/* How often the client asks. */
#define RECORDS_UNACKED 20

void awkward_send(struct awkward_client *client, const void *data, size_t size)
{
    const char *from = data;
    unsigned wanted = client->acks;

    for (unsigned i = 1; size > 0; i++) {
        size_t n = size < DATA_MAX ? size : DATA_MAX;

        put_record(client, RECORD_DATA, from, n);
        from += n;
        size -= n;
        if (i % RECORDS_UNACKED == 0) {
            put_record(client, RECORD_ASK, NULL, 0);
            wanted++;
        }
        while (client->acks < wanted) {
            (void)get_record(client);
        }
    }
}

void awkward_read_to(struct awkward_client *client, const char *text,
                     char *room, size_t size)
{
    const char *found;

    while (!(found = strstr(client->answer, text))) {
        assert_int_equal(get_record(client), RECORD_DATA);
    }
    if (room) {
        (void)snprintf(room, size, "%.*s", (int)(found - client->answer),
                       client->answer);
    }
    found += strlen(text);
    client->size -= (size_t)(found - client->answer);
    memmove(client->answer, found, client->size + 1);
}

void awkward_expect_goodbye(struct awkward_client *client)
{
    while (!client->finished) {
        (void)get_record(client);
    }
}

void awkward_part(struct awkward_client *client)
{
    put_record(client, RECORD_GOODBYE, NULL, 0);
}
