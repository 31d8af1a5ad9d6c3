/*
 * client/transfer/refusal.c: see refusal.h.
 */
#include "client/transfer/refusal.h"

#include <string.h>

#include "client/exit.h"

#define STATUS_NOT_FOUND 404

/* No connection was established. */
static bool is_unreachable(uint32_t hresult)
{
    switch (hresult) {
    case 0x80200010: /* no network */
    case 0x80072EE7: /* no such host */
    case 0x80072EFD: /* no connection */
    case 0x80072F7D: /* no TLS */
        return true;
    default:
        return false;
    }
}

enum refusal_scope refusal_scope_of(const struct bits_failure *failure)
{
    enum bits_reason reason = failure->reason;

    if (reason == BITS_REASON_CREDENTIALS_MISSING) {
        return REFUSAL_OF_SERVER;
    }
    if (reason == BITS_REASON_NOT_BITS) {
        /* IIS answers so for single names. */
        return failure->status == STATUS_NOT_FOUND ? REFUSAL_OF_FILE
                                                   : REFUSAL_OF_SERVER;
    }
    if (reason == BITS_REASON_TRANSPORT && is_unreachable(failure->hresult)) {
        return REFUSAL_UNREACHABLE;
    }
    return client_exit_of(failure) == CLIENT_DISTRUST ? REFUSAL_OF_ALL
                                                      : REFUSAL_OF_FILE;
}

bool refusal_is_same(const struct bits_failure *a, const struct bits_failure *b)
{
    return a->reason == b->reason && a->hresult == b->hresult &&
           a->status == b->status && strcmp(a->text, b->text) == 0;
}
