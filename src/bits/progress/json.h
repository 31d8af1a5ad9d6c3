/*
 * bits/progress/json.h: an event of a transfer as a JSON object; watch.h
 * documents the names.
 */
#ifndef BITS_PROGRESS_JSON_H
#define BITS_PROGRESS_JSON_H

#include <jansson.h>

#include "client/transfer/watcher.h"

/* id: of a job of the queue, or NULL. next_try: of a WAIT, seconds since 1970.
 * The caller owns the result.  Returns NULL if memory ran out. */
json_t *progress_json(const struct watch_event *event, const char *id,
                      int64_t next_try);

#endif
