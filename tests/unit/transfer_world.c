/*
 * transfer_world.c: see transfer_world.h.
 */
#include "transfer_world.h"

#include <inttypes.h>
#include <stdio.h>

static struct bits_text text(const char *string)
{
    return (struct bits_text){string, strlen(string)};
}

void world_init(struct world *world, uint64_t size)
{
    *world = (struct world){
        .options =
            {
                .url = text("http://srv.example/up/hello.txt"),
                .content_name = text("hello.txt"),
                .size = size,
                .retry = bits_retry_foreground,
                .foreground = true,
            },
        .now_ms = 1000000,
    };
}

void world_start(struct world *world)
{
    assert_true(bits_transfer_start(&world->transfer, &world->options));
}

void world_resume(struct world *world)
{
    assert_true(bits_transfer_resume(&world->transfer, &world->options,
                                     &world->saved, world->now_ms));
}

const struct bits_action *world_next(struct world *world)
{
    for (unsigned i = 0; i < 100; i++) {
        bits_transfer_next(&world->transfer, world->now_ms, &world->action);
        if (world->action.kind == BITS_ACTION_NOTIFY) {
            world->notices |= 1u << world->action.notice;
        } else if (world->action.kind == BITS_ACTION_SAVE) {
            world->saves++;
            bits_transfer_get_state(&world->transfer, world->now_ms,
                                    &world->saved);
            bits_transfer_saved(&world->transfer);
        } else {
            return &world->action;
        }
    }
    fail_msg("nothing but notices and states to save");
    return NULL;
}

bool world_noticed(struct world *world, enum bits_notice notice)
{
    bool noticed = (world->notices & 1u << notice) != 0;

    world->notices &= ~(1u << notice);
    return noticed;
}

void world_answer(struct world *world, unsigned status, const char *fields)
{
    bits_transfer_answer_status(&world->transfer, status);
    while (*fields != '\0') {
        const char *end = strchr(fields, '\n');
        const char *colon = strstr(fields, ": ");

        assert_non_null(end);
        assert_non_null(colon);
        bits_transfer_answer_field(
            &world->transfer,
            (struct bits_text){fields, (size_t)(colon - fields)},
            (struct bits_text){colon + 2, (size_t)(end - colon) - 2});
        fields = end + 1;
    }
    bits_transfer_answer_end(&world->transfer, world->now_ms);
}

void expect_kind(struct world *world, enum bits_action_kind kind)
{
    assert_int_equal(world_next(world)->kind, kind);
}

void expect_packet(struct world *world, enum bits_packet_type type)
{
    expect_kind(world, BITS_ACTION_SEND);
    assert_int_equal(world->action.type, type);
}

void expect_fragment(struct world *world, uint64_t offset, uint64_t length)
{
    expect_packet(world, BITS_PACKET_FRAGMENT);
    assert_int_equal(world->action.offset, offset);
    assert_int_equal(world->action.length, length);
}

void expect_wait(struct world *world, uint64_t delay_ms)
{
    expect_kind(world, BITS_ACTION_WAIT);
    assert_int_equal(world->action.until_ms - world->now_ms, delay_ms);
    assert_true(world->action.failure->temporary);
    world->now_ms = world->action.until_ms;
}

void expect_failed(struct world *world, enum bits_reason reason,
                   uint32_t hresult)
{
    expect_kind(world, BITS_ACTION_FAILED);
    assert_int_equal(world->action.failure->reason, reason);
    assert_int_equal(world->action.failure->hresult, hresult);
}

void exchange(struct world *world, enum bits_packet_type type, unsigned status,
              const char *fields)
{
    expect_packet(world, type);
    world_answer(world, status, fields);
}

void world_create(struct world *world)
{
    world_start(world);
    exchange(world, BITS_PACKET_CREATE_SESSION, 200, CREATED);
}

const char *next_field(uint64_t next, char room[64])
{
    snprintf(room, 64, ACK NEXT("%" PRIu64), next);
    return room;
}

void ack_fragment(struct world *world, uint64_t offset, uint64_t length,
                  uint64_t next)
{
    char fields[64];

    expect_fragment(world, offset, length);
    world_answer(world, 200, next_field(next, fields));
}

void world_upload(struct world *world)
{
    world_create(world);
    ack_fragment(world, 0, world->options.size, world->options.size);
}
