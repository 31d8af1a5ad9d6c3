/*
 * server/memo.h: what a site remembers about a connection from one request to
 * the next, embedded in the site's struct.
 */
#ifndef SERVER_MEMO_H
#define SERVER_MEMO_H

struct connection_memo {
    /* The connection closes. */
    void (*free)(struct connection_memo *memo);
};

#endif
