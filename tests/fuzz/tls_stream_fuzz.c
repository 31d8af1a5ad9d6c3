/*
 * tls_stream_fuzz.c: any bytes as what a client sends to a stream over TLS, and
 * the records of a real client, which are cut, split, changed, dropped,
 * repeated and mixed with other bytes.
 *
 * Oracles: no bytes are received before the handshake is over, and after it
 * only those that the client encrypted, in their order; any bytes alone never
 * get through a handshake; what was only split arrives in full; a stream that
 * waits for a socket has nothing to do there; each call that cannot succeed
 * any more says why, and says the same again.
 */
#include "server/stream/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "tls_peer.h"

#define SIZE_LIMIT 4096
#define WIRE_MAX 262144
#define TEXT_MAX 65536
#define NAME "fuzz.example"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tls *served;
static SSL_CTX *contexts[2]; /* of clients: TLS 1.2 and TLS 1.3 */

struct input {
    const uint8_t *data;
    size_t size;
};

struct buffer {
    uint8_t bytes[WIRE_MAX];
    size_t size;
};

/* A server's stream, and the other end of its socket. */
struct scene {
    struct stream stream;
    int fd;
    bool is_closed;     /* the client's side */
    bool is_agreed;     /* the handshake is over */
    bool is_plain;      /* the client spoke plain HTTP */
    bool is_harmed;     /* the client's records were not only split */
    bool is_failed;     /* the handshake has failed, or the data have ended */
    ssize_t end;        /* what recv returned last, then */
    SSL *client;        /* NULL: any bytes are sent */
    struct buffer wire; /* encrypted, not sent yet */
    uint8_t sent[TEXT_MAX];
    size_t sent_size;
    size_t received;
};

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* --- the input ----------------------------------------------------------- */

static unsigned take(struct input *input)
{
    if (input->size == 0) {
        return 0;
    }
    input->size--;
    return *input->data++;
}

static struct input take_some(struct input *input, size_t size)
{
    struct input some = {input->data, size < input->size ? size : input->size};

    input->data += some.size;
    input->size -= some.size;
    return some;
}

/* --- the server ---------------------------------------------------------- */

static int waiting_bytes(const struct scene *scene)
{
    int count = 0;

    require(ioctl(scene->stream.fd, FIONREAD, &count) == 0);
    return count;
}

/* After -EAGAIN: what the stream waits for has not come.  But for a call that
 * has read as much as one may, which must have read something. */
static void check_wait(const struct scene *scene, int before)
{
    struct pollfd socket = {.fd = scene->stream.fd, .events = POLLOUT};

    if (scene->stream.wants == UV_READABLE) {
        int now = waiting_bytes(scene);

        require(now == 0 || now < before);
        return;
    }
    require(scene->stream.wants == UV_WRITABLE);
    require(poll(&socket, 1, 0) >= 0 && !(socket.revents & POLLOUT));
}

static void check_error(const struct scene *scene, ssize_t result)
{
    const struct stream_ops *ops = scene->stream.ops;

    require(result < 0 && result > -4096);
    if (result == -EPROTO) {
        const char *words = ops->explain(&scene->stream);

        require(words && words[0] != '\0');
    }
}

static void agree(struct scene *scene)
{
    struct stream_facts facts;

    scene->is_agreed = true;
    require(scene->client != NULL);
    scene->stream.ops->describe(&scene->stream, &facts);
    require(facts.scheme.len == 5 && !facts.certificate);
}

static void shake_hands(struct scene *scene)
{
    int before = waiting_bytes(scene);
    int r = scene->stream.ops->handshake(&scene->stream);

    if (r == 0) {
        agree(scene);
    } else if (r == -EAGAIN) {
        check_wait(scene, before);
    } else if (r == -EPROTOTYPE) {
        require(!scene->stream.ops->handshake);
        scene->is_plain = scene->is_failed = true;
    } else {
        check_error(scene, r);
        scene->is_failed = true;
    }
}

static void check_text(struct scene *scene, const void *text, size_t size)
{
    require(size <= scene->sent_size - scene->received);
    require(memcmp(text, scene->sent + scene->received, size) == 0);
    scene->received += size;
}

/* False: there is nothing to receive now. */
static bool receive(struct scene *scene, size_t size)
{
    const struct stream_ops *ops = scene->stream.ops;
    int before = waiting_bytes(scene);
    uint8_t *room = malloc(size); /* so that ASan sees one byte too many */
    ssize_t n;

    require(room != NULL);
    n = ops->recv(&scene->stream, room, size);
    if (n > 0) {
        require(!scene->is_failed && (size_t)n <= size);
        check_text(scene, room, (size_t)n);
    } else if (n == -EAGAIN) {
        require(!scene->is_failed);
        check_wait(scene, before);
        require(scene->stream.wants != UV_READABLE ||
                !ops->has_pending(&scene->stream));
    } else {
        require(!scene->is_failed || n == scene->end);
        require(n == 0 || scene->is_harmed || scene->is_closed);
        if (n < 0) {
            check_error(scene, n);
        }
        require(ops->has_pending(&scene->stream));
        scene->is_failed = true;
        scene->end = n;
    }
    free(room);
    return n > 0 || (n == -EAGAIN && waiting_bytes(scene) > 0);
}

/* All that the server can do now. */
static void serve(struct scene *scene, size_t room)
{
    while (!scene->is_agreed && !scene->is_failed) {
        int before = waiting_bytes(scene);

        shake_hands(scene);
        if (waiting_bytes(scene) == before) {
            break;
        }
    }
    while (scene->is_agreed && receive(scene, room)) {
    }
}

/* --- the client ---------------------------------------------------------- */

static void fill_wire(struct scene *scene)
{
    struct buffer *wire = &scene->wire;
    int n;

    while (wire->size < WIRE_MAX &&
           (n = BIO_read(SSL_get_wbio(scene->client), wire->bytes + wire->size,
                         (int)(WIRE_MAX - wire->size))) > 0) {
        wire->size += (size_t)n;
    }
}

/* What the server has sent, and what the client makes of it. */
static void listen_to(struct scene *scene)
{
    uint8_t room[4096];
    ssize_t n;

    while ((n = recv(scene->fd, room, sizeof(room), MSG_DONTWAIT)) > 0) {
        require(!scene->client ||
                BIO_write(SSL_get_rbio(scene->client), room, (int)n) == n);
    }
    if (scene->client) {
        (void)SSL_read(scene->client, room, sizeof(room));
        fill_wire(scene);
    }
}

static void send_all(struct scene *scene, const uint8_t *data, size_t size,
                     size_t room)
{
    while (size > 0 && !scene->is_closed) {
        ssize_t n = send(scene->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
        serve(scene, room);
        if (n <= 0 && scene->is_failed) {
            break; /* the server reads no more */
        }
    }
    listen_to(scene);
}

static void deliver(struct scene *scene, size_t size, size_t room)
{
    struct buffer *wire = &scene->wire;
    size_t n = size < wire->size ? size : wire->size;
    uint8_t *part = malloc(n + 1);

    require(part != NULL);
    memcpy(part, wire->bytes, n);
    wire->size -= n;
    memmove(wire->bytes, wire->bytes + n, wire->size);
    send_all(scene, part, n, room);
    free(part);
}

static void write_text(struct scene *scene, size_t size, unsigned seed)
{
    uint8_t *text = scene->sent + scene->sent_size;
    int n;

    if (!SSL_is_init_finished(scene->client) ||
        size > TEXT_MAX - scene->sent_size || size == 0) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        text[i] = (uint8_t)(seed + i);
    }
    n = SSL_write(scene->client, text, (int)size);
    if (n > 0) {
        require((size_t)n == size);
        scene->sent_size += size;
    }
    fill_wire(scene);
}

static void put(struct scene *scene, size_t at, struct input some)
{
    struct buffer *wire = &scene->wire;

    at = at < wire->size ? at : wire->size;
    if (some.size == 0 || some.size > WIRE_MAX - wire->size) {
        return;
    }
    memmove(wire->bytes + at + some.size, wire->bytes + at, wire->size - at);
    memcpy(wire->bytes + at, some.data, some.size);
    wire->size += some.size;
    scene->is_harmed = true;
}

static void change(struct scene *scene, size_t at, unsigned bits)
{
    if (at < scene->wire.size && bits != 0) {
        scene->wire.bytes[at] ^= (uint8_t)bits;
        scene->is_harmed = true;
    }
}

static void drop(struct scene *scene, size_t at, size_t size)
{
    struct buffer *wire = &scene->wire;

    if (at < wire->size && size > 0) {
        size = size < wire->size - at ? size : wire->size - at;
        wire->size -= size;
        memmove(wire->bytes + at, wire->bytes + at + size, wire->size - at);
        scene->is_harmed = true;
    }
}

static void repeat(struct scene *scene, size_t size)
{
    uint8_t copy[256];

    size = size < scene->wire.size ? size : scene->wire.size;
    memcpy(copy, scene->wire.bytes, size);
    put(scene, 0, (struct input){copy, size});
}

static void close_side(struct scene *scene)
{
    if (!scene->is_closed) {
        scene->is_closed = true;
        (void)shutdown(scene->fd, SHUT_WR);
    }
}

/* The server's turn to speak. */
static void answer(struct scene *scene, size_t size)
{
    static const uint8_t text[4096];

    if (scene->is_agreed && !scene->is_failed) {
        ssize_t n = scene->stream.ops->send(&scene->stream, text, size);

        require(n <= (ssize_t)size);
        require(n > 0 || size == 0 || scene->is_harmed || scene->is_closed);
    }
    listen_to(scene);
}

static void change_keys(struct scene *scene)
{
    if (SSL_is_init_finished(scene->client) &&
        SSL_version(scene->client) == TLS1_3_VERSION &&
        SSL_key_update(scene->client, SSL_KEY_UPDATE_REQUESTED) == 1) {
        (void)SSL_do_handshake(scene->client);
        fill_wire(scene);
    }
}

static void act(struct scene *scene, struct input *input)
{
    unsigned kind = take(input) % 9;
    unsigned at = take(input);
    unsigned value = take(input);

    switch (kind) {
    case 0:
        deliver(scene, at, value + 1);
        break;
    case 1:
        deliver(scene, WIRE_MAX, value * 256 + 1);
        break;
    case 2:
        write_text(scene, at * 16 + value, value);
        break;
    case 3:
        change(scene, at, value);
        break;
    case 4:
        drop(scene, at, value);
        break;
    case 5:
        put(scene, at, take_some(input, value));
        break;
    case 6:
        repeat(scene, value);
        break;
    case 7:
        answer(scene, at * 16);
        break;
    default:
        change_keys(scene);
        break;
    }
}

/* --- the whole ----------------------------------------------------------- */

static void begin(struct scene *scene)
{
    int fds[2];

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    require(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
    require(served->open.streams.open(&served->open.streams, fds[0],
                                      &scene->stream) == 0);
    scene->fd = fds[1];
}

static void finish(struct scene *scene)
{
    if (scene->is_agreed && !scene->is_failed) {
        int r = scene->stream.ops->finish(&scene->stream);

        require(r == 0 || scene->is_harmed);
    }
    scene->stream.ops->close(&scene->stream);
    require(scene->stream.fd == -1);
    (void)close(scene->fd);
    SSL_free(scene->client);
    free(scene);
}

/* Any bytes: each piece has its length in front. */
static void play_bytes(struct scene *scene, struct input *input)
{
    scene->is_harmed = true;
    while (input->size > 0) {
        struct input some = take_some(input, take(input) * 4 + 1);

        send_all(scene, some.data, some.size, 100);
    }
    close_side(scene);
    serve(scene, 100);
    require(!scene->is_agreed && (scene->is_failed || scene->is_plain));
}

static SSL *make_client(unsigned version)
{
    SSL *client = SSL_new(contexts[version]);

    require(client != NULL);
    SSL_set_bio(client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(client);
    return client;
}

/* Until neither side has anything to say. */
static void settle(struct scene *scene)
{
    do {
        deliver(scene, WIRE_MAX, 1000);
    } while (scene->wire.size > 0);
}

static void play_client(struct scene *scene, struct input *input,
                        unsigned version, bool is_agreed)
{
    scene->client = make_client(version);
    (void)SSL_do_handshake(scene->client);
    fill_wire(scene);
    if (is_agreed) {
        settle(scene);
        require(scene->is_agreed && SSL_is_init_finished(scene->client));
    }
    while (input->size > 0) {
        act(scene, input);
    }
    settle(scene);
    if (!scene->is_harmed) {
        require(scene->is_agreed && !scene->is_failed);
        require(scene->received == scene->sent_size);
    }
    close_side(scene);
    serve(scene, 100);
    require(scene->is_failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    unsigned mode = take(&input);
    struct scene *scene;

    if (size > SIZE_LIMIT) {
        return 0;
    }
    scene = calloc(1, sizeof(*scene));
    require(scene != NULL);
    begin(scene);
    if (mode & 1) {
        play_client(scene, &input, (mode >> 1) & 1, mode & 4);
    } else {
        play_bytes(scene, &input);
    }
    finish(scene);
    return 0;
}

static void make_server(void)
{
    char folder[] = "/tmp/tls-fuzz-XXXXXX";
    char path[64];

    require(mkdtemp(folder) != NULL);
    tls_peer_make(folder, NAME, 0, 90);
    served = tls_peer_serve(folder, NAME);
    (void)snprintf(path, sizeof(path), "%s/" NAME ".pem", folder);
    require(unlink(path) == 0 && rmdir(folder) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

    (void)argc;
    (void)argv;
    (void)signal(SIGPIPE, SIG_IGN);
    make_server();
    for (size_t i = 0; i < 2; i++) {
        contexts[i] = SSL_CTX_new(TLS_client_method());
        require(contexts[i] != NULL);
        require(SSL_CTX_set_max_proto_version(contexts[i], versions[i]) == 1);
    }
    return 0;
}
