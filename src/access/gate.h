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

/* NULL: no memory or no threads. */
struct gate *gate_new(struct log_sink *log, const struct config *config);

/* No request may be left.  Accepts NULL. */
void gate_free(struct gate *gate);

/* For the uploads. */
struct access *gate_access(struct gate *gate);

/* Reads the files that a configuration needs before it can be in force. Blocks.
 * False: *errors says why it cannot, or nothing if memory is short. */
bool gate_prepare(struct gate *gate, const struct config *config,
                  struct string_list *errors);

/* Puts a prepared configuration in force, at the start and on a reload. */
void gate_configure(struct gate *gate, const struct config *config);

#endif
