/*
 * access/way.h: one way to sign in, for example with a name and a password.
 *
 * gate.c has a list of them.  The functions run on the event thread of a
 * connection and must not block, but for those that say so.
 */
#ifndef ACCESS_WAY_H
#define ACCESS_WAY_H

#include "options/list.h"
#include "server/uploads/access.h"

struct log_sink;
struct way;

struct way_ops {
    enum config_choice word; /* of `access`: the sections that allow it */

    /* The name in front of the value of Authorization, and what a client
     * without it is told in WWW-Authenticate.  NULL for a way whose credentials
     * come in another place. */
    const char *scheme;
    const char *challenge;

    /* Why a request without credentials is denied if no way of the section has
     * a challenge; 0: SIGN_IN_MISSING. */
    enum bits_cause missing;

    /* The credentials are a secret that others must not read on its way. */
    bool needs_tls;

    /* Whether the request brings credentials of this way, right or wrong.  A
     * way with a scheme has it only if a connection can be signed in: the
     * request is one without Authorization. */
    bool (*claims)(struct way *way, const struct access_check *check);

    /* Decides as access_ops.ask() does.  value is that of Authorization, with
     * the scheme, and empty for a way without one and for a request without
     * that field.  check->challenges is set already. */
    enum access_verdict (*ask)(struct way *way, struct access_check *check,
                               struct bits_text value);

    /* As access_ops.forget().  NULL: it never answers later. */
    void (*forget)(struct way *way, struct access_check *check);

    /* Reads the files that a configuration names.  Blocks.  False: *errors says
     * what is wrong with them, or nothing if memory is short.  NULL, here and
     * below: nothing to do. */
    bool (*prepare)(struct way *way, const struct config *config,
                    struct string_list *errors);

    /* Puts a prepared configuration in force.  Requests under the one before it
     * still find its files. */
    void (*configure)(struct way *way, const struct config *config);

    /* No check is pending. */
    void (*free)(struct way *way);
};

struct way {
    const struct way_ops *ops;
};

/* What ask() returns, or decided() later. */
enum access_verdict way_grant(struct access_check *check,
                              struct bits_text user);
enum access_verdict way_deny(struct access_check *check, enum bits_cause cause,
                             uint32_t retry_after);

#endif
