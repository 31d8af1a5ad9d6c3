/*
 * upload/ending.h: a session leaves RECEIVING: delivery, and release.
 *
 * The session's mutex is held in all of these.
 */
#ifndef UPLOAD_ENDING_H
#define UPLOAD_ENDING_H

#include "upload/active.h"

/* Starts a delivery; the session is DELIVERING afterwards and the request its
 * owner. */
void delivery_start(struct upload_active *active,
                    struct upload_request *request);

/* Starts the release that the request, the owner afterwards, asks for; the
 * session is BUSY. */
void ending_start(struct upload_active *active, struct upload_request *request,
                  enum bits_packet_type by, struct bits_outcome outcome);

/* Starts the release of a session that was found expired: the store refuses if
 * it was used meanwhile.  ended() is called at the end, without a mutex held,
 * with `well` if the session has ended. */
void ending_start_expired(struct upload_active *active,
                          void (*ended)(struct upload_service *service,
                                        bool well));

#endif
