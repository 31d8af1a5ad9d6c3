/*
 * store/local/quiet.c: when a session's time is over.
 *
 * A server that was off for two weeks must not forget its clients before they
 * could speak, and a wall clock that was set wrong must not either: nothing
 * expires for two hours after a start and after a jump of the wall clock,
 * which shows against the clock that only runs.
 */
#include "store/local/data.h"

#define QUIET_SECONDS ((int64_t)2 * 60 * 60)

/* NTP moves a clock by less than this between two looks. */
#define JUMP_SECONDS 60

static int64_t running(const struct local_store *store)
{
    return store->clock->running(store->clock->context);
}

void local_quiet_start(struct local_store *store)
{
    store->quiet.offset = local_now(store) - running(store);
    store->quiet.until = running(store) + QUIET_SECONDS;
}

bool local_is_quiet(struct local_store *store)
{
    int64_t now = running(store);
    int64_t offset = local_now(store) - now;
    int64_t jump;
    bool quiet;

    uv_mutex_lock(&store->mutex);
    jump = offset - store->quiet.offset;
    store->quiet.offset = offset;
    if (jump > JUMP_SECONDS || jump < -JUMP_SECONDS) {
        store->quiet.until = now + QUIET_SECONDS;
    }
    quiet = now < store->quiet.until;
    uv_mutex_unlock(&store->mutex);
    return quiet;
}

int64_t local_lifetime(const struct config_upload *rules, bool empty)
{
    uint64_t timeout =
        empty ? rules->empty_session_timeout : rules->session_timeout;

    /* The row's active_at may be an eighth behind. */
    if (__builtin_add_overflow(timeout, timeout / 8, &timeout) ||
        timeout > INT64_MAX / 2) {
        return INT64_MAX / 2;
    }
    return (int64_t)timeout;
}

bool local_is_over(struct local_store *store, const struct config_upload *rules,
                   const struct store_session *session)
{
    bool empty = session->state == STORE_RECEIVING && !session->stored_any;

    return session->state < STORE_ENDING &&
           local_now(store) - session->active_at >=
               local_lifetime(rules, empty) &&
           !local_is_quiet(store) && !data_is_held(store, &session->id);
}
