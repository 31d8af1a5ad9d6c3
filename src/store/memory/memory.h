/*
 * store/memory/memory.h: a store in the memory of the process, for unit tests
 * and for programs that embed the upload service.
 *
 * It keeps the promises of store/store.h with one exception: nothing outlives
 * the process.  Sessions, their bytes and delivered files are lost with it, so
 * `durability` has no effect.
 *
 * begin(), append(), settle(), complete() and file_close() abort the process if
 * an earlier begin() or append() of the file is not answered yet.
 *
 * A name such as "a/b" is one text: no folder can be missing, and the server
 * needs no names of its own. section->own is ignored.  Places with the same
 * prefix share their files and the section that was set last.  A Create at a
 * limit of sessions, list() and the search for expired sessions visit every
 * session.
 */
#ifndef STORE_MEMORY_MEMORY_H
#define STORE_MEMORY_MEMORY_H

#include "os/clock.h"
#include "store/store.h"

/* Sessions, bytes and delivered files.  Several stores may use one memory at
 * the same time, each like a separate process: find() of one store takes the
 * session from the others. */
struct store_memory;

/* Returns NULL if memory ran out.  The caller frees it after closing its
 * stores. */
struct store_memory *store_memory_new(void);
void store_memory_free(struct store_memory *memory);

struct store_memory_options {
    struct store_memory *memory;
    const struct os_clock *clock; /* NULL: the system's; must outlive the
                                     store */
    uint64_t max_bytes; /* of all files, including delivered ones; 0: no
                           limit */
    uint64_t max_ended_sessions; /* sessions whose ending is remembered; 0:
                                    all */
    bool write_behind; /* appended bytes belong to this store alone until
                          save(), file_close() or deliver(); another store that
                          takes the session does not find them */

    /* Decides how to answer a call: `call` is its name in struct store_ops.
     * NULL: all of them now.  Calls that are answered later wait for
     * store_memory_answer().  Any thread, under locks of the caller. */
    enum store_when (*when)(void *context, const char *call);

    /* An append() that `when` delays is answered now if at most so many bytes
     * were appended since the last store_memory_answer(). */
    uint64_t high_water;
    void *context;
};

/* Returns NULL if memory ran out.  The options are not used after it
 * returns. */
struct store *store_memory_open(const struct store_memory_options *options);

/* Runs and answers waiting calls, oldest first, on this thread; at most `max`,
 * including calls made meanwhile.  Returns how many.  Do not hold a lock that a
 * done() takes. place_close() and close() do the same for the calls that they
 * wait for. */
size_t store_memory_answer(struct store *store, size_t max);

/* --- delivered files; any thread ----------------------------------------- */

/* Returns false if there is no such file, or if memory ran out.  The caller
 * frees *ret_data, which is terminated. */
bool store_memory_get(struct store_memory *memory, const char *prefix,
                      const char *name, char **ret_data, uint64_t *ret_size);

/* Replaces or creates a file.  Returns false if memory ran out. */
bool store_memory_put(struct store_memory *memory, const char *prefix,
                      const char *name, struct bits_text data);

/* Returns false if there is no such file. */
bool store_memory_remove(struct store_memory *memory, const char *prefix,
                         const char *name);

struct store_memory_use {
    size_t delivered;  /* files */
    size_t unfinished; /* sessions with bytes that are not delivered */
    uint64_t bytes;    /* of both */
};

struct store_memory_use store_memory_measure(struct store_memory *memory);

#endif
