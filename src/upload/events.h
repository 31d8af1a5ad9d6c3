/*
 * upload/events.h: the log lines of a session's life, one for each event.
 */
#ifndef UPLOAD_EVENTS_H
#define UPLOAD_EVENTS_H

#include <stdint.h>

#include "upload/service.h"

/* Events of an active session.  `request` is NULL if its client is gone or no
 * request caused the event. */
void event_created(const struct upload_active *active,
                   const struct upload_request *request);
void event_interrupted(const struct upload_active *active,
                       const struct upload_request *request);
void event_resumed(const struct upload_active *active,
                   const struct upload_request *request);
void event_completed(const struct upload_active *active,
                     const struct upload_request *request);
void event_delivered(const struct upload_active *active,
                     const struct upload_request *request);
void event_ended(const struct upload_active *active,
                 const struct upload_request *request);

/* A refusal with its cause.  detail: the store's words, or empty. */
void event_refused(struct upload_service *service,
                   const struct upload_request *request,
                   struct bits_outcome outcome, const char *detail);

/* HEAD, where the configuration does not allow it. */
void event_head_refused(struct upload_service *service,
                        const struct upload_request *request);

/* What the client lost. */
enum event_loss { EVENT_NO_BYTES, EVENT_BYTES_DELETED };

/* The store deleted the session to make room for a new one. */
void event_evicted(struct upload_service *service, const struct bits_guid *id,
                   enum event_loss loss);

/* Like event_refused(), for a session whose client is gone. */
void event_failed(const struct upload_active *active,
                  struct bits_outcome outcome, const char *detail);

/* A call of the store for a session still runs while the service stops.  call:
 * what it does. */
void event_unanswered(const struct upload_active *active, const char *call);

/* A path that no upload section covers, with the nearest prefix. */
void event_unknown_path(struct upload_service *service,
                        const struct upload_request *request);

#endif
