/*
 * bench/durable.h: the file-system calls of a durable delivery and nothing
 * else: no HTTP, no index.
 */
#ifndef BENCH_DURABLE_H
#define BENCH_DURABLE_H

#include "options.h"

/* options->count files of options->size bytes by options->connections threads;
 * prints a line of JSON.  Returns an exit status. */
int durable_run(const struct options *options);

#endif
