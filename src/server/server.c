/*
 * server/server.c: see server.h.
 */
#include "server/server.h"

#include <malloc.h>
#include <stdlib.h>

#include "config/config.h"

struct server *server_new(struct upload_service *service, struct log_sink *log,
                          struct config *config, struct listener *listeners,
                          size_t listener_count, void (*stopped)(void *context),
                          void *context)
{
    struct server *server = calloc(1, sizeof(*server));

    if (!server) {
        return NULL;
    }
    *server = (struct server){
        .service = service,
        .log = log,
        .listeners = listeners,
        .listener_count = listener_count,
        .loop_count = config->server.threads,
        .stopped = stopped,
        .context = context,
    };
    server->loops = calloc(server->loop_count, sizeof(server->loops[0]));
    if (!server->loops || uv_mutex_init(&server->mutex) < 0 ||
        census_init(&server->census) < 0) {
        free(server->loops);
        free(server);
        return NULL;
    }
    server->config = config_ref(config);
    return server;
}

int server_start(struct server *server)
{
    int r = 0;

    server->loops_listening = server->loop_count;
    server->loops_running = server->loop_count;
    for (size_t i = 0; i < server->loop_count && r >= 0; i++) {
        r = loop_init(&server->loops[i], server);
    }
    for (size_t i = 0; i < server->loop_count && r >= 0; i++) {
        r = loop_start(&server->loops[i]);
    }
    return r;
}

/* The mutex is held. */
static void wake_loops(struct server *server)
{
    __atomic_add_fetch(&server->orders, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < server->loop_count; i++) {
        if (!server->loops[i].asleep) {
            (void)uv_async_send(&server->loops[i].wake);
        }
    }
}

void server_reconfigure(struct server *server, struct config *config)
{
    struct config *old;

    uv_mutex_lock(&server->mutex);
    old = server->config;
    server->config = config_ref(config);
    wake_loops(server);
    uv_mutex_unlock(&server->mutex);
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
    uv_mutex_lock(&server->mutex);
    server->phase = server->phase == LOOP_RUNNING ? LOOP_STOPPING : LOOP_ENDING;
    wake_loops(server);
    uv_mutex_unlock(&server->mutex);
}

void server_loop_is_deaf(struct server *server)
{
    bool last;

    uv_mutex_lock(&server->mutex);
    last = --server->loops_listening == 0;
    uv_mutex_unlock(&server->mutex);
    for (size_t i = 0; last && i < server->listener_count; i++) {
        listener_close(&server->listeners[i]);
    }
}

void server_free(struct server *server)
{
    if (!server) {
        return;
    }
    for (size_t i = 0; i < server->loop_count; i++) {
        loop_done(&server->loops[i]);
    }
    census_done(&server->census);
    uv_mutex_destroy(&server->mutex);
    config_unref(server->config);
    free(server->loops);
    free(server);
}
