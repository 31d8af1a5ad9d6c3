/*
 * upload/ending.h: a session leaves RECEIVING: delivery, and release.
 *
 * Call these with the session's mutex held.
 */
#ifndef UPLOAD_ENDING_H
#define UPLOAD_ENDING_H

#include "upload/active.h"

/* Starts a delivery: the session becomes DELIVERING and the request its
 * owner. */
void delivery_start(struct upload_active *active,
                    struct upload_request *request);

/* Starts the release that the request asks for: the session becomes BUSY and
 * the request its owner. */
void ending_start(struct upload_active *active, struct upload_request *request,
                  enum bits_packet_type by, struct bits_outcome outcome);

/* Starts the release of a session that seems expired; the store refuses if it
 * was used meanwhile.  Calls ended() at the end, without holding a mutex;
 * `well` tells whether the session has ended. */
void ending_start_expired(struct upload_active *active,
                          void (*ended)(struct upload_service *service,
                                        bool well));

#endif
