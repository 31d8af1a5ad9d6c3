/*
 * store/memory/memory.h: a store in the memory of the process, for unit tests
 * and for programs that embed the upload service.
 *
 * It keeps the promises of store/store.h with one exception: nothing outlives
 * the process.  Sessions, their bytes and delivered files are lost with it, and
 * `durability` has no meaning.
 *
 * begin(), append(), settle(), complete() and file_close() abort the process if
 * an earlier begin() or append() of the file is not answered yet.
 *
 * A name such as "a/b" is one text: there are no folders that could be missing,
 * and no names that the server itself needs.  section->own is not read.  Places
 * with the same prefix have the same files and the section that was set last.
 * A Create at a limit of sessions, list() and the search for expired sessions
 * look at every session in turn.
 */
#ifndef STORE_MEMORY_MEMORY_H
#define STORE_MEMORY_MEMORY_H

#include "os/clock.h"
#include "store/store.h"

/* Sessions, bytes and delivered files.  Several stores may use one memory at
 * the same time, each as if it were a process of its own: find() of one store
 * takes the session from the others. */
struct store_memory;

/* NULL: no memory.  The caller frees it once its stores are closed. */
struct store_memory *store_memory_new(void);
void store_memory_free(struct store_memory *memory);

struct store_memory_options {
    struct store_memory *memory;
    const struct os_clock *clock; /* NULL: the system's; lives as the store */
    uint64_t max_bytes; /* of all files, also of those that were delivered; 0:
                           no limit */
    uint64_t max_ended_sessions; /* of which an answer is remembered; 0: all */
    bool write_behind; /* appended bytes belong to this store alone until
                          save(), file_close() or deliver(); another store that
                          takes the session does not find them */

    /* How to answer a call: `call` is its name in struct store_ops.  NULL: all
     * of them now.  Calls that are answered later wait for
     * store_memory_answer().  Any thread, under locks of the caller. */
    enum store_when (*when)(void *context, const char *call);

    /* append() that should be answered later is answered now as long as no more
     * than so many bytes were appended since the last store_memory_answer(). */
    uint64_t high_water;
    void *context;
};

/* NULL: no memory.  The options may go once it returns. */
struct store *store_memory_open(const struct store_memory_options *options);

/* Carries out the calls that wait, oldest first, and answers them on this
 * thread; at most `max`, and also those that are made meanwhile.  Returns how
 * many.  No lock that a done() takes may be held.  place_close() and close() do
 * the same with what they have to wait for. */
size_t store_memory_answer(struct store *store, size_t max);

/* --- delivered files; any thread ----------------------------------------- */

/* False: there is no such file, or no memory.  The caller frees *ret_data,
 * which is terminated. */
bool store_memory_get(struct store_memory *memory, const char *prefix,
                      const char *name, char **ret_data, uint64_t *ret_size);

/* Replaces a file or makes one.  False: no memory. */
bool store_memory_put(struct store_memory *memory, const char *prefix,
                      const char *name, struct bits_text data);

/* False: there is no such file. */
bool store_memory_remove(struct store_memory *memory, const char *prefix,
                         const char *name);

struct store_memory_use {
    size_t delivered;  /* files */
    size_t unfinished; /* sessions with bytes that were not delivered */
    uint64_t bytes;    /* of both */
};

struct store_memory_use store_memory_measure(struct store_memory *memory);

#endif
