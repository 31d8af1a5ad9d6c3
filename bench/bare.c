/*
 * bench/bare.c: the least that a server can do, to compare with.
 *
 *     bare recv folder=DIR       epoll; recv and pwrite through 1 MiB
 *     bare splice folder=DIR     epoll; splice from the socket to the file
 *     bare durable folder=DIR connections=THREADS count=N size=BYTES
 *                                no network at all: see durable.h
 *
 * The first two take PUT as bench/load sends it, whose heads come whole, print
 * their port and run until killed.  A file is written as .part and renamed at
 * its end.  Nothing is checked that a real server would have to check.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "base/text.h"
#include "durable.h"
#include "options.h"

#define BUFFER_SIZE ((size_t)1 << 20)
#define HEAD_MAX 4096
#define EVENTS_MAX 64

struct peer {
    int fd;
    int file;
    char name[128];
    uint64_t at;    /* where the next byte goes */
    uint64_t left;  /* of this request's body */
    uint64_t total; /* bytes of the file */
};

struct bare {
    int folder;
    int epoll;
    int listener;
    int pipe[2];
    char *buffer;
    bool splices;
};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void drop(struct peer *peer)
{
    if (peer->file >= 0) {
        (void)close(peer->file);
    }
    (void)close(peer->fd);
    free(peer);
}

/* --- a request ----------------------------------------------------------- */

static void open_file(struct bare *bare, struct peer *peer)
{
    char part[160];

    (void)snprintf(part, sizeof(part), "%s.part", peer->name);
    peer->file = openat(bare->folder, part, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (peer->file < 0) {
        die(part);
    }
}

static void read_range(struct peer *peer, struct bits_text range)
{
    struct bits_text unit;
    uint64_t last;

    peer->at = 0;
    peer->total = peer->left;
    if (text_take_until(&range, ' ', &unit) &&
        text_take_u64(&range, &peer->at) && text_take_char(&range, '-') &&
        text_take_u64(&range, &last) && text_take_char(&range, '/')) {
        (void)text_take_u64(&range, &peer->total);
    }
}

/* Returns the length of the head, or 0 if the data is not a head. */
static size_t read_head(struct bare *bare, struct peer *peer, const char *data,
                        size_t size)
{
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    struct bits_text head = {data, end ? (size_t)(end - data) + 4 : 0};
    struct bits_text line = head;
    struct bits_text name;

    if (!text_take_until(&line, '/', &name) ||
        !text_take_until(&line, ' ', &name) ||
        !text_to_u64(answer_field(head, "Content-Length"), &peer->left)) {
        return 0;
    }
    (void)snprintf(peer->name, sizeof(peer->name), "%.*s", (int)name.len,
                   name.ptr);
    read_range(peer, answer_field(head, "Content-Range"));
    if (peer->at == 0) {
        open_file(bare, peer);
    }
    return head.len;
}

static void finish(struct bare *bare, struct peer *peer)
{
    static const char answer[] = "HTTP/1.1 201 Created\r\n"
                                 "Content-Length: 0\r\n\r\n";
    char part[160];

    if (peer->at == peer->total) {
        (void)snprintf(part, sizeof(part), "%s.part", peer->name);
        (void)close(peer->file);
        peer->file = -1;
        if (renameat(bare->folder, part, bare->folder, peer->name) != 0) {
            die(part);
        }
    }
    if (send(peer->fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0) {
        die("send");
    }
}

static void stored(struct bare *bare, struct peer *peer, size_t n)
{
    peer->at += n;
    peer->left -= n;
    if (peer->left == 0) {
        finish(bare, peer);
    }
}

/* --- recv and pwrite ----------------------------------------------------- */

static bool act_recv(struct bare *bare, struct peer *peer)
{
    bool in_body = peer->left > 0;
    size_t want =
        in_body && peer->left < BUFFER_SIZE ? (size_t)peer->left : BUFFER_SIZE;
    ssize_t n = recv(peer->fd, bare->buffer, want, MSG_DONTWAIT);
    const char *data = bare->buffer;
    size_t head = 0;

    if (n < 0 && errno == EAGAIN) {
        return true;
    }
    if (n <= 0) {
        return false;
    }
    if (!in_body) {
        head = read_head(bare, peer, data, (size_t)n);
        if (head == 0) {
            return false;
        }
        n -= (ssize_t)head;
    }
    if (pwrite(peer->file, data + head, (size_t)n, (off_t)peer->at) != n) {
        die("pwrite");
    }
    stored(bare, peer, (size_t)n);
    return true;
}

/* --- splice -------------------------------------------------------------- */

static bool take_head(struct bare *bare, struct peer *peer)
{
    ssize_t n = recv(peer->fd, bare->buffer, HEAD_MAX, MSG_DONTWAIT | MSG_PEEK);
    size_t head;

    if (n < 0 && errno == EAGAIN) {
        return true;
    }
    if (n <= 0) {
        return false;
    }
    head = read_head(bare, peer, bare->buffer, (size_t)n);
    return head > 0 && recv(peer->fd, bare->buffer, head, 0) == (ssize_t)head;
}

static bool act_splice(struct bare *bare, struct peer *peer)
{
    off_t at;
    ssize_t n;

    if (peer->left == 0) {
        return take_head(bare, peer);
    }
    n = splice(peer->fd, NULL, bare->pipe[1], NULL,
               peer->left < BUFFER_SIZE ? (size_t)peer->left : BUFFER_SIZE,
               SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (n < 0 && errno == EAGAIN) {
        return true;
    }
    if (n <= 0) {
        return false;
    }
    at = (off_t)peer->at;
    for (ssize_t done = 0; done < n;) {
        ssize_t moved = splice(bare->pipe[0], NULL, peer->file, &at,
                               (size_t)(n - done), SPLICE_F_MOVE);

        if (moved <= 0) {
            die("splice");
        }
        done += moved;
    }
    stored(bare, peer, (size_t)n);
    return true;
}

/* --- the loop ------------------------------------------------------------ */

static void welcome(struct bare *bare)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
    int on = 1;

    if (!peer) {
        die("calloc");
    }
    peer->file = -1;
    peer->fd = accept4(bare->listener, NULL, NULL, SOCK_CLOEXEC);
    if (peer->fd < 0 ||
        epoll_ctl(bare->epoll, EPOLL_CTL_ADD, peer->fd, &event) != 0) {
        die("accept");
    }
    (void)setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void serve(struct bare *bare)
{
    struct epoll_event events[EVENTS_MAX];

    for (;;) {
        int n = epoll_wait(bare->epoll, events, EVENTS_MAX, -1);

        for (int i = 0; i < n; i++) {
            struct peer *peer = events[i].data.ptr;

            if (!peer) {
                welcome(bare);
            } else if (!(bare->splices ? act_splice(bare, peer)
                                       : act_recv(bare, peer))) {
                drop(peer);
            }
        }
    }
}

static void listen_somewhere(struct bare *bare)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    bare->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bare->listener < 0 ||
        bind(bare->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(bare->listener, 4096) != 0 ||
        getsockname(bare->listener, (struct sockaddr *)&address, &size) != 0 ||
        epoll_ctl(bare->epoll, EPOLL_CTL_ADD, bare->listener, &event) != 0) {
        die("listen");
    }
    (void)printf("bare: listening on http://127.0.0.1:%u/\n",
                 ntohs(address.sin_port));
    (void)fflush(stdout);
}

static void start(struct bare *bare, const struct options *options)
{
    bare->folder = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bare->epoll = epoll_create1(EPOLL_CLOEXEC);
    bare->buffer = malloc(BUFFER_SIZE);
    if (bare->folder < 0 || bare->epoll < 0 || !bare->buffer ||
        pipe2(bare->pipe, O_CLOEXEC) != 0) {
        die(options->folder);
    }
    (void)fcntl(bare->pipe[1], F_SETPIPE_SZ, (int)BUFFER_SIZE);
    listen_somewhere(bare);
    serve(bare);
}

int main(int argc, char **argv)
{
    struct bare bare = {.splices = false};
    struct options options;

    if (argc < 2 || !options_read(&options, argc - 2, argv + 2)) {
        (void)fputs("usage: bare recv|splice|durable NAME=VALUE...\n", stderr);
        return 2;
    }
    if (strcmp(argv[1], "durable") == 0) {
        return durable_run(&options);
    }
    bare.splices = strcmp(argv[1], "splice") == 0;
    start(&bare, &options);
    return 0;
}
