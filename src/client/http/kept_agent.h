/*
 * client/http/kept_agent.h: keeps an agent after a job, so that the next job
 * for the same server reuses its connection.
 */
#ifndef CLIENT_HTTP_KEPT_AGENT_H
#define CLIENT_HTTP_KEPT_AGENT_H

#include "client/http/agent.h"
#include "client/settings/settings.h"
#include "client/stop.h"

/* All private; starts as zeros. */
struct kept_agent {
    struct agent *agent;      /* owned; NULL: none */
    struct settings settings; /* owned; the agent borrows them */
    char *url;                /* owned; its server is the agent's */
    uint64_t made_ms;
};

/* Returns the kept agent if the server of the URL and all settings for a
 * connection are the same, and the files that they name were read less than a
 * minute ago; otherwise a new one.  Borrowed until the next call.  Returns
 * NULL, and keeps none, if agent_new() fails or memory ran out. */
struct agent *kept_agent_take(struct kept_agent *kept,
                              const struct settings *settings, const char *url,
                              struct stop *stop);

void kept_agent_done(struct kept_agent *kept);

#endif
