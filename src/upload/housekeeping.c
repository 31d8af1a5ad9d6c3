/*
 * upload/housekeeping.c: ends expired sessions and sweeps files without a
 * session.
 *
 * Each step makes one or two calls of the store and handles their results on
 * the store's threads.  An expired session is released like a cancelled one,
 * but only if no request uses it.
 */
#include "upload/housekeeping.h"

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "upload/ending.h"
#include "upload/events.h"
#include "upload/service.h"

/* With a step every two seconds, sweeping the 256 folders of a section takes
 * twelve hours. */
#define SWEEP_EVERY 84

/* How many steps an unused session stays in memory. */
#define WARM_STEPS 1

/* The work of one step; NULL and false: none. */
struct step {
    struct store_place *place; /* where to end expired sessions */
    bool removed;              /* end those of removed sections */
    struct store_place *swept;
    bool stalled; /* release space of stalled fragments */
};

static void start(struct upload_service *service, const struct step *step);

/* The place of the given rule.  Returns NULL if there is nothing to do. */
static struct store_place *next_place(const struct upload_rules *rules,
                                      size_t at)
{
    const struct upload_place *place =
        at < rules->count ? rules->rules[at].place : NULL;

    return place && upload_place_state(place) == BITS_CAUSE_OK ? place->place
                                                               : NULL;
}

/* Call with the mutex held and keeping->rules set. */
static struct step next_step(struct upload_housekeeping *keeping)
{
    struct step step;

    keeping->rule = (keeping->rule + 1) % (keeping->rules->count + 1);
    step = (struct step){
        .place = next_place(keeping->rules, keeping->rule),
        .removed = keeping->rule == keeping->rules->count,
    };
    keeping->full = false;
    keeping->ended = 0;
    keeping->calls = 1 + (step.place || step.removed ? 1U : 0U);
    return step;
}

/* After a full batch every section is checked again at once, until a round
 * finds no full batch.  A section in which no session could be ended waits for
 * the timer. */
static bool must_continue(struct upload_service *service)
{
    struct upload_housekeeping *keeping = &service->housekeeping;

    if (keeping->full) {
        keeping->rounds = keeping->ended > 0 ? keeping->rules->count + 1 : 0;
    }
    if (keeping->rounds == 0 || service->closing) {
        return false;
    }
    keeping->rounds--;
    return true;
}

/* One call of the step has ended.  Returns true if it was the last one and
 * *ret_step must be started. */
static bool leave_step(struct upload_service *service, struct step *ret_step)
{
    struct upload_housekeeping *keeping = &service->housekeeping;
    bool again = false;

    uv_mutex_lock(&service->mutex);
    if (--keeping->calls == 0) {
        again = must_continue(service);
        if (again) {
            *ret_step = next_step(keeping);
        } else {
            upload_rules_unref(keeping->rules);
            keeping->rules = NULL;
            uv_cond_signal(&service->idle);
        }
    }
    uv_mutex_unlock(&service->mutex);
    return again;
}

/* A step counts as a call until it has made all of its calls, so that calls
 * answered at once do not start the next step from within this one. */
static void step_done(struct upload_service *service)
{
    struct step step;

    while (leave_step(service, &step)) {
        start(service, &step);
    }
}

/* Called when an expired session has ended, or when the store failed. */
static void session_ended(struct upload_service *service, bool well)
{
    uv_mutex_lock(&service->mutex);
    service->housekeeping.ended += well;
    uv_mutex_unlock(&service->mutex);
    step_done(service);
}

static void call_done(struct upload_service *service, const char *what,
                      const struct store_op *op)
{
    if (op->outcome.cause != BITS_CAUSE_OK) {
        LOG(service->log, LOG_ERROR, "housekeeping",
            cause_sentence(op->outcome.cause), LOG_TEXT("call", text_of(what)),
            LOG_TEXT("detail", text_of(op->fault.text)));
    }
    step_done(service);
}

static void call_answered(enum store_when when, struct store_op *op)
{
    if (when == STORE_NOW) {
        op->done(op);
    }
}

/* Takes ownership of the row *found. */
static void expire(struct upload_service *service, struct upload_place *place,
                   struct store_session *found)
{
    struct upload_active *active;
    bool is_new;

    active_table_drop(&service->table, &found->id);
    active = active_acquire(&service->table, service, &found->id, &is_new);
    if (!is_new) {
        /* A request uses it, or memory ran out: try again later. */
        store_session_done(found);
    } else {
        uv_mutex_lock(&active->mutex);
        active->row = *found;
        *found = (struct store_session){.prefix = NULL};
        active->row_cause = BITS_CAUSE_OK;
        active->place = upload_place_ref(place);
        uv_mutex_lock(&service->mutex);
        service->housekeeping.calls++;
        uv_mutex_unlock(&service->mutex);
        ending_start_expired(active, session_ended);
        active_unlock(active);
    }
    if (active) {
        active_release(&service->table, active);
    }
}

static void expired_done(struct store_op *op)
{
    struct upload_service *service =
        CONTAINER_OF(op, struct upload_service, housekeeping.expired_op);
    struct upload_housekeeping *keeping = &service->housekeeping;
    struct upload_place *place = keeping->rules->rules[keeping->rule].place;

    uv_mutex_lock(&service->mutex);
    keeping->full = op->outcome.cause == BITS_CAUSE_OK &&
                    keeping->page.count == HOUSEKEEPING_BATCH;
    uv_mutex_unlock(&service->mutex);
    for (size_t i = 0;
         op->outcome.cause == BITS_CAUSE_OK && i < keeping->page.count; i++) {
        expire(service, place, &keeping->found[i]);
    }
    call_done(service, "looking for expired sessions", op);
}

static void sweep_done(struct store_op *op)
{
    call_done(CONTAINER_OF(op, struct upload_service, housekeeping.sweep_op),
              "sweeping a staging folder", op);
}

static void stalled_done(struct store_op *op)
{
    call_done(CONTAINER_OF(op, struct upload_service, housekeeping.stalled_op),
              "looking for stalled fragments", op);
}

static void look_for_stalled(struct upload_service *service)
{
    struct store_op *op = &service->housekeeping.stalled_op;

    *op = (struct store_op){.done = stalled_done};
    call_answered(service->store->ops->give_back_stalled(service->store, op),
                  op);
}

static void look_for_expired(struct upload_service *service,
                             struct store_place *place)
{
    struct upload_housekeeping *keeping = &service->housekeeping;

    keeping->expired_op = (struct store_op){.done = expired_done};
    keeping->page = (struct store_page){.sessions = keeping->found,
                                        .max = HOUSEKEEPING_BATCH};
    call_answered(service->store->ops->expired(place, &keeping->page,
                                               &keeping->expired_op),
                  &keeping->expired_op);
}

static void sweep(struct upload_service *service, struct store_place *place)
{
    struct upload_housekeeping *keeping = &service->housekeeping;

    keeping->sweep_op = (struct store_op){.done = sweep_done};
    call_answered(service->store->ops->sweep(place, &keeping->sweep_op),
                  &keeping->sweep_op);
}

/* --- prefixes without a section --- */

static bool is_kept(struct store_listing *listing, const char *prefix)
{
    return upload_rules_have(
        CONTAINER_OF(listing, struct upload_housekeeping, listing)->rules,
        prefix);
}

static void removed_done(struct store_op *op)
{
    struct upload_service *service =
        CONTAINER_OF(op, struct upload_service, housekeeping.removed_op);

    if (op->outcome.cause == BITS_CAUSE_OK && op->stored > 0) {
        LOG(service->log, LOG_INFO, "prefix-expired",
            "sessions of a prefix without a section have expired",
            LOG_NUMBER("sessions", op->stored));
    }
    call_done(service, "looking for sessions of removed sections", op);
}

static void look_for_removed(struct upload_service *service)
{
    struct upload_housekeeping *keeping = &service->housekeeping;

    keeping->listing = (struct store_listing){.is_kept = is_kept};
    keeping->removed_op = (struct store_op){.done = removed_done};
    call_answered(service->store->ops->expire_removed(
                      service->store, &keeping->listing, &keeping->removed_op),
                  &keeping->removed_op);
}

/* --- a step --- */

static void start(struct upload_service *service, const struct step *step)
{
    if (step->place) {
        look_for_expired(service, step->place);
    }
    if (step->removed) {
        look_for_removed(service);
    }
    if (step->swept) {
        sweep(service, step->swept);
    }
    if (step->stalled) {
        look_for_stalled(service);
    }
}

/* Takes the sections in turn; the store knows which folder is next. */
static struct store_place *next_swept(struct upload_service *service)
{
    struct upload_housekeeping *keeping = &service->housekeeping;

    if (!service->store->ops->sweep) {
        return NULL;
    }
    return next_place(keeping->rules,
                      keeping->sweep_rule++ % keeping->rules->count);
}

void upload_service_housekeep(struct upload_service *service)
{
    struct upload_housekeeping *keeping = &service->housekeeping;
    struct step step;

    active_table_cool(&service->table, WARM_STEPS);
    upload_places_close(&service->places);
    upload_service_visit(service, UPLOAD_VISIT_TIMER);
    uv_mutex_lock(&service->mutex);
    if (keeping->calls > 0) {
        uv_mutex_unlock(&service->mutex);
        return;
    }
    keeping->rules = upload_rules_ref(service->rules);
    keeping->rounds = 0;
    step = next_step(keeping);
    if (keeping->step++ % SWEEP_EVERY == 0) {
        step.swept = next_swept(service);
    }
    step.stalled = service->store->ops->give_back_stalled != NULL;
    keeping->calls += (step.swept ? 1U : 0U) + (step.stalled ? 1U : 0U);
    uv_mutex_unlock(&service->mutex);
    start(service, &step);
    step_done(service);
}
