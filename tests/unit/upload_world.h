/*
 * tests/unit/upload_world.h: the upload service on a store in memory, and
 * clients that send it packets.
 *
 * Everything runs on the thread of the test.  A call of the store that is
 * answered later waits until the test answers it.
 */
#ifndef TESTS_UNIT_UPLOAD_WORLD_H
#define TESTS_UNIT_UPLOAD_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "config/config.h"
#include "os/clock.h"
#include "store/memory/memory.h"
#include "upload/upload.h"

struct upload_world {
    struct log_sink log;
    struct os_clock clock;
    int64_t wall;
    int64_t running;
    struct store_memory *memory;
    struct store *store;
    struct store_ops ops; /* of the store; a test may replace some */
    struct config *config;
    struct upload_service *service;
    const char *later;    /* the call that is answered later; "*": each one;
                             NULL: none */
    unsigned asked_later; /* how many were */
    unsigned refused;     /* log events "refused"; atomic */
    unsigned resumed;     /* the same of "resumed" */
};

/* A world whose options a test may change before it starts. */
struct upload_options {
    bool write_behind;
    uint64_t high_water;
    /* NULL: world->later decides.  context is handed to it. */
    enum store_when (*when)(void *context, const char *call);
    void *context;
};

/* cmocka fixtures; *state is a struct upload_world. */
int upload_world_setup(void **state);
int upload_world_teardown(void **state);

struct upload_world *upload_world_new(struct upload_options options);

/* Fails if a session, a place or a request is left. */
void upload_world_free(struct upload_world *world);

/* Answers calls that wait, until none is left.  Returns how many. */
size_t upload_world_answer(struct upload_world *world);

/* Takes sessions that no request uses out of the table: the next packet loads
 * the row again. */
void upload_world_forget(struct upload_world *world);

/* A byte of every file. */
char upload_world_byte(uint64_t at);

/* Asserts that a file was delivered and has the first `total` bytes of the
 * pattern. */
void upload_world_assert_file(struct upload_world *world, const char *name,
                              uint64_t total);

/* Session id as a client names it. */
struct upload_id {
    char text[BITS_GUID_TEXT_LEN + 1];
};

/* Finds the session, as a packet that reaches another server does. */
void upload_world_take_session(struct upload_world *world,
                               const struct upload_id *id);

/* One packet. */
struct upload_client {
    struct upload_world *world;
    struct upload_request request;
    enum upload_verdict verdict; /* the last one */
    bool ready;                  /* and upload_resume() was not called since */
    bool cut;
    uint64_t at; /* offset of the next byte of the body */
    char path[64];
};

/* These hand the packet in; client->verdict says what came of it. */
void client_ping(struct upload_client *client, struct upload_world *world);
void client_create(struct upload_client *client, struct upload_world *world,
                   const char *name);
/* bytes [from, to) of `total` */
void client_fragment(struct upload_client *client, struct upload_world *world,
                     const struct upload_id *id, const uint64_t range[3]);
void client_close(struct upload_client *client, struct upload_world *world,
                  const struct upload_id *id);
void client_cancel(struct upload_client *client, struct upload_world *world,
                   const struct upload_id *id);

/* Stores the next bytes of the body.  The client must have been told RECEIVE.
 */
void client_send(struct upload_client *client, size_t size);
void client_end(struct upload_client *client, enum bits_body_end end);

/* upload_resume(), after ready(). */
void client_resume(struct upload_client *client);

/* Resumes while the client is ready. */
void client_resume_all(struct upload_client *client);

/* Answers and resumes until the verdict is not PENDING. */
void client_wait(struct upload_client *client);

/* Asserts the verdict ANSWER with this cause. */
void client_assert_answer(const struct upload_client *client,
                          enum bits_cause cause);
/* The same, with the offset of the next byte. */
void client_assert_next(const struct upload_client *client,
                        enum bits_cause cause, uint64_t next);
void client_release(struct upload_client *client);

/* The rest of the body. */
void client_send_last(struct upload_client *client, size_t size);

/* Wait, assert, and release. */
void client_expect_answer(struct upload_client *client, enum bits_cause cause);
void client_expect_next(struct upload_client *client, enum bits_cause cause,
                        uint64_t next);

/* --- whole packets: wait, assert, release -------------------------------- */

/* A new session for a file of this name. */
struct upload_id upload_create(struct upload_world *world, const char *name);

/* A new session for "file", whose client is sending all `total` bytes in one
 * Fragment, and has sent the first ones. */
void upload_start(struct upload_world *world, struct upload_id *ret_id,
                  struct upload_client *ret_client, uint64_t total,
                  size_t sent);

/* Sends a Fragment with its body.  Returns the cause; *ret_next (may be NULL)
 * is the offset. */
enum bits_cause upload_fragment(struct upload_world *world,
                                const struct upload_id *id,
                                const uint64_t range[3], uint64_t *ret_next);
enum bits_cause upload_close(struct upload_world *world,
                             const struct upload_id *id);
enum bits_cause upload_cancel(struct upload_world *world,
                              const struct upload_id *id);

/* Asserts what the service says is stored: asks with a gap. */
void upload_assert_stored(struct upload_world *world,
                          const struct upload_id *id, uint64_t stored,
                          uint64_t total);

#define RANGE(from, to, total) ((const uint64_t[3]){(from), (to), (total)})

#endif
