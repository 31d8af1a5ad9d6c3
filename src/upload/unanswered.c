/*
 * upload/unanswered.c: the stop of the service: it waits for the store, and
 * says for which calls.
 */
#include "base/log.h"
#include "upload/events.h"
#include "upload/service.h"

/* Sessions that are named in one go. */
#define NAMED_MAX 16

void upload_service_wait(struct upload_service *service)
{
    uv_mutex_lock(&service->mutex);
    service->closing = true;
    while (service->housekeeping.calls > 0 || service->visits > 0 ||
           service->looks > 0) {
        uv_cond_wait(&service->idle, &service->mutex);
    }
    uv_mutex_unlock(&service->mutex);
    active_table_wait(&service->table);
}

/* The session's mutex is held.  NULL: none. */
static const char *call_of(const struct upload_active *active)
{
    switch (active->phase) {
    case ACTIVE_LOADING:
        return active->place ? "opening the data file" : "reading the row";
    case ACTIVE_STORING:
        return "storing bytes";
    case ACTIVE_DELIVERING:
        return "delivering";
    case ACTIVE_BUSY:
        return "making or releasing the session";
    case ACTIVE_READY:
        break;
    }
    if (active->saving) {
        return "saving bytes";
    }
    return active->learning == LEARNING || active->learning == LEARNING_MORE
               ? "committing the row"
               : NULL;
}

static void say_session(struct upload_active *active)
{
    const char *call;

    uv_mutex_lock(&active->mutex);
    call = call_of(active);
    if (call) {
        event_unanswered(active, call);
    }
    uv_mutex_unlock(&active->mutex);
}

static void say_others(struct upload_service *service)
{
    unsigned calls;
    unsigned visits;
    size_t looks;

    uv_mutex_lock(&service->mutex);
    calls = service->housekeeping.calls;
    visits = service->visits;
    looks = service->looks;
    uv_mutex_unlock(&service->mutex);
    if (calls > 0 || visits > 0 || looks > 0) {
        LOG(service->log, LOG_WARNING, "unanswered",
            "the store has not answered calls that belong to no session",
            LOG_NUMBER("housekeeping", calls), LOG_NUMBER("visits", visits),
            LOG_NUMBER("head", looks));
    }
}

void upload_service_say_waiting(struct upload_service *service)
{
    struct upload_active *sessions[NAMED_MAX];
    size_t count = active_table_borrow(&service->table, sessions, NAMED_MAX);

    for (size_t i = 0; i < count; i++) {
        say_session(sessions[i]);
        active_release(&service->table, sessions[i]);
    }
    say_others(service);
}
