/*
 * bitsd/listening.h: the listeners of a configuration, or those that the
 * service manager passes, each with its kind of stream.
 */
#ifndef BITSD_LISTENING_H
#define BITSD_LISTENING_H

#include <stddef.h>

#include "config/config.h"
#include "server/listener.h"
#include "server/stream/tls.h"

struct listening {
    struct listener *listeners;
    size_t count;
};

/* Opens all of them, for the handler.  Returns false with the reason if one
 * fails.  Close it in any case. */
bool listening_open(struct listening *listening, const struct config *config,
                    const struct tls *tls, struct handler *handler,
                    struct fault *ret_fault);
void listening_close(struct listening *listening);

/* Does any of them require certificates of clients? */
bool listening_requires_certificates(const struct listening *listening,
                                     const struct tls *tls);

#endif
