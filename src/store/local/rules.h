/*
 * store/local/rules.h: the present configuration of a place, and the place of a
 * prefix.
 */
#ifndef STORE_LOCAL_RULES_H
#define STORE_LOCAL_RULES_H

#include "store/local/private.h"

/* The present rules. */
struct local_rules local_rules_of(struct store_place *place);

/* How durable a commit must be under the rules. */
enum database_need local_need(struct store_place *place);

/* The open place of a prefix, after calling local_enter() on it.  Returns NULL
 * if no place is open. */
struct store_place *local_place_enter(struct local_store *store,
                                      const char *prefix);

#endif
