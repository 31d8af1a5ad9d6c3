/*
 * server/connection_pacing.c: pauses the reading of a connection, so that the
 * rates of pacing.h are kept.
 *
 * While a connection pauses, its socket fills and the peer has to wait.  Its
 * time-out is paused, too: the peer is not to blame.  If the peer closes its
 * side or resets the connection, the pause ends, because a connection without a
 * peer is in the way of others.  What the socket holds is read at once then;
 * the next bytes of the user wait for it.
 */
#include "base/log.h"
#include "base/smaller.h"
#include "base/text.h"
#include "server/connection_events.h"
#include "server/connection_private.h"
#include "server/loop.h"

#define MS ((uint64_t)1000000)

static void log_once(struct connection *connection, struct bits_text user,
                     const char *rule)
{
    if (!connection->pacer.told) {
        connection->pacer.told = true;
        LOG(connection->loop->log, LOG_DEBUG, "slowed",
            "the client sends faster than it may",
            LOG_TEXT("rule", text_of(rule)),
            LOG_TEXT("peer", text_of(connection->peer)),
            LOG_TEXT_IF_ANY("user", user));
    }
}

static void pause_for(struct connection *connection, uint64_t ns)
{
    connection->state = CONNECTION_PAUSED;
    connection->watch.wanted = UV_DISCONNECT;
    fd_watch_start(&connection->watch);
    /* The loop's time may be old; the timer must not fire too early. */
    uv_update_time(&connection->loop->uv);
    deadline_hold(&connection->deadline, (ns + MS - 1) / MS);
}

void connection_end_pause(struct connection *connection)
{
    connection->state = CONNECTION_OPEN;
    connection->watch.wanted = UV_READABLE;
    deadline_continue(&connection->deadline);
}

size_t connection_admit(struct connection *connection, struct bits_text user,
                        size_t size)
{
    const struct config_server *settings = &connection->loop->config->server;
    struct pacer *pacer = &connection->pacer;
    struct pacing_wait wait;

    if (!pacing_applies(settings)) {
        return size;
    }
    if (pacer->portion == 0 || (!pacer->is_of_all && !connection->has_all)) {
        wait = pacing_reserve(
            connection->loop->pacing, pacer,
            &(struct pacing_wish){settings, user, size, uv_hrtime()});
        if (wait.ns > 0 && !connection->has_all) {
            log_once(connection, user, wait.rule);
            pause_for(connection, wait.ns);
            return 0;
        }
    }
    return (size_t)smaller(size, pacer->portion);
}

void connection_received(struct connection *connection, size_t size)
{
    pacing_spend(&connection->pacer, size);
}

void connection_end_transfer(struct connection *connection)
{
    pacing_end(connection->loop->pacing, &connection->pacer, uv_hrtime());
}

void connection_return_portion(struct connection *connection)
{
    if (connection->state == CONNECTION_PAUSED) {
        pacing_return(connection->loop->pacing, &connection->pacer);
    }
}
