/*
 * store/local/rules.h: what the configuration says about a place now, and the
 * place of a prefix.
 */
#ifndef STORE_LOCAL_RULES_H
#define STORE_LOCAL_RULES_H

#include "store/local/private.h"

/* The rules in force. */
struct local_rules local_rules_of(struct store_place *place);

/* What a commit needs that must survive as much as the rules promise. */
enum database_need local_need(struct store_place *place);

/* The open place of a prefix, with local_enter() called on it; NULL: none. */
struct store_place *local_place_enter(struct local_store *store,
                                      const char *prefix);

#endif
