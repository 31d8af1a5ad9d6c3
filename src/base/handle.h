/*
 * base/handle.h: what logs and tools show of the id of a session.
 *
 * With the whole id a client can continue or cancel a session of anonymous
 * clients, so the id is a credential.  The last digits are random enough to
 * find a session by them.
 */
#ifndef BASE_HANDLE_H
#define BASE_HANDLE_H

#include <openbits/guid.h>

#define HANDLE_LEN 12

/* The last digits, in upper case. */
void handle_of(const struct bits_guid *id, char ret_handle[HANDLE_LEN + 1]);

/* The same of the id in a request, which may be any text; then its end.
 * Returns *ret_handle. */
struct bits_text handle_of_text(struct bits_text id,
                                char ret_handle[HANDLE_LEN + 1]);

#endif
