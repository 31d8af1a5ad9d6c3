/*
 * client/exit.c: see exit.h.
 */
#include "client/exit.h"

/* The server's certificate is invalid or for another host; the server requires
 * or refuses a client certificate. */
#define HRESULT_CERTIFICATE 0x80072F8Fu
#define HRESULT_CLIENT_CERTIFICATE 0x80072F0Cu

enum client_exit client_exit_of(const struct bits_failure *failure)
{
    if (failure->reason == BITS_REASON_LOCAL) {
        return CLIENT_LOCAL;
    }
    if (failure->reason == BITS_REASON_CREDENTIALS_MISSING ||
        failure->reason == BITS_REASON_CREDENTIALS_REFUSED ||
        failure->status == 401 || failure->status == 407 ||
        failure->hresult == HRESULT_CERTIFICATE ||
        failure->hresult == HRESULT_CLIENT_CERTIFICATE) {
        return CLIENT_DISTRUST;
    }
    return failure->temporary ? CLIENT_TEMPORARY : CLIENT_REFUSED;
}
