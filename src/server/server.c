/*
 * server/server.c: see server.h.
 */
#include "server/server.h"

#include <malloc.h>
#include <stdlib.h>

#include "config/config.h"

struct server *server_new(const struct server_options *options)
{
    struct server *server = calloc(1, sizeof(*server));

    if (!server) {
        return NULL;
    }
    *server = (struct server){
        .log = options->log,
        .listeners = options->listeners,
        .listener_count = options->listener_count,
        .loop_count = options->config->server.threads,
        .stopped = options->stopped,
        .context = options->context,
    };
    server->loops = calloc(server->loop_count, sizeof(server->loops[0]));
    if (!server->loops || census_init(&server->census) < 0 ||
        pacing_init(&server->pacing) < 0 ||
        orders_init(&server->orders, options->config, server->loop_count) < 0) {
        free(server->loops);
        free(server);
        return NULL;
    }
    return server;
}

int server_start(struct server *server)
{
    int r = 0;

    for (size_t i = 0; i < server->loop_count && r >= 0; i++) {
        r = loop_init(&server->loops[i], server);
    }
    for (size_t i = 0; i < server->loop_count && r >= 0; i++) {
        r = loop_start(&server->loops[i]);
    }
    return r;
}

/* Call with the orders' mutex held. */
static void wake_loops(struct server *server)
{
    __atomic_add_fetch(&server->orders.serial, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < server->loop_count; i++) {
        if (!server->loops[i].asleep) {
            (void)uv_async_send(&server->loops[i].wake);
        }
    }
}

void server_reconfigure(struct server *server, struct config *config)
{
    struct config *old;

    uv_mutex_lock(&server->orders.mutex);
    old = server->orders.config;
    server->orders.config = config_ref(config);
    wake_loops(server);
    uv_mutex_unlock(&server->orders.mutex);
    config_unref(old);
}

void server_housekeep(struct server *server)
{
    if (census_has_emptied(&server->census)) {
        (void)malloc_trim(0);
    }
}

void server_stop(struct server *server)
{
    uv_mutex_lock(&server->orders.mutex);
    if (server->orders.phase < SERVER_CUTTING) {
        server->orders.phase++;
    }
    wake_loops(server);
    uv_mutex_unlock(&server->orders.mutex);
}

void server_free(struct server *server)
{
    if (!server) {
        return;
    }
    for (size_t i = 0; i < server->loop_count; i++) {
        loop_done(&server->loops[i]);
    }
    orders_done(&server->orders);
    census_done(&server->census);
    pacing_done(&server->pacing);
    free(server->loops);
    free(server);
}
