/*
 * protocol/transfer_size.c: see transfer_size.h.
 */
#include "protocol/transfer_size.h"

/* How long a fragment should take. */
#define AIM_MS 10000u

/* The user may set a start size below the usual minimum. */
static uint64_t floor_of(const struct transfer *transfer)
{
    uint64_t start = transfer->options.fragment_start;

    return start < BITS_FRAGMENT_MIN ? start : BITS_FRAGMENT_MIN;
}

static uint64_t half(const struct transfer *transfer, uint64_t length)
{
    uint64_t least = floor_of(transfer);

    return length / 2 < least ? least : length / 2;
}

void size_init(struct transfer *transfer)
{
    uint64_t ceiling = transfer->state.ceiling;

    transfer->length = transfer->options.fragment_start;
    while (ceiling != 0 && transfer->length >= ceiling &&
           transfer->length > floor_of(transfer)) {
        transfer->length = half(transfer, transfer->length);
    }
}

bool size_halve(struct transfer *transfer, uint64_t length)
{
    if (length <= floor_of(transfer)) {
        return false;
    }
    transfer->length = half(transfer, length);
    transfer->expect_next = true;
    transfer->refused_early = true;
    return true;
}

bool size_refused(struct transfer *transfer, uint64_t length)
{
    if (transfer->state.ceiling == 0 || length < transfer->state.ceiling) {
        transfer->state.ceiling = length;
        transfer->unsaved = true;
    }
    return size_halve(transfer, length);
}

bool size_refused_utterly(struct transfer *transfer, uint64_t length)
{
    if (!size_refused(transfer, length)) {
        return false;
    }
    transfer->length = floor_of(transfer);
    return true;
}

/* Doubles the size, up to the largest, unless that size was refused before. */
static void grow(struct transfer *transfer)
{
    uint64_t ceiling = transfer->state.ceiling;
    uint64_t most = transfer->options.fragment_max;
    uint64_t length = transfer->length;
    uint64_t larger = length > most / 2 ? most : length * 2;

    if (larger > length && (ceiling == 0 || larger < ceiling)) {
        transfer->length = larger;
        transfer->expect_next = true;
    }
}

void size_learn(struct transfer *transfer, uint64_t length, uint64_t took_ms)
{
    if (length != transfer->length) {
        return; /* the last, short fragment tells little */
    }
    if (took_ms <= AIM_MS / 2) {
        grow(transfer);
    } else if (took_ms >= 2 * AIM_MS && length > floor_of(transfer)) {
        transfer->length = half(transfer, length);
    }
}
