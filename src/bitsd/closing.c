/*
 * bitsd/closing.c: see closing.h.
 */
#include "bitsd/closing.h"

#include <stdlib.h>

#include "store/store.h"
#include "upload/upload.h"

static void run(void *argument)
{
    struct closing *closing = argument;

    if (closing->service) {
        upload_service_wait(closing->service);
        uv_mutex_lock(&closing->mutex);
        closing->waits = false;
        uv_mutex_unlock(&closing->mutex);
        upload_service_free(closing->service);
    }
    if (closing->store) {
        closing->store->ops->close(closing->store);
    }
    (void)uv_async_send(closing->ended);
}

void closing_start(struct closing *closing)
{
    if (uv_mutex_init(&closing->mutex) < 0) {
        abort();
    }
    closing->waits = closing->service != NULL;
    closing->has_thread = uv_thread_create(&closing->thread, run, closing) == 0;
    if (!closing->has_thread) {
        run(closing);
    }
}

void closing_say_waiting(struct closing *closing)
{
    uv_mutex_lock(&closing->mutex);
    if (closing->waits) {
        upload_service_say_waiting(closing->service);
    }
    uv_mutex_unlock(&closing->mutex);
}

void closing_done(struct closing *closing)
{
    if (closing->has_thread) {
        (void)uv_thread_join(&closing->thread);
    }
    uv_mutex_destroy(&closing->mutex);
}
