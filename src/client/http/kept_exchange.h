/*
 * client/http/kept_exchange.h: an exchange that outlives a job, so that the
 * next one for the same server has its connection.
 */
#ifndef CLIENT_HTTP_KEPT_EXCHANGE_H
#define CLIENT_HTTP_KEPT_EXCHANGE_H

#include "client/http/exchange.h"
#include "client/settings/settings.h"
#include "client/stop.h"

/* All private; starts as zeros. */
struct kept_exchange {
    struct exchange *exchange; /* owns; NULL: none */
    struct settings settings;  /* owns; the exchange borrows them */
    char *url;                 /* owns; whose server it knows */
    uint64_t made_ms;
};

/* The kept one, if the server of the URL and all settings for a connection are
 * the same, and the files that they name were read less than a minute ago; else
 * a new one.  Borrowed until the next call.  NULL: exchange_new() fails or
 * there is no memory; nothing is kept then. */
struct exchange *kept_exchange_take(struct kept_exchange *kept,
                                    const struct settings *settings,
                                    const char *url, struct stop *stop);

void kept_exchange_done(struct kept_exchange *kept);

#endif
