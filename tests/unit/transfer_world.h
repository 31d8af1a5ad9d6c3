/*
 * transfer_world.h: a transfer under test and the world around it: what it
 * asks for is checked, what a server would say is fed.
 */
#ifndef TRANSFER_WORLD_H
#define TRANSFER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openbits/transfer.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define KIB 1024u
#define MIB (1024u * KIB)

#define ACK "BITS-Packet-Type: Ack\n"
#define CREATED ACK "BITS-Session-Id: s\n"
#define CODE(value) "BITS-Error-Code: " value "\n"
#define NO_SESSION ACK CODE("0x8020001F") "BITS-Error-Context: 0x5\n"
#define APPLICATION "BITS-Error-Context: 0x7\n"
#define NEXT(offset) "BITS-Received-Content-Range: " offset "\n"

struct world {
    struct bits_transfer_options options;
    struct bits_transfer transfer;
    uint64_t now_ms;
    struct bits_action action; /* the last */
    unsigned notices;          /* bit set, since the last look */
    unsigned saves;
    struct bits_transfer_state saved; /* what a killed process leaves */
};

/* A file of `size` bytes for http://srv.example/up/hello.txt, delays of the
 * foreground without jitter. */
void world_init(struct world *world, uint64_t size);
void world_start(struct world *world);

/* A new process that finds what the last one saved. */
void world_resume(struct world *world);

/* Saves and takes notices until something else is to be done. */
const struct bits_action *world_next(struct world *world);

/* Was there such a notice?  It is forgotten then. */
bool world_noticed(struct world *world, enum bits_notice notice);

/* Feeds an answer: lines "Name: value". */
void world_answer(struct world *world, unsigned status, const char *fields);

void expect_packet(struct world *world, enum bits_packet_type type);
void expect_fragment(struct world *world, uint64_t offset, uint64_t length);

/* Waits it out, too. */
void expect_wait(struct world *world, uint64_t delay_ms);
void expect_failed(struct world *world, enum bits_reason reason,
                   uint32_t hresult);
void expect_kind(struct world *world, enum bits_action_kind kind);

/* A packet and its answer. */
void exchange(struct world *world, enum bits_packet_type type, unsigned status,
              const char *fields);

/* Up to the session; the first fragment is next, or Close. */
void world_create(struct world *world);

/* Up to Close, for files of one fragment. */
void world_upload(struct world *world);

/* An Ack that names the offset. */
void ack_fragment(struct world *world, uint64_t offset, uint64_t length,
                  uint64_t next);

const char *next_field(uint64_t next, char room[64]);

#endif
