/*
 * client/http/kept_agent.h: an agent that outlives a job, so that the
 * next one for the same server has its connection.
 */
#ifndef CLIENT_HTTP_KEPT_AGENT_H
#define CLIENT_HTTP_KEPT_AGENT_H

#include "client/http/agent.h"
#include "client/settings/settings.h"
#include "client/stop.h"

/* All private; starts as zeros. */
struct kept_agent {
    struct agent *agent;      /* owns; NULL: none */
    struct settings settings; /* owns; the agent borrows them */
    char *url;                /* owns; whose server it knows */
    uint64_t made_ms;
};

/* The kept one, if the server of the URL and all settings for a connection are
 * the same, and the files that they name were read less than a minute ago; else
 * a new one.  Borrowed until the next call.  NULL: agent_new() fails or
 * there is no memory; nothing is kept then. */
struct agent *kept_agent_take(struct kept_agent *kept,
                              const struct settings *settings, const char *url,
                              struct stop *stop);

void kept_agent_done(struct kept_agent *kept);

#endif
