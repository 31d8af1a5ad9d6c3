/*
 * bench/options.h: the arguments of the bench programs, name=value each.
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    uint64_t port;        /* of 127.0.0.1 */
    uint64_t tls;         /* 1: over TLS */
    uint64_t connections; /* at once; bare: threads */
    uint64_t count;       /* uploads, or requests; 0: until stdin ends */
    uint64_t size;        /* bytes of an upload */
    uint64_t fragment;    /* bytes of a fragment; 0: the whole upload */
    uint64_t cut;         /* bytes after which a connection is cut; 0: never */
    uint64_t interval_us; /* between the requests of a connection */
    const char *name;     /* files are called name-0, name-1 and so on */
    const char *folder;   /* where they lie */
};

/* False, and a line on stderr, when an argument is no good. */
bool options_read(struct options *options, int argc, char **argv);

#endif
