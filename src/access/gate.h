/*
 * access/gate.h: `access` of the upload sections: finds out who a client is, by
 * one of the ways that its section allows.
 */
#ifndef ACCESS_GATE_H
#define ACCESS_GATE_H

#include "options/list.h"
#include "server/uploads/access.h"

struct gate;
struct log_sink;

/* Returns NULL if memory or threads ran out. */
struct gate *gate_new(struct log_sink *log, const struct config *config);

/* Call when all requests are released.  Accepts NULL. */
void gate_free(struct gate *gate);

/* Returns the checker for server/uploads; borrowed. */
struct access *gate_access(struct gate *gate);

/* Reads the files that a configuration needs before it can be in force. Blocks.
 * Returns false with the reasons in *errors, or with none if memory ran out. */
bool gate_prepare(struct gate *gate, const struct config *config,
                  struct string_list *errors);

/* Puts a prepared configuration in force, at the start and on a reload. */
void gate_configure(struct gate *gate, const struct config *config);

#endif
