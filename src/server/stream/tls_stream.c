/*
 * server/stream/tls_stream.c: see tls_stream.h.
 */
#include "server/stream/tls_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/text.h"
#include "os/clock.h"
#include "server/stream/tls.h"
#include "server/stream/tls_clients.h"
#include "server/stream/tls_end_point.h"
#include "server/stream/tls_reason.h"
#include "server/stream/tls_set.h"

/* A call reads at most so many bytes beyond the data that it returns.  Records
 * without data, for example those that change the keys, would otherwise keep an
 * event thread busy for as long as a client sends them. */
#define SPARE_BYTES 32768

/* A client's certificate is judged again after so many seconds: it may have
 * expired. */
#define JUDGED_SECONDS 600

/* What recv returns from now on. */
enum ending {
    ENDING_NONE,
    ENDING_CLOSED, /* 0 */
    ENDING_BROKEN, /* an error */
};

/* Of a stream that requires a certificate of the client. */
struct certified {
    unsigned number;      /* of the trust that admitted it */
    int64_t judged;       /* when; on a clock that never jumps */
    struct fault refusal; /* why it is refused; "" */
};

struct tls_stream {
    struct tls_set *set;         /* a reference */
    struct certified *certified; /* NULL: it requires none */
    SSL *ssl;                    /* NULL: the client has sent nothing yet */
    enum ending ending;
    int error;          /* BROKEN: a negative errno value */
    int64_t spare;      /* the present call may still read; see SPARE_BYTES */
    bool is_drained;    /* OpenSSL holds no more than a part of a record */
    const char *reason; /* of the last -EPROTO; NULL: none */
    struct tls_end_point end_point; /* after the handshake */
};

static int wait_for(struct stream *stream, int events)
{
    stream->wants = events;
    return -EAGAIN;
}

/* --- what OpenSSL says --------------------------------------------------- */

static int protest(struct tls_stream *state, unsigned long error)
{
    const struct certified *certified = state->certified;

    state->reason = certified && certified->refusal.text[0]
                        ? certified->refusal.text
                        : tls_reason(error);
    return -EPROTO;
}

/* What a call that returned `result` came to: 0 at the end of the stream, else
 * a negative errno value. */
static int judge(struct stream *stream, int result)
{
    struct tls_stream *state = stream->state;
    int system_error = errno;

    switch (SSL_get_error(state->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(stream, UV_READABLE);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(stream, UV_WRITABLE);
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        return system_error != 0 ? -system_error : -ECONNRESET;
    default:
        return protest(state, ERR_peek_error());
    }
}

/* Before each call: the errors of a thread are in one queue. */
static SSL *ready(const struct stream *stream)
{
    struct tls_stream *state = stream->state;

    ERR_clear_error();
    errno = 0;
    state->spare = SPARE_BYTES;
    return state->ssl;
}

/* --- the handshake ------------------------------------------------------- */

static void forget(struct tls_stream *state)
{
    SSL_free(state->ssl);
    free(state->certified);
    tls_set_unref(state->set);
    free(state);
}

static int become_plain(struct stream *stream)
{
    int fd = stream->fd;

    forget(stream->state);
    (void)stream_plain.open(&stream_plain, fd, stream);
    return -EPROTOTYPE;
}

static bool begins_method(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* What OpenSSL calls before and after it uses the socket.  What it does not get
 * makes it wait for the socket, which is readable. */
static long limit_reads(BIO *bio, int operation, const char *data, size_t size,
                        int unused, long unused_too, int result, size_t *done)
{
    struct tls_stream *state = (void *)BIO_get_callback_arg(bio);

    (void)data;
    (void)size;
    (void)unused;
    (void)unused_too;
    if (operation == BIO_CB_READ && state->spare <= 0) {
        BIO_clear_retry_flags(bio);
        BIO_set_retry_read(bio);
        return -1;
    }
    if (operation == (BIO_CB_READ | BIO_CB_RETURN) && result > 0) {
        state->spare -= (int64_t)*done;
    }
    return result;
}

/* What OpenSSL calls with each certificate of the client's chain. */
static int note_refusal(int admitted, X509_STORE_CTX *context)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(
        context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_stream *state = SSL_get_app_data(ssl);

    if (!admitted) {
        tls_trust_explain(context, &state->certified->refusal);
    }
    return admitted;
}

/* False: no memory. */
static bool make_ssl(const struct stream *stream)
{
    struct tls_stream *state = stream->state;
    BIO *bio;

    state->ssl = SSL_new(state->set->entries[0].context);
    if (!state->ssl || SSL_set_fd(state->ssl, stream->fd) != 1) {
        return false;
    }
    bio = SSL_get_rbio(state->ssl);
    BIO_set_callback_ex(bio, limit_reads);
    BIO_set_callback_arg(bio, (char *)state);
    SSL_set_accept_state(state->ssl);
    if (state->certified) {
        (void)SSL_set_app_data(state->ssl, state);
        SSL_set_verify(state->ssl, SSL_get_verify_mode(state->ssl),
                       note_refusal);
    }
    return true;
}

/* Looks at the first byte: until it is there a connection takes hardly any
 * memory, and a request in plain HTTP begins with a letter. */
static int begin(struct stream *stream)
{
    char first;
    ssize_t n;

    do {
        n = recv(stream->fd, &first, 1, MSG_PEEK);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        return n < 0 && errno == EAGAIN ? wait_for(stream, UV_READABLE)
                                        : -ECONNRESET;
    }
    if (begins_method(first)) {
        return become_plain(stream);
    }
    return make_ssl(stream) ? 0 : -ENOMEM;
}

static int64_t running(void)
{
    return os_clock_system.running(os_clock_system.context);
}

static int tls_handshake(struct stream *stream)
{
    struct tls_stream *state = stream->state;
    int r = state->ssl ? 0 : begin(stream);

    if (r != 0) {
        return r;
    }
    r = SSL_do_handshake(ready(stream));
    if (r == 1) {
        tls_end_point_find(state->ssl, &state->end_point);
        if (state->certified) {
            state->certified->judged = running();
        }
        return 0;
    }
    r = judge(stream, r);
    return r != 0
               ? r
               : protest(state, ERR_PACK(ERR_LIB_SSL, 0,
                                         SSL_R_UNEXPECTED_EOF_WHILE_READING));
}

/* --- bytes --------------------------------------------------------------- */

/* Notes why nothing more can be read for now, or ever. */
static void end_reading(struct stream *stream)
{
    struct tls_stream *state = stream->state;
    int r = judge(stream, 0);

    if (r == -EAGAIN) {
        state->is_drained = stream->wants == UV_READABLE;
    } else {
        state->ending = r == 0 ? ENDING_CLOSED : ENDING_BROKEN;
        state->error = r;
    }
}

static bool judge_again(struct tls_stream *state)
{
    struct tls_trust *trust = tls_clients_current(state->set->clients);
    bool admitted =
        trust && tls_trust_admits(trust, SSL_get0_peer_certificate(state->ssl),
                                  SSL_get_peer_cert_chain(state->ssl),
                                  &state->certified->refusal);

    tls_trust_unref(trust);
    return admitted;
}

/* Does the trust in force admit the client, now? */
static bool is_admitted(struct tls_stream *state)
{
    struct certified *certified = state->certified;
    unsigned number;
    int64_t now;

    if (!certified) {
        return true;
    }
    number = tls_clients_number(state->set->clients);
    now = running();
    if (number == certified->number &&
        now - certified->judged < JUDGED_SECONDS) {
        return true;
    }
    certified->number = number;
    certified->judged = now;
    return judge_again(state);
}

/* A record has 16 KiB at most: takes as many as there are, so that the store
 * gets large pieces. */
static ssize_t tls_recv(struct stream *stream, void *data, size_t size)
{
    struct tls_stream *state = stream->state;
    SSL *ssl = ready(stream);
    size_t got = 0;
    size_t n;

    state->is_drained = false;
    if (state->ending == ENDING_NONE && !is_admitted(state)) {
        state->ending = ENDING_BROKEN;
        state->error = protest(state, 0);
    }
    while (got < size && state->ending == ENDING_NONE) {
        if (SSL_read_ex(ssl, (char *)data + got, size - got, &n) != 1) {
            end_reading(stream);
            break;
        }
        state->spare += (int64_t)n;
        got += n;
    }
    if (got > 0) {
        return (ssize_t)got;
    }
    return state->ending == ENDING_NONE ? -EAGAIN : state->error;
}

static ssize_t tls_send(struct stream *stream, const void *data, size_t size)
{
    size_t sent = 0;
    size_t n;
    int r = 0;

    while (sent < size && r == 0) {
        if (SSL_write_ex(ready(stream), (const char *)data + sent, size - sent,
                         &n) == 1) {
            sent += n;
        } else {
            r = judge(stream, 0);
            r = r == 0 ? -ECONNRESET : r;
        }
    }
    return sent > 0 ? (ssize_t)sent : r;
}

static bool tls_has_pending(const struct stream *stream)
{
    const struct tls_stream *state = stream->state;

    return state->ending != ENDING_NONE ||
           (!state->is_drained && SSL_has_pending(state->ssl) == 1);
}

/* --- the end ------------------------------------------------------------- */

/* By close_notify, then by FIN: not every client understands both. */
static int tls_finish(struct stream *stream)
{
    int r = SSL_shutdown(ready(stream));

    if (r < 0) {
        r = judge(stream, r);
        if (r != 0) {
            return r;
        }
    }
    (void)shutdown(stream->fd, SHUT_WR);
    return 0;
}

/* A client that is told knows that nothing was cut off. */
static void say_goodbye(const struct stream *stream)
{
    const struct tls_stream *state = stream->state;

    if (state->ssl && SSL_is_init_finished(state->ssl) &&
        state->ending != ENDING_BROKEN) {
        (void)SSL_shutdown(ready(stream));
        ERR_clear_error();
    }
}

static void tls_close(struct stream *stream)
{
    say_goodbye(stream);
    forget(stream->state);
    (void)close(stream->fd);
    stream->fd = -1;
}

/* --- the rest ------------------------------------------------------------ */

static void tls_describe(const struct stream *stream,
                         struct stream_facts *ret_facts)
{
    const struct tls_stream *state = stream->state;
    const char *name =
        SSL_get_servername(state->ssl, TLSEXT_NAMETYPE_host_name);

    *ret_facts = (struct stream_facts){
        .scheme = TEXT("https"),
        .end_point = {state->end_point.data, state->end_point.size},
    };
    if (name) {
        ret_facts->server_name = text_of(name);
    }
    if (state->certified) {
        ret_facts->certificate = SSL_get0_peer_certificate(state->ssl);
    }
}

static const char *tls_explain(const struct stream *stream)
{
    const struct tls_stream *state = stream->state;

    return state->reason;
}

static struct tls_set *current_set(const struct tls_door *door)
{
    struct tls_set *set;

    uv_mutex_lock(&door->tls->mutex);
    set = door->set ? tls_set_ref(door->set) : NULL;
    uv_mutex_unlock(&door->tls->mutex);
    return set;
}

/* The number is older than the set, or of the same time: if it has changed,
 * the certificate is judged again.  False: no memory. */
static bool prepare(struct tls_stream *state, const struct tls_door *door)
{
    unsigned number = tls_clients_number(door->tls->clients);

    state->set = current_set(door);
    if (!state->set || !state->set->clients) {
        return true;
    }
    state->certified = calloc(1, sizeof(*state->certified));
    if (state->certified) {
        state->certified->number = number;
    }
    return state->certified != NULL;
}

int tls_stream_open(const struct stream_kind *kind, int fd,
                    struct stream *ret_stream)
{
    static const struct stream_ops ops = {
        .handshake = tls_handshake,
        .recv = tls_recv,
        .send = tls_send,
        .has_pending = tls_has_pending,
        .finish = tls_finish,
        .describe = tls_describe,
        .explain = tls_explain,
        .close = tls_close,
    };
    struct tls_stream *state = calloc(1, sizeof(*state));

    if (!state) {
        return ENOMEM;
    }
    if (!prepare(state, kind->context)) {
        forget(state);
        return ENOMEM;
    }
    if (!state->set) {
        free(state);
        return ENOENT;
    }
    *ret_stream = (struct stream){.ops = &ops, .fd = fd, .state = state};
    return 0;
}
