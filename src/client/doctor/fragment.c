/*
 * client/doctor/fragment.c: the doctor's probes that carry bytes; see
 * checkup.h.
 *
 * They never include the last byte of the file, so that no file is delivered.
 */
#include "client/doctor/checkup.h"

#include <poll.h>

#include "base/smaller.h"
#include "protocol/transfer_answer.h"

/* A server may notice a broken connection a little later than the client. */
#define ASK_TIMES 10
#define ASK_EVERY_MS 50

static bool is_next(const struct doctor_row *row, uint64_t wanted)
{
    return row->answer.has_next && row->answer.next == wanted;
}

static bool is_416_with_offset(const struct doctor_row *row)
{
    return row->who == DOCTOR_SERVER && row->answer.status == 416 &&
           row->answer.has_next;
}

/* Sends the last but one byte, which the server must refuse: whatever it has,
 * bytes before this one are missing. */
static void send_gap(struct checkup *checkup, struct doctor_row *row)
{
    row->length = 1;
    checkup_send(checkup, row, BITS_PACKET_FRAGMENT, checkup->total - 2, 0);
}

/* After a fragment without an Ack the server may have these bytes and more. */
static bool is_accepted(const struct checkup *checkup,
                        const struct doctor_row *row)
{
    return checkup_is_success(row) && row->answer.has_next &&
           (row->answer.next == row->wanted ||
            (checkup->unsure && row->answer.next > row->wanted &&
             row->answer.next < checkup->total));
}

/* Sends row->length bytes, but never the last one of the file, from the
 * server's offset on.  After a broken fragment that offset may differ from
 * ours. */
static bool send_bytes(struct checkup *checkup, struct doctor_row *row)
{
    uint64_t length = row->length;
    bool accepted;

    for (int i = 0; i < 2; i++) {
        row->length = smaller(length, checkup->total - 1 - checkup->offset);
        row->wanted = checkup->offset + row->length;
        checkup_send(checkup, row, BITS_PACKET_FRAGMENT, checkup->offset, 0);
        if (!is_416_with_offset(row) ||
            row->answer.next >= checkup->total - 1) {
            break;
        }
        checkup->offset = row->answer.next;
    }
    accepted = is_accepted(checkup, row);
    if (accepted) {
        checkup->offset = row->answer.next;
    }
    checkup->unsure = row->who != DOCTOR_SERVER;
    return accepted;
}

static bool probe_small(struct checkup *checkup)
{
    struct doctor_row row = {.probe = DOCTOR_SMALL,
                             .length = DOCTOR_SMALL_BYTES};

    return checkup_tell(
        checkup, &row, send_bytes(checkup, &row) ? DOCTOR_FINE : DOCTOR_FAILED);
}

static bool probe_gap(struct checkup *checkup)
{
    struct doctor_row row = {.probe = DOCTOR_GAP, .wanted = checkup->offset};

    send_gap(checkup, &row);
    if (!is_416_with_offset(&row) || !is_next(&row, row.wanted)) {
        return checkup_tell(checkup, &row, DOCTOR_FAILED);
    }
    return checkup_tell(checkup, &row, DOCTOR_FINE);
}

/* Sends Pings until the server has bytes beyond the offset. */
static bool ask_until_more(struct checkup *checkup, struct doctor_row *row)
{
    for (int i = 0; i < ASK_TIMES && !checkup->stopped; i++) {
        send_gap(checkup, row);
        if (!is_416_with_offset(row)) {
            return false;
        }
        if (row->answer.next > checkup->offset) {
            return true;
        }
        (void)poll(NULL, 0, ASK_EVERY_MS);
    }
    return false;
}

/* Sends half of a fragment and checks whether the server keeps any of it. */
static void probe_cut(struct checkup *checkup)
{
    struct doctor_row cut = {.length = DOCTOR_CUT_BYTES};
    struct doctor_row row = {.probe = DOCTOR_CUT};
    bool stays;

    checkup_send(checkup, &cut, BITS_PACKET_FRAGMENT, checkup->offset,
                 DOCTOR_CUT_BYTES / 2);
    checkup->unsure = true;
    stays = ask_until_more(checkup, &row) &&
            row.answer.next <= checkup->offset + DOCTOR_CUT_BYTES / 2;
    row.length = DOCTOR_CUT_BYTES;
    if (stays) {
        checkup->offset = row.answer.next;
    }
    (void)checkup_tell(checkup, &row, stays ? DOCTOR_FINE : DOCTOR_ODD);
}

/* Returns true if the size of the fragment may be the problem. */
static bool is_for_its_size(const struct doctor_row *row)
{
    return row->who != DOCTOR_SERVER || row->answer.status == 413;
}

/* Searches for a size that passes if a fragment of this length does not.
 * row->length 0: no smaller size could be tried. */
static bool find_largest(struct checkup *checkup, uint64_t length,
                         struct doctor_row *row)
{
    bool fine = false;

    while (!fine && !checkup->stopped && length / 2 >= BITS_FRAGMENT_MIN) {
        length /= 2;
        row->length = length;
        fine = send_bytes(checkup, row);
        if (!fine && !is_for_its_size(row)) {
            break;
        }
    }
    return fine;
}

/* The cause of a failure is clear only after a smaller fragment was tried. */
static void probe_large(struct checkup *checkup)
{
    struct doctor_row row = {.probe = DOCTOR_LARGE,
                             .length = checkup->doctor->fragment};
    struct doctor_row largest = {.probe = DOCTOR_LARGEST};
    bool fine = send_bytes(checkup, &row);

    if (!fine && is_for_its_size(&row)) {
        row.smaller_passes = find_largest(checkup, row.length, &largest);
    }
    (void)checkup_tell(checkup, &row, fine ? DOCTOR_FINE : DOCTOR_FAILED);
    if (largest.length > 0) {
        (void)checkup_tell(checkup, &largest,
                           row.smaller_passes ? DOCTOR_FINE : DOCTOR_FAILED);
    }
}

void checkup_fragments(struct checkup *checkup)
{
    checkup->total =
        DOCTOR_SMALL_BYTES + DOCTOR_CUT_BYTES + checkup->doctor->fragment + 1;
    checkup->offset = 0;
    if (!probe_small(checkup)) {
        return;
    }
    if (probe_gap(checkup)) {
        probe_cut(checkup);
    }
    if (!checkup->stopped) {
        probe_large(checkup);
    }
}
