/*
 * store/memory/answering.h: runs a call now, or keeps it until
 * store_memory_answer().
 */
#ifndef STORE_MEMORY_ANSWERING_H
#define STORE_MEMORY_ANSWERING_H

#include "store/memory/inside.h"

struct memory_call {
    const char *name; /* its name in struct store_ops */
    /* Runs the call under the memory's mutex. */
    enum bits_cause (*run)(struct memory_call *call);
    struct memory_store *store; /* NULL: use the place's */
    struct store_place *place;  /* NULL: the call has no place */
    struct store_op *op;
    struct memory_call *next;

    /* Arguments; each call uses some of them. */
    struct store_session *session;
    struct store_session copy; /* without its texts */
    struct store_keeper *keeper;
    const struct store_ending *ending;
    struct store_page *page;
    struct store_cursor *cursor;
    struct store_listing *listing;
    struct store_file *file;
    struct store_file **ret_file;
    const char *text; /* a name or a prefix */
    bool *ret_found;
    uint64_t *ret_number;
    uint64_t stored;
    uint64_t length;
    uint32_t retry_after; /* of the answer */
    uint64_t weight;      /* bytes appended by this call */
    enum bits_cause cause;
    const char *detail;
};

/* Runs the call now, or copies it for later. */
enum store_when memory_ask(struct memory_call *call);

/* Blocks until the counter of busy calls is 0; meanwhile answers waiting
 * calls. */
void memory_wait(struct memory_store *store, const size_t *busy);

/* Writes why a call fails, and returns the cause. */
enum bits_cause memory_fail(struct memory_call *call, enum bits_cause cause,
                            const char *detail);

#endif
