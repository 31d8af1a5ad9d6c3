/*
 * bitsd/closing.h: the end of the upload service and of the store, on a thread
 * of its own: the main thread need not wait for a disk that does not answer.
 */
#ifndef BITSD_CLOSING_H
#define BITSD_CLOSING_H

#include <stdbool.h>

#include <uv.h>

/* So long the end waits for the store.  systemd waits longer: TimeoutStopSec in
 * packaging/bitsd.service. */
#define CLOSING_MS 60000

struct store;
struct upload_service;

struct closing {
    struct upload_service *service; /* may be NULL */
    struct store *store;            /* may be NULL */
    uv_async_t *ended;              /* is sent when both are gone */
    uv_thread_t thread;
    bool has_thread;
    uv_mutex_t mutex; /* guards: */
    bool waits;       /* for the calls of the service, which exists */
};

/* Begins to release both.  Blocks where no thread can be made. */
void closing_start(struct closing *closing);

/* Logs some of the store's calls that the service waits for.  Between
 * closing_start() and closing_done(). */
void closing_say_waiting(struct closing *closing);

/* After `ended`. */
void closing_done(struct closing *closing);

#endif
