/*
 * bench/client.c: see client.h.
 */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "answer.h"
#include "base/text.h"
#include "request.h"

/* --- the connection ------------------------------------------------------ */

bool client_open(struct client *client, struct load *load)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};

    client->load = load;
    client->events = EPOLLIN;
    client->answer_len = 0;
    client->answer_body = 0;
    client->status = 0;
    client->carried = 0;
    if (!line_open(&client->line, load->options.port, load->context) ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->line.fd, &event) != 0) {
        perror("bench: cannot connect");
        return false;
    }
    return true;
}

/* By a reset: ten thousand connections in TIME_WAIT would be in the way of
 * the next round. */
static void reset(struct client *client)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(client->line.fd, SOL_SOCKET, SO_LINGER, &none,
                     sizeof(none));
}

void client_close(struct client *client)
{
    if (client->line.fd >= 0) {
        reset(client);
        line_close(&client->line);
    }
}

static void watch(struct client *client, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};

    if (events != client->events) {
        client->events = events;
        (void)epoll_ctl(client->load->epoll, EPOLL_CTL_MOD, client->line.fd,
                        &event);
    }
}

static void end(struct client *client)
{
    client->step = CLIENT_ENDED;
    client->load->working--;
    watch(client, 0);
}

static void fail(struct client *client, const char *why)
{
    if (client->load->errors++ == 0) {
        (void)fprintf(stderr, "bench: %s, status %u, after %.200s\n", why,
                      client->status, client->head);
    }
    end(client);
}

/* --- sending ------------------------------------------------------------- */

static void begin_step(struct client *client, enum client_step step);

/* On a new connection the step begins again, from what was acknowledged. */
static void reconnect(struct client *client)
{
    line_close(&client->line);
    if (!client_open(client, client->load)) {
        fail(client, "no connection after a cut");
        return;
    }
    begin_step(client, client->step);
}

/* The line breaks, every second time with a reset. */
static void cut(struct client *client)
{
    client->load->cuts++;
    if (client->load->cuts % 2 == 0) {
        reset(client);
    }
    reconnect(client);
}

static void send_some(struct client *client);

static void begin_step(struct client *client, enum client_step step)
{
    const struct options *options = &client->load->options;
    uint64_t rest = options->size - client->offset;

    client->step = step;
    client->body_at = client->offset;
    client->body_left = 0;
    if (step == CLIENT_SENDS) {
        client->body_left = rest < options->fragment ? rest : options->fragment;
    }
    request_write(client);
    send_some(client);
}

static void note_sent(struct client *client, size_t n)
{
    size_t head = client->head_len - client->head_sent;

    head = n < head ? n : head;
    n -= head;
    client->head_sent += head;
    client->body_at += n;
    client->body_left -= n;
    client->carried += n;
    client->load->bytes += n;
}

static size_t piece_of(const struct client *client)
{
    uint64_t limit = PATTERN_PIECE;
    uint64_t cut_at = client->load->options.cut;

    if (cut_at && cut_at - client->carried < limit) {
        limit = cut_at - client->carried;
    }
    return (size_t)(client->body_left < limit ? client->body_left : limit);
}

static ssize_t send_piece(struct client *client)
{
    size_t size = piece_of(client);
    const uint8_t *body =
        pattern_at(&client->load->pattern, client->number, client->body_at);
    struct iovec parts[2] = {
        {client->head + client->head_sent,
         client->head_len - client->head_sent},
        {(void *)(uintptr_t)body, size},
    };

    return line_send(&client->line, parts, size > 0 ? 2 : 1);
}

static void send_some(struct client *client)
{
    const struct options *options = &client->load->options;
    ssize_t n = send_piece(client);

    if (n < 0 && errno != EAGAIN) {
        /* The answer, if there is one, says why. */
        watch(client, EPOLLIN);
        return;
    }
    note_sent(client, n > 0 ? (size_t)n : 0);
    if (options->cut && client->carried >= options->cut) {
        cut(client);
        return;
    }
    watch(client, client->head_sent < client->head_len || client->body_left > 0
                      ? EPOLLIN | EPOLLOUT
                      : EPOLLIN);
}

/* --- the order of things ------------------------------------------------- */

void client_next(struct client *client)
{
    struct load *load = client->load;

    if (load->stopping ||
        (load->options.count > 0 && load->begun >= load->options.count)) {
        end(client);
        return;
    }
    client->number = load->begun++;
    client->offset = 0;
    client->since = samples_now();
    switch (load->kind) {
    case LOAD_BITS:
    case LOAD_CREATE:
        begin_step(client, CLIENT_CREATES);
        break;
    case LOAD_PUT:
        begin_step(client, CLIENT_SENDS);
        break;
    case LOAD_PING:
    case LOAD_GET:
        begin_step(client, CLIENT_ASKS);
        break;
    }
}

static void finish(struct client *client)
{
    struct load *load = client->load;

    samples_add(&load->samples, samples_now() - client->since);
    load->done++;
    if (load->options.interval_us == 0) {
        client_next(client);
        return;
    }
    client->step = CLIENT_RESTS;
    client->due = client->since + load->options.interval_us * 1000;
}

/* What was stored is what the server says; the bare loops and the peers say
 * nothing and have all of it. */
static uint64_t stored_after(const struct client *client, struct bits_text head)
{
    uint64_t offset = client->body_at;
    struct bits_text value = answer_field(head, "BITS-Received-Content-Range");

    (void)text_to_u64(value, &offset);
    return offset;
}

static void go_on(struct client *client)
{
    bool is_bits = client->load->kind == LOAD_BITS;

    switch (client->step) {
    case CLIENT_CREATES:
        if (is_bits) {
            begin_step(client, CLIENT_SENDS);
        } else {
            finish(client);
        }
        break;
    case CLIENT_SENDS:
        if (client->offset < client->load->options.size) {
            begin_step(client, CLIENT_SENDS);
        } else if (is_bits) {
            begin_step(client, CLIENT_CLOSES);
        } else {
            finish(client);
        }
        break;
    case CLIENT_CLOSES:
    case CLIENT_ASKS:
        finish(client);
        break;
    case CLIENT_RESTS:
    case CLIENT_ENDED:
        fail(client, "an answer without a request");
        break;
    }
}

static void hear(struct client *client, struct bits_text head)
{
    bool resumes = client->load->options.cut > 0 && client->status == 416;
    struct bits_text id;

    if ((client->status < 200 || client->status > 299) && !resumes) {
        fail(client, "refused");
        return;
    }
    if (client->step == CLIENT_CREATES) {
        id = answer_field(head, "BITS-Session-Id");
        (void)snprintf(client->session, sizeof(client->session), "%.*s",
                       (int)id.len, id.ptr ? id.ptr : "");
    } else if (client->step == CLIENT_SENDS) {
        client->offset = stored_after(client, head);
    }
    if (client->answer_body == 0) {
        go_on(client);
    }
}

/* --- receiving ----------------------------------------------------------- */

static void drop_body(struct client *client)
{
    size_t n = client->answer_len < client->answer_body
                   ? client->answer_len
                   : (size_t)client->answer_body;

    client->answer_body -= n;
    client->answer_len -= n;
    memmove(client->answer, client->answer + n, client->answer_len);
    if (client->answer_body == 0) {
        go_on(client);
    }
}

static void understand(struct client *client)
{
    struct bits_text head = {client->answer, client->answer_len};
    size_t used;

    if (client->answer_body > 0) {
        drop_body(client);
        return;
    }
    used = answer_read(&head, &client->status, &client->answer_body);
    if (used == 0) {
        if (client->answer_len == sizeof(client->answer)) {
            fail(client, "too long an answer");
        }
        return;
    }
    /* Of a pipelining server nothing is expected behind the head but the
     * body; it is kept apart from the head, which hear() still reads. */
    client->answer_len -= used;
    if (client->answer_body > 0) {
        hear(client, head);
        memmove(client->answer, client->answer + used, client->answer_len);
        if (client->answer_len > 0 && client->step != CLIENT_ENDED) {
            drop_body(client);
        }
        return;
    }
    hear(client, head);
}

/* The server may read the last request of a line that was cut after the first
 * of the next line, and then the older takes over: the client tries again, as
 * clients do. */
static void lose(struct client *client)
{
    client->status = 0;
    if (client->load->options.cut == 0) {
        fail(client, "the server closed the connection");
        return;
    }
    reconnect(client);
}

static void receive(struct client *client)
{
    ssize_t n = line_receive(&client->line, client->answer + client->answer_len,
                             sizeof(client->answer) - client->answer_len);

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        lose(client);
        return;
    }
    client->answer_len += (size_t)n;
    understand(client);
}

void client_act(struct client *client, uint32_t events)
{
    if (client->step == CLIENT_ENDED) {
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        receive(client);
    } else if (events & EPOLLOUT) {
        send_some(client);
    }
}
