/*
 * transfer_fuzz.c: any course of events: the transfer machine never loops
 * without a wait, never sends what the server did not ask for, saves what it
 * must before a packet leaves, never leaks credentials, takes nothing but a 2xx
 * to Close for a delivery, and always ends.
 *
 * The first two bytes choose the options, each further byte (or a few) is what
 * becomes of a request.  When they are used up, the last answer repeats.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/transfer.h>

#define UNITS 16

/* Requests between two waits, or two better offsets: three sessions, three
 * setbacks, sixteen steps of advance each, and each packet challenged, held
 * back and pinged. */
#define BURST_MAX 2000

/* Requests from the last byte to the end: an hour of waits. */
#define TAIL_MAX 20000

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Longer than what makes fragments smaller. */
#define SLOW_MS 30000

#define ACK "BITS-Packet-Type", "Ack"

struct model {
    struct bits_transfer transfer;
    struct bits_transfer_options options;
    struct bits_transfer_state saved;
    struct bits_action action;
    const uint8_t *data;
    size_t size;
    uint8_t last; /* byte that repeats at the end */
    uint64_t now_ms;
    uint64_t unit;     /* offsets are multiples of it */
    uint64_t offset;   /* as the server last named it */
    uint64_t sent_end; /* in this session */
    uint64_t guess;    /* where the server may be that answers 416 without an
                          offset; 0: no such answer came */
    uint64_t best;
    bool all_acknowledged;
    bool close_sent; /* the last request is a Close */
    unsigned status; /* of its answer; 0: none */
    unsigned burst;
    unsigned tail;
};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint8_t take(struct model *model)
{
    if (model->size == 0) {
        return model->last;
    }
    model->size--;
    model->last = *model->data++;
    return model->last;
}

static uint32_t take_random(void *context)
{
    struct model *model = context;

    return take(model) * UINT32_C(0x01010101);
}

static void begin_answer(struct model *model, unsigned status)
{
    model->status = status;
    bits_transfer_answer_status(&model->transfer, status);
}

static void field(struct model *model, const char *name, const char *value)
{
    bits_transfer_answer_field(&model->transfer,
                               (struct bits_text){name, strlen(name)},
                               (struct bits_text){value, strlen(value)});
}

static void field_next(struct model *model, uint64_t next)
{
    char value[24];

    snprintf(value, sizeof(value), "%llu", (unsigned long long)next);
    field(model, "BITS-Received-Content-Range", value);
}

/* --- What the machine asks for -------------------------------------------- */

static void count_field(void *context, const char *name, struct bits_text value)
{
    unsigned *count = context;

    require(name[0] != '\0' && value.len > 0 && value.len <= 4096);
    (*count)++;
}

static void check_fragment(struct model *model)
{
    const struct bits_action *action = &model->action;
    uint64_t end = action->offset + action->length;

    require(action->length > 0 && end <= model->options.size);
    require(model->offset == model->options.size
                ? end == model->options.size
                : action->offset == model->offset ||
                      (model->guess != 0 && action->offset == model->guess));
    require(model->saved.sent_end >= end);
    if (end > model->sent_end) {
        model->sent_end = end;
    }
}

static void check_request(struct model *model)
{
    const struct bits_action *action = &model->action;
    char room[BITS_URL_ROOM];
    unsigned fields = 0;

    require(strcmp(model->saved.session_id,
                   bits_transfer_progress(&model->transfer).session_id) == 0);
    require(bits_transfer_url(&model->transfer, room).len > 0);
    bits_transfer_fields(&model->transfer, count_field, &fields);
    require(action->trusted || !action->credentials);
    require(!action->credentials || model->options.has_credentials);
    if (action->kind == BITS_ACTION_FETCH_REPLY) {
        require(model->options.expect_reply && model->all_acknowledged);
        return;
    }
    require(fields >= 2);
    if (action->type == BITS_PACKET_FRAGMENT) {
        check_fragment(model);
    } else if (action->type == BITS_PACKET_CLOSE_SESSION) {
        require(model->options.size == 0 || model->all_acknowledged);
        require(model->saved.close_attempts > 0);
    }
    if (action->type > BITS_PACKET_CREATE_SESSION) {
        require(model->saved.session_id[0] != '\0');
    }
}

static void check_progress(struct model *model)
{
    struct bits_progress progress = bits_transfer_progress(&model->transfer);

    require(progress.offset <= progress.size);
    require(progress.offset <= progress.best);
    require(progress.best >= model->best);
    if (progress.best > model->best) {
        model->burst = 0;
    }
    model->best = progress.best;
}

/* --- What becomes of it --------------------------------------------------- */

static bool is_fragment(const struct model *model)
{
    return model->action.kind == BITS_ACTION_SEND &&
           model->action.type == BITS_PACKET_FRAGMENT;
}

static void new_session(struct model *model)
{
    model->offset = 0;
    model->sent_end = 0;
    model->guess = 0;
}

/* The Fragment may have been at a guess already, which has moved the end. */
static void note_416_without_offset(struct model *model)
{
    if (model->guess == 0 || model->action.offset == model->offset) {
        model->guess = model->sent_end;
    }
}

/* An Ack as a BITS server sends it; the offset is any. */
static void answer_well(struct model *model, unsigned status, uint8_t way)
{
    uint64_t next = way % (UNITS + 1) * model->unit;
    bool create = model->action.kind == BITS_ACTION_SEND &&
                  model->action.type == BITS_PACKET_CREATE_SESSION;

    begin_answer(model, status);
    field(model, ACK);
    if (is_fragment(model)) {
        field_next(model, next);
        if (next <= model->sent_end) {
            model->offset = next;
            model->guess = 0;
            if (status == 200 && next == model->options.size) {
                model->all_acknowledged = true;
            }
        }
        if (way & 0x80) {
            field(model, "BITS-Reply-URL",
                  way & 0x40 ? "R\\{1}\\r.bin" : "http://other.example/r");
        }
    }
    if (create && status == 200) {
        field(model, "BITS-Session-Id", "{s}");
        new_session(model);
        if (way & 0x80) {
            field(model, "BITS-Host-Id", way & 0x40 ? "n7" : "2001:db8::7");
            field(model, "BITS-Host-Id-Fallback-Timeout",
                  way & 0x20 ? "30" : "x");
        }
    }
    bits_transfer_answer_end(&model->transfer, model->now_ms);
}

/* An Ack without an offset says that every byte that was sent is taken. */
static void acknowledge(struct model *model)
{
    model->offset = model->action.offset + model->action.length;
    model->guess = 0;
    model->all_acknowledged |= model->offset == model->options.size;
}

/* This is how transfers get on. */
static void answer_best(struct model *model)
{
    if (is_fragment(model)) {
        acknowledge(model);
        begin_answer(model, 200);
        field(model, ACK);
        field(model, "BITS-Reply-URL", "r");
        bits_transfer_answer_end(&model->transfer, model->now_ms);
    } else {
        answer_well(model, 200, 0);
    }
}

static void answer_error(struct model *model, unsigned status, uint8_t way)
{
    static const char *const codes[] = {
        "0x8020001F", "0x80070057", "0x80200020", "0x80070005",
        "0x80070070", "1",          "",           "junk",
    };

    begin_answer(model, status);
    if (status == 416 && is_fragment(model)) {
        note_416_without_offset(model);
    }
    if (way & 8) {
        bits_transfer_repeated(&model->transfer);
    }
    if (way & 1) {
        field(model, ACK);
        if (status >= 200 && status < 300 && is_fragment(model)) {
            acknowledge(model);
        }
    }
    if (way & 2) {
        field(model, way & 4 ? "BITS-Error-Code" : "bits-error",
              codes[way >> 3 & 7]);
        field(model, "BITS-Error-Context", way & 0x40 ? "0x7" : "0x5");
    }
    if (way & 0x80) {
        field(model, "Retry-After", "7");
    }
    bits_transfer_answer_end(&model->transfer, model->now_ms);
}

/* Any bytes as a value; what they mean is not modelled. */
static void answer_raw(struct model *model)
{
    static const char *const names[] = {
        "BITS-Packet-Type",
        "BITS-Session-Id",
        "BITS-Protocol",
        "BITS-Host-Id",
        "BITS-Host-Id-Fallback-Timeout",
        "BITS-Received-Content-Range",
        "BITS-Recieved-Content-Range",
        "BITS-Reply-URL",
        "BITS-Error-Code",
        "BITS-Error-Context",
        "Location",
        "Retry-After",
        "Content-Length",
    };
    const char *session_id =
        bits_transfer_progress(&model->transfer).session_id;
    char before[BITS_SESSION_ID_MAX + 1];

    snprintf(before, sizeof(before), "%s", session_id);
    begin_answer(model, 100u + 4u * take(model));
    field(model, ACK);
    for (unsigned count = take(model) % 8; count > 0 && model->size > 0;
         count--) {
        uint8_t which = take(model);
        const char *name = names[which % COUNT(names)];
        size_t length = which / COUNT(names) * 256 + take(model);

        length = length < model->size ? length : model->size;
        bits_transfer_answer_field(
            &model->transfer, (struct bits_text){name, strlen(name)},
            (struct bits_text){(const char *)model->data, length});
        model->data += length;
        model->size -= length;
    }
    bits_transfer_answer_end(&model->transfer, model->now_ms);
    if (strcmp(before, session_id) != 0 ||
        model->action.type == BITS_PACKET_CREATE_SESSION) {
        model->sent_end = 0;
    }
    if (model->status == 416 && is_fragment(model)) {
        note_416_without_offset(model);
    }
    model->offset = bits_transfer_progress(&model->transfer).offset;
    model->all_acknowledged |= model->offset == model->options.size;
}

static void restart(struct model *model)
{
    if (model->saved.session_id[0] == '\0') {
        new_session(model);
    } else {
        model->offset = model->saved.offset;
        model->sent_end = model->saved.sent_end;
    }
    model->best = model->saved.best;
    require(bits_transfer_resume(&model->transfer, &model->options,
                                 &model->saved, model->now_ms));
}

static void interfere(struct model *model, uint8_t way)
{
    switch (way % 5) {
    case 0:
        bits_transfer_pause(&model->transfer);
        bits_transfer_continue(&model->transfer);
        break;
    case 1:
        bits_transfer_unsent(&model->transfer, model->now_ms);
        return;
    case 2:
        bits_transfer_cancel(&model->transfer, model->now_ms);
        break;
    case 3:
        restart(model);
        break;
    case 4:
        bits_transfer_local_error(&model->transfer, BITS_HR_LOCAL_FILE_CHANGED);
        bits_transfer_continue(&model->transfer);
        break;
    }
    model->burst = 0; /* an event came */
}

static void become(struct model *model)
{
    static const uint16_t statuses[] = {
        400, 401, 403, 404, 407, 408, 409, 413, 416, 417, 429,
        500, 501, 502, 503, 505, 302, 204, 200, 100, 999, 405,
    };
    uint8_t what = take(model);

    model->status = 0;
    if (what < 64) {
        answer_best(model);
    } else if (what < 96) {
        answer_well(model, 200, take(model));
    } else if (what < 112) {
        answer_well(model, 416, take(model));
    } else if (what < 192) {
        answer_error(model, statuses[(what - 112u) % COUNT(statuses)],
                     take(model));
    } else if (what < 224) {
        bits_transfer_broken(&model->transfer, model->now_ms,
                             (enum bits_transport)(
                                 (what - 192u) % (BITS_TRANSPORT_NOT_HTTP + 1)),
                             what & 1 ? model->action.length / 2 : 0);
    } else if (model->size == 0) {
        answer_error(model, 503, 0);
    } else if (what < 240) {
        answer_raw(model);
    } else {
        interfere(model, what);
    }
}

static void request(struct model *model)
{
    check_request(model);
    model->close_sent = model->action.kind == BITS_ACTION_SEND &&
                        model->action.type == BITS_PACKET_CLOSE_SESSION;
    model->burst++;
    require(model->burst < BURST_MAX);
    model->tail += model->size == 0 ? 1 : 0;
    require(model->tail < TAIL_MAX);
    /* Some take longer than others. */
    model->now_ms += model->last == UINT8_MAX ? SLOW_MS : model->last;
    become(model);
    if (bits_transfer_progress(&model->transfer).session_id[0] == '\0') {
        new_session(model);
    }
}

/* False: it has ended. */
static bool step(struct model *model)
{
    bits_transfer_next(&model->transfer, model->now_ms, &model->action);
    check_progress(model);
    switch (model->action.kind) {
    case BITS_ACTION_SAVE:
        bits_transfer_get_state(&model->transfer, model->now_ms, &model->saved);
        bits_transfer_saved(&model->transfer);
        return true;
    case BITS_ACTION_WAIT:
        require(model->action.until_ms > model->now_ms);
        require(model->action.failure->temporary);
        require(model->action.failure->reason != BITS_REASON_NONE);
        model->now_ms = model->action.until_ms;
        model->burst = 0;
        return true;
    case BITS_ACTION_SEND:
    case BITS_ACTION_FETCH_REPLY:
        request(model);
        return true;
    case BITS_ACTION_NOTIFY:
        return true;
    case BITS_ACTION_DONE:
        require(model->options.size == 0 || model->all_acknowledged);
        require(model->close_sent && model->status / 100 == 2);
        return false;
    case BITS_ACTION_FAILED:
        require(model->action.failure->hresult >= 0x80000000u ||
                model->action.failure->status >= 300);
        return false;
    case BITS_ACTION_CANCELLED:
        return false;
    case BITS_ACTION_AWAIT:
    case BITS_ACTION_PAUSED:
        break;
    }
    abort(); /* no request is left open, no pause either */
}

static void choose_options(struct model *model)
{
    static const char url[] = "https://srv.example:8443/up/hello.txt?a=b";
    static const struct bits_text hosts[] = {{"n7", 2}};
    static const struct bits_text names[] = {{"hello.txt", 9}, {"h\xe4", 2}};
    uint8_t first = take(model);
    uint8_t second = take(model);

    model->unit = first & 1 ? 4096 : 1;
    model->now_ms = 1;
    model->options = (struct bits_transfer_options){
        .url = {url, sizeof(url) - 1},
        .content_name = names[first >> 7],
        .size = second % (UNITS + 1) * model->unit,
        .fragment_start = 8 * model->unit,
        .fragment_max = UNITS * model->unit,
        .retry = bits_retry_foreground,
        .expect_reply = (first & 2) != 0,
        .foreground = (first & 4) != 0,
        .has_credentials = (first & 8) != 0,
        .has_proxy_credentials = (first & 16) != 0,
        .trusted_hosts = hosts,
        .trusted_host_count = (first & 32) != 0,
        .random = first & 64 ? take_random : NULL,
        .random_context = model,
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model model = {.data = data, .size = size};

    if (size < 2) {
        return 0;
    }
    choose_options(&model);
    require(bits_transfer_start(&model.transfer, &model.options));
    while (step(&model)) {
    }
    return 0;
}
