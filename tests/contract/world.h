/*
 * tests/contract/world.h: a store in a temporary folder, a clock to turn, and
 * the asynchronous calls as plain functions that wait.
 *
 * WORLD_STORE in the environment says which store it is: "local", the default,
 * "memory", or "later" for one in memory that answers each call later.
 */
#ifndef TESTS_CONTRACT_WORLD_H
#define TESTS_CONTRACT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <uv.h>

#include "injector.h"
#include "os/clock.h"
#include "store/local/local.h"
#include "store/memory/memory.h"
#include "store/store.h"

struct world;

/* A kind of store, and what lies in it.  Names are those below the root. */
struct world_backend {
    struct store *(*open)(struct world *world, struct fault *ret_fault);
    void (*free)(struct world *world); /* may be NULL */
    void (*write)(struct world *world, const char *name, const char *text);
    void (*remove)(struct world *world, const char *name);
    /* Terminated; the caller frees it.  NULL: there is no such file. */
    char *(*read)(struct world *world, const char *name, size_t *ret_size);
    void (*make_folder)(struct world *world, const char *name);
    size_t (*count_files)(struct world *world, const char *folder);
    size_t (*count_staged)(struct world *world);
};

extern const struct world_backend world_local;
extern const struct world_backend world_memory;
extern const struct world_backend world_later;

/* No disk is so slow; it only turns a hang into a failure. */
#define WORLD_PATIENCE_MS 100000

struct world {
    const struct world_backend *backend;
    char folder[64]; /* holds everything; the rest lies below it */
    char root[96];
    char state[128];
    char staging[160]; /* empty: ROOT/.bitsd */
    int64_t wall;      /* seconds since 1970 */
    int64_t running;   /* seconds since the machine started */
    struct os_clock clock;
    struct store_section section;
    struct local_section own;    /* section.own */
    unsigned workers;            /* threads that wait for the disk; 0: some */
    uint64_t max_ended_sessions; /* 0: no limit */
    unsigned patience_ms;        /* that world_teardown() has, */
    uv_thread_t closer;          /* which closes the store here */
    bool closing;
    bool closed;                 /* atomic */
    const char *destination;     /* of new sessions; NULL: none of their own */
    uint64_t own_folders;        /* of new sessions */
    const char *address;         /* of the client that creates; NULL: none */
    int64_t once_until;          /* of its user; 0: no such rule */
    struct store_keeper *keeper; /* asked by world_create(); may be NULL */
    struct store_memory *memory; /* NULL: another store */
    struct store *store;
    const struct store_ops *ops;
    struct store_place *place;

    struct store_op op; /* of the last asynchronous call */
    struct fault fault;
    bool may_come;     /* the last place that was refused */
    unsigned warnings; /* for the administrator */

    uv_mutex_t trouble_mutex;
    uv_cond_t trouble_told;
    unsigned troubles; /* failures in the background; guarded by it */
};

/* What follows the bytes of a fragment. */
enum world_after {
    WORLD_SETTLE,
    WORLD_COMPLETE, /* deliver() is next */
};

/* cmocka fixtures; *state is a struct world.  Teardown ends the injector's
 * rules.  If a file is still open, it fails, and may be called again. */
int world_setup(void **state);
int world_setup_not_durable(void **state);
int world_teardown(void **state);

#define WORLD_DURABLE(name)                                                    \
    cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define WORLD_NOT_DURABLE(name)                                                \
    cmocka_unit_test_setup_teardown(name, world_setup_not_durable,             \
                                    world_teardown)

/* main() of tests that run with each durability: TESTS(TEST) lists them. */
#define WORLD_MAIN_TWICE(TESTS)                                                \
    int main(void)                                                             \
    {                                                                          \
        const struct CMUnitTest durable[] = {TESTS(WORLD_DURABLE)};            \
        const struct CMUnitTest not_durable[] = {TESTS(WORLD_NOT_DURABLE)};    \
                                                                               \
        return cmocka_run_group_tests_name("durability final", durable, NULL,  \
                                           NULL) +                             \
               cmocka_run_group_tests_name("durability none", not_durable,     \
                                           NULL, NULL);                        \
    }

void world_open(struct world *world);

/* Opens the place alone. */
enum bits_cause world_place_open(struct world *world);
void world_close(struct world *world);
void world_reopen(struct world *world);

/* Makes and fills the struct; opens nothing.  base may be NULL. */
struct world *world_new(const char *base);
void world_free(struct world *world);

/* Blocks until the store has told of `least` failures in the background. */
void world_wait_troubles(struct world *world, unsigned least);

struct store *world_store_open(struct world *world, struct fault *ret_fault);

/* Puts world->section in force. */
void world_reconfigure(struct world *world);

/* Time passes while the server runs. */
void world_pass(struct world *world, int64_t seconds);

/* --- sessions; causes are asserted to be OK unless they are returned ----- */

/* The number stands at the end; its last byte chooses the folder. */
struct bits_guid world_id(unsigned number);

enum bits_cause world_create(struct world *world, struct bits_guid id,
                             const char *name, const char *user);
enum bits_cause world_find(struct world *world, struct bits_guid id,
                           struct store_session *session);
enum bits_cause world_learn(struct world *world, struct store_session *session);
enum bits_cause world_finish(struct world *world, struct store_session *session,
                             struct store_file *file);
enum bits_cause world_record(struct world *world,
                             const struct store_session *session,
                             struct bits_outcome outcome);
enum bits_cause world_end(struct world *world, struct store_session *session,
                          struct store_ending ending);
size_t world_expired(struct world *world, struct store_session *sessions,
                     size_t max);

size_t world_list(struct world *world, struct store_cursor *cursor,
                  struct store_session *sessions, size_t max);
enum bits_cause world_save(struct world *world, struct store_file *file);
enum bits_cause world_look(struct world *world, const char *name,
                           bool *ret_found, uint64_t *ret_size);

/* As many steps as go through all staging folders. */
enum bits_cause world_sweep(struct world *world);
uint64_t world_count(struct world *world);

/* A call that the test makes itself: begin(), called() with what the call with
 * its op returns, wait(), which leaves a copy of the op in world->op. */
struct world_call {
    struct store_op op;
    uv_thread_t caller;
    uv_sem_t done;
};

void world_call_begin(struct world_call *call);
void world_called(struct world_call *call, enum store_when when);
enum bits_cause world_call_wait(struct world *world, struct world_call *call);

/* The row of a session that exists. */
struct store_session world_row(struct world *world, struct bits_guid id);

/* Opens, and says how much is stored. */
struct store_file *world_file(struct world *world,
                              struct store_session *session,
                              uint64_t *ret_stored);

/* A new session; its row has learnt that its upload has `total` bytes. */
struct store_session world_session(struct world *world, struct bits_guid id,
                                   const char *name, uint64_t total);

/* Creates "file", session 1, opens it, and has seen a Fragment of an upload of
 * `total` bytes, which its row has not learnt. */
struct store_file *world_begin(struct world *world,
                               struct store_session *session, uint64_t total);

/* The same with all bytes stored. */
struct store_file *world_begin_all(struct world *world,
                                   struct store_session *session,
                                   uint64_t total);

/* Asserts that an upload of session 1 that is too large for every disk is
 * refused. */
void world_assert_too_large(struct world *world);

/* These put op->fault into world->fault. */
enum bits_cause world_check_name(struct world *world, struct store_place *place,
                                 const char *name);
enum bits_cause world_file_open(struct world *world,
                                struct store_session *session,
                                struct store_file **ret_file,
                                uint64_t *ret_stored);
enum bits_cause world_begin_at(struct world *world, struct store_file *file,
                               uint64_t stored, uint64_t length);
enum bits_cause world_append(struct world *world, struct store_file *file,
                             struct os_bytes bytes, uint64_t *ret_stored);

struct os_bytes world_bytes(const void *data, size_t size);

/* Stores bytes [from, to) of the pattern as one fragment of a file of
 * session->total bytes, in pieces from memory and from a pipe in turn. */
enum bits_cause world_store(struct world *world, struct store_file *file,
                            uint64_t from, uint64_t to, enum world_after after);

/* Session 1 with "file" open, whose row has learnt its total and which has the
 * first `stored` bytes. */
struct store_file *world_begin_stored(struct world *world,
                                      struct store_session *session,
                                      uint64_t total, uint64_t stored,
                                      enum world_after after);

/* Stores the bytes from `from` on as one fragment, delivers the upload, closes
 * the file and compares what was delivered. */
void world_deliver(struct world *world, struct store_session *session,
                   struct store_file *file, uint64_t from);

/* Create, one fragment of the whole pattern, deliver. */
enum bits_cause world_upload(struct world *world, struct bits_guid id,
                             const char *name, uint64_t total);

/* Byte `at` of every test file. */
unsigned char world_byte(uint64_t at);

/* --- files below the root ------------------------------------------------ */

void world_write(struct world *world, const char *name, const char *text);
void world_mkdir(struct world *world, const char *name);
void world_remove(struct world *world, const char *name);

/* The delivered file holds exactly the first `total` bytes of the pattern. */
void world_assert_file(struct world *world, const char *name, uint64_t total);
void world_assert_text(struct world *world, const char *name, const char *text);

/* How many files lie in a folder below the root, folders not counted. */
size_t world_count_files(struct world *world, const char *name);

/* Sessions with bytes that were not delivered. */
size_t world_count_staged(struct world *world);

/* --- more than one call -------------------------------------------------- */

/* Makes a session with `bytes` bytes of a larger file. */
void world_start_upload(struct world *world, struct bits_guid id,
                        uint64_t bytes);

/* Opens the file, which has `from` bytes, and stores up to `to`. */
void world_append_until(struct world *world, struct store_session *session,
                        uint64_t from, uint64_t to);

/* Delivers a session whose delivery failed before. */
enum bits_cause world_finish_again(struct world *world, struct bits_guid id);

/* Ends it as Cancel-Session does. */
void world_cancel(struct world *world, struct bits_guid id);

/* Asserts that the session is there and does not count as expired. */
void world_assert_alive(struct world *world, struct bits_guid id);

/* Asserts that the world's only session has expired, and removes it. */
void world_assert_over(struct world *world, struct bits_guid id);

/* Makes session 1, without bytes, an hour ago. */
void world_start_hour(struct world *world);

/* Asserts that it has the rest of its day and an eighth before it. */
void world_assert_has_the_rest(struct world *world);

/* --- the local store alone ----------------------------------------------- */

bool world_exists(struct world *world, const char *name);

/* The path of a session's staged file. */
void world_staged_path(struct world *world, struct bits_guid id, char *path,
                       size_t size);

#endif
