/*
 * bench/load.c: the load generator.
 *
 *     load bits|put|create|ping|get NAME=VALUE...   as fast as it goes
 *     load idle NAME=VALUE...                       hold, then a Ping each
 *     load handshakes NAME=VALUE...                 full ones of TLS
 *     load verify NAME=VALUE...                     are the files there?
 *
 * One thread, one epoll.  The result is a line of JSON.  With count=0 it
 * runs until standard input ends.  `idle` says "ready" when all are connected,
 * waits for a line, sends a Ping on each, says "pinged", waits for a line.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client.h"

#define EVENTS_MAX 256
#define POLL_MS 1000

/* A server that takes no more connections must not hold the bench for ever. */
#define CONNECT_SECONDS 60

/* --- the result ---------------------------------------------------------- */

static double cpu_seconds(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void report(struct load *load, double seconds)
{
    samples_sort(&load->samples);
    (void)printf(
        "{\"done\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"cuts\": %" PRIu64
        ", \"seconds\": %.6f, \"load_cpu_s\": %.3f, \"p50_us\": %.1f"
        ", \"p99_us\": %.1f}\n",
        load->done, load->bytes, load->cuts, seconds, cpu_seconds(),
        samples_at(&load->samples, 500), samples_at(&load->samples, 990));
}

/* --- the loop ------------------------------------------------------------ */

/* Begins what is due; returns the milliseconds until the next. */
static int wake(struct load *load, struct client *clients)
{
    uint64_t now = samples_now();
    uint64_t next = now + (uint64_t)POLL_MS * 1000000;

    if (load->options.interval_us == 0) {
        return POLL_MS;
    }
    for (uint64_t i = 0; i < load->options.connections; i++) {
        struct client *client = &clients[i];

        if (client->step == CLIENT_RESTS &&
            (load->stopping || client->due <= now)) {
            client_next(client);
        } else if (client->step == CLIENT_RESTS && client->due < next) {
            next = client->due;
        }
    }
    return (int)((next - now + 999999) / 1000000);
}

static void hear_stop(struct load *load)
{
    char text[64];

    if (read(STDIN_FILENO, text, sizeof(text)) <= 0) {
        (void)epoll_ctl(load->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
        load->stopping = true;
    }
}

static void run(struct load *load, struct client *clients)
{
    struct epoll_event events[EVENTS_MAX];

    while (load->working > 0) {
        int n =
            epoll_wait(load->epoll, events, EVENTS_MAX, wake(load, clients));

        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) {
                client_act(events[i].data.ptr, events[i].events);
            } else {
                hear_stop(load);
            }
        }
    }
}

static void begin(struct load *load, struct client *clients)
{
    load->working = load->options.connections;
    for (uint64_t i = 0; i < load->options.connections; i++) {
        client_next(&clients[i]);
    }
}

static void work(struct load *load, struct client *clients)
{
    uint64_t start = samples_now();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    if (load->options.count == 0) {
        (void)epoll_ctl(load->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    }
    begin(load, clients);
    run(load, clients);
    report(load, (double)(samples_now() - start) / 1e9);
}

/* --- idle ---------------------------------------------------------------- */

static bool say_and_wait(const char *word)
{
    char line[16];

    return puts(word) >= 0 && fflush(stdout) == 0 &&
           fgets(line, sizeof(line), stdin) != NULL;
}

static void idle(struct load *load, struct client *clients)
{
    uint64_t start;

    load->options.count = load->options.connections;
    if (!say_and_wait("ready")) {
        return;
    }
    start = samples_now();
    begin(load, clients);
    run(load, clients);
    if (say_and_wait("pinged")) {
        report(load, (double)(samples_now() - start) / 1e9);
    }
}

/* --- handshakes ---------------------------------------------------------- */

/* One after the other: the client has more to compute than the server, so that
 * more at once would only wait for it. */
static int handshakes(struct load *load)
{
    uint64_t start = samples_now();

    (void)signal(SIGPIPE, SIG_IGN);
    load->context = line_context();
    while (load->context && load->done < load->options.count) {
        uint64_t since = samples_now();
        struct line line;

        if (!line_open(&line, load->options.port, load->context)) {
            perror("load: handshake");
            return 1;
        }
        samples_add(&load->samples, samples_now() - since);
        line_part(&line);
        load->done++;
    }
    report(load, (double)(samples_now() - start) / 1e9);
    return load->context ? 0 : 1;
}

/* --- verify -------------------------------------------------------------- */

static int verify(struct load *load)
{
    uint64_t wrong = 0;

    for (uint64_t i = 0; i < load->options.count; i++) {
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/%s-%" PRIu64,
                       load->options.folder, load->options.name, i);
        if (!pattern_matches(&load->pattern, path, i, load->options.size)) {
            wrong++;
        }
    }
    (void)printf("{\"files\": %" PRIu64 ", \"wrong\": %" PRIu64 "}\n",
                 load->options.count, wrong);
    return wrong == 0 ? 0 : 1;
}

/* --- the beginning ------------------------------------------------------- */

/* As many as wanted, if the system lets us. */
static void allow_descriptors(uint64_t wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = wanted;
    limit.rlim_max = limit.rlim_max < wanted ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int with_clients(struct load *load,
                        void (*act)(struct load *, struct client *))
{
    struct client *clients =
        calloc(load->options.connections, sizeof(*clients));
    int status = clients ? 0 : 1;

    if (load->options.tls) {
        /* OpenSSL writes to lines that the server has closed. */
        (void)signal(SIGPIPE, SIG_IGN);
        load->context = line_context();
        status = clients && load->context ? 0 : 1;
    }
    allow_descriptors(load->options.connections + 64);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    (void)alarm(CONNECT_SECONDS);
    for (uint64_t i = 0; status == 0 && i < load->options.connections; i++) {
        clients[i].line.fd = -1;
        status = client_open(&clients[i], load) ? 0 : 1;
    }
    (void)alarm(0);
    if (status == 0) {
        act(load, clients);
        status = load->errors == 0 ? 0 : 1;
    }
    for (uint64_t i = 0; clients && i < load->options.connections; i++) {
        if (clients[i].load) {
            client_close(&clients[i]);
        }
    }
    free(clients);
    return status;
}

/* A client that measures latency must not wait for another load generator on
 * the same core; without the right to it, it is a client like others. */
static void go_first(const struct load *load)
{
    const struct sched_param priority = {.sched_priority = 1};

    if (load->options.interval_us > 0) {
        (void)sched_setscheduler(0, SCHED_FIFO, &priority);
    }
}

static int dispatch(struct load *load, const char *mode)
{
    static const char *const kinds[] = {
        [LOAD_BITS] = "bits", [LOAD_PUT] = "put", [LOAD_CREATE] = "create",
        [LOAD_PING] = "ping", [LOAD_GET] = "get",
    };

    if (strcmp(mode, "verify") == 0) {
        return verify(load);
    }
    if (strcmp(mode, "handshakes") == 0) {
        return handshakes(load);
    }
    if (strcmp(mode, "idle") == 0) {
        load->kind = LOAD_PING;
        return with_clients(load, idle);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(mode, kinds[i]) == 0) {
            load->kind = (enum load_kind)i;
            go_first(load);
            return with_clients(load, work);
        }
    }
    (void)fprintf(stderr, "load: what is %s?\n", mode);
    return 2;
}

int main(int argc, char **argv)
{
    struct load load = {.epoll = -1};
    int status;

    if (argc < 2 || !options_read(&load.options, argc - 2, argv + 2)) {
        (void)fputs("usage: load MODE NAME=VALUE...\n", stderr);
        return 2;
    }
    if (!pattern_init(&load.pattern)) {
        (void)fputs("load: no memory\n", stderr);
        return 1;
    }
    status = dispatch(&load, argv[1]);
    if (load.epoll >= 0) {
        (void)close(load.epoll);
    }
    samples_done(&load.samples);
    pattern_done(&load.pattern);
    return status;
}
