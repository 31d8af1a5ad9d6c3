/*
 * client/transfer/watcher.h: the events that a transfer reports to its
 * watchers: a bar, lines, JSON, the queue.
 */
#ifndef CLIENT_TRANSFER_WATCHER_H
#define CLIENT_TRANSFER_WATCHER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <openbits/packet.h>
#include <openbits/transfer.h>

#include "client/exit.h"
#include "client/http/agent.h"

enum watch_kind {
    WATCH_BEGIN,    /* path, url, size; offset: resumed from there */
    WATCH_PROGRESS, /* from time to time, and at each tick: offset, sent */
    WATCH_NOTICE,   /* notice */
    WATCH_WAIT,     /* failure, until_ms; followed by PROGRESS while it waits */
    WATCH_PACKET,   /* packet */
    WATCH_WARNING,  /* words */
    WATCH_END,      /* exit, failure or NULL, words or NULL */
};

/* A packet and its result; texts are raw text of a peer where a peer supplied
 * them. */
struct watch_packet {
    bool is_reply; /* the GET of the reply, not a packet */
    enum bits_packet_type type;
    uint64_t offset; /* FRAGMENT */
    uint64_t length;
    const char *url;
    bool credentials;
    const struct agent_result *result;
};

struct watch_event {
    enum watch_kind kind;
    uint64_t now_ms; /* monotonic */

    /* in all kinds */
    const char *path; /* of the local file */
    const char *url;
    uint64_t size;
    uint64_t offset; /* bytes that the server has */
    uint64_t sent;   /* those and the bytes sent since */
    bool waiting;    /* between a WAIT and the next packet */
    uint64_t until_ms;

    enum bits_notice notice;
    const struct bits_failure *failure; /* WAIT, END */
    const struct watch_packet *packet;
    enum client_exit exit; /* END; CLIENT_BY_SIGNAL: stopped */
    int signal;            /* the signal's number; 0: not stopped by a signal */
    /* WARNING and END: a sentence without a full stop; may contain text of a
     * peer. */
    const char *words;
};

/* The part of a path that is shown: its last segment. */
static inline const char *watch_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] != '\0' ? slash + 1 : path;
}

struct watcher {
    void (*event)(struct watcher *watcher, const struct watch_event *event);
    /* PROGRESS comes at least this often; 0: only with new progress. */
    unsigned tick_ms;
};

#endif
