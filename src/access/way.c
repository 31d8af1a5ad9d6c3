/*
 * access/way.c: see way.h.
 */
#include "access/way.h"

#include <string.h>

#include "cause/cause.h"

enum access_verdict way_deny(struct access_check *check, enum bits_cause cause,
                             uint32_t retry_after)
{
    check->outcome = cause_outcome(cause);
    check->outcome.retry_after = retry_after;
    return ACCESS_DENIED;
}

enum access_verdict way_grant(struct access_check *check, struct bits_text user)
{
    check->user = strndup(user.ptr, user.len);
    return check->user ? ACCESS_GRANTED : way_deny(check, CAUSE_OVERLOADED, 0);
}
