/*
 * client/transfer/record_json.c: see record_json.h.
 *
 * The file has ages and the time of writing, because the monotonic clock
 * restarts with each boot.
 */
#include "client/transfer/record_json.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/json_bytes.h"
#include "os/clock.h"
#include "os/file.h"

#define VERSION 1
#define BOOT_ID_MAX 64

/* Longer cookies are not stored. */
#define COOKIES_MAX 32768

/* --- the fields of the transfer's state ----------------------------------- */

enum field_kind {
    FIELD_TEXT,
    FIELD_NUMBER, /* uint64_t */
    FIELD_SMALL,  /* uint32_t, unsigned and enums */
    FIELD_FLAG,
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    size_t size;
};

#define FIELD(kind, member)                                                    \
    {                                                                          \
#member, FIELD_##kind, offsetof(struct bits_transfer_state, member),   \
            sizeof(((struct bits_transfer_state *)NULL)->member)               \
    }

static const struct field fields[] = {
    FIELD(TEXT, session_id),       FIELD(TEXT, host_id),
    FIELD(TEXT, reply_url),        FIELD(SMALL, fallback_timeout_s),
    FIELD(FLAG, fallback_running), FIELD(NUMBER, fallback_age_ms),
    FIELD(FLAG, stalled),          FIELD(NUMBER, stalled_ms),
    FIELD(NUMBER, offset),         FIELD(NUMBER, sent_end),
    FIELD(NUMBER, best),           FIELD(NUMBER, ceiling),
    FIELD(FLAG, complete),         FIELD(FLAG, reply_fetched),
    FIELD(SMALL, close_attempts),  FIELD(SMALL, close_lost),
    FIELD(FLAG, cancelling),
};

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

_Static_assert(sizeof(enum bits_close_lost) == sizeof(uint32_t),
               "an enum is read and written as a number");

/* For people; not read back. */
static json_t *words_to_json(const char *text)
{
    json_t *value = json_string(text);

    return value ? value : json_from_bytes(text);
}

/* Returns false if the text has characters above one byte, or is too long. */
static bool text_from_json(const json_t *value, char *text, size_t size)
{
    CLEANUP(free_string) char *bytes = json_to_bytes(value);
    size_t len = bytes ? strlen(bytes) : 0;

    if (json_is_string(value) && (!bytes || len >= size)) {
        return false;
    }
    if (len > 0) {
        memcpy(text, bytes, len);
    }
    text[len] = '\0';
    return true;
}

static json_t *field_to_json(const struct field *field, const char *at)
{
    uint64_t number = 0;
    uint32_t small = 0;

    switch (field->kind) {
    case FIELD_TEXT:
        return json_from_bytes(at);
    case FIELD_NUMBER:
        memcpy(&number, at, sizeof(number));
        return json_integer((json_int_t)number);
    case FIELD_SMALL:
        memcpy(&small, at, sizeof(small));
        return json_integer(small);
    case FIELD_FLAG:
        return json_boolean(*(const bool *)at);
    }
    return NULL;
}

static bool field_from_json(const struct field *field, char *at,
                            const json_t *value)
{
    json_int_t number = json_integer_value(value);
    uint64_t large = (uint64_t)number;
    uint32_t small = (uint32_t)number;

    switch (field->kind) {
    case FIELD_TEXT:
        return text_from_json(value, at, field->size);
    case FIELD_NUMBER:
        memcpy(at, &large, sizeof(large));
        return json_is_integer(value) && number >= 0;
    case FIELD_SMALL:
        memcpy(at, &small, sizeof(small));
        return json_is_integer(value) && number >= 0 && number <= UINT32_MAX;
    case FIELD_FLAG:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    }
    return false;
}

static json_t *transfer_to_json(const struct bits_transfer_state *state)
{
    json_t *object = json_object();

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        (void)json_object_set_new(
            object, fields[i].name,
            field_to_json(&fields[i], (const char *)state + fields[i].offset));
    }
    return object;
}

static bool transfer_from_json(struct bits_transfer_state *state,
                               const json_t *object)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!field_from_json(&fields[i], (char *)state + fields[i].offset,
                             json_object_get(object, fields[i].name))) {
            return false;
        }
    }
    return state->close_lost <= BITS_CLOSE_LOST_RESTARTED;
}

/* --- the whole record ----------------------------------------------------- */

static json_t *mark_to_json(const struct source_mark *mark)
{
    char hex[2 * SOURCE_SAMPLE_SIZE + 1];

    for (size_t i = 0; i < SOURCE_SAMPLE_SIZE; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", mark->sample[i]);
    }
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:s*}", "device", (json_int_t)mark->device,
        "inode", (json_int_t)mark->inode, "size", (json_int_t)mark->size,
        "mtime_ns", (json_int_t)mark->mtime_ns, "ctime_ns",
        (json_int_t)mark->ctime_ns, "sample", mark->has_sample ? hex : NULL);
}

/* The value of a hex digit in lower case. */
static unsigned digit_of(char c)
{
    return (unsigned)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

static void sample_from_json(struct source_mark *mark, const json_t *value)
{
    const char *hex = json_string_value(value);

    if (!hex || strlen(hex) != 2 * (size_t)SOURCE_SAMPLE_SIZE ||
        strspn(hex, "0123456789abcdef") != 2 * (size_t)SOURCE_SAMPLE_SIZE) {
        return;
    }
    for (size_t i = 0; i < SOURCE_SAMPLE_SIZE; i++) {
        mark->sample[i] = (unsigned char)(digit_of(hex[2 * i]) * 16 +
                                          digit_of(hex[2 * i + 1]));
    }
    mark->has_sample = true;
}

/* Older versions stored neither ctime nor sample. */
static bool mark_from_json(struct source_mark *mark, json_t *object)
{
    const json_t *ctime_ns = json_object_get(object, "ctime_ns");
    json_int_t device;
    json_int_t inode;
    json_int_t size;
    json_int_t mtime_ns;

    if (json_unpack(object, "{s:I, s:I, s:I, s:I}", "device", &device, "inode",
                    &inode, "size", &size, "mtime_ns", &mtime_ns) != 0 ||
        size < 0) {
        return false;
    }
    *mark = (struct source_mark){
        .device = (uint64_t)device,
        .inode = (uint64_t)inode,
        .size = (uint64_t)size,
        .mtime_ns = mtime_ns,
        .ctime_ns = json_is_integer(ctime_ns) ? json_integer_value(ctime_ns)
                                              : SOURCE_CTIME_UNKNOWN,
    };
    sample_from_json(mark, json_object_get(object, "sample"));
    return true;
}

static void read_boot(char boot[BOOT_ID_MAX])
{
    if (os_boot_id(boot, BOOT_ID_MAX) != 0) {
        boot[0] = '\0';
    }
}

char *record_to_json(const struct record *record)
{
    json_t *object = json_object();
    char boot[BOOT_ID_MAX];
    char *text;

    read_boot(boot);
    (void)json_object_set_new(object, "version", json_integer(VERSION));
    (void)json_object_set_new(object, "url", words_to_json(record->url));
    (void)json_object_set_new(object, "path", words_to_json(record->path));
    (void)json_object_set_new(object, "written",
                              json_integer(os_clock_system.wall(NULL)));
    (void)json_object_set_new(object, "boot", json_string(boot));
    (void)json_object_set_new(object, "done",
                              json_boolean(record->state == RECORD_DONE));
    (void)json_object_set_new(object, "file", mark_to_json(&record->mark));
    if (record->state == RECORD_RUNNING) {
        (void)json_object_set_new(object, "transfer",
                                  transfer_to_json(&record->transfer));
    }
    if (record->cookies && record->state == RECORD_RUNNING &&
        strlen(record->cookies) < COOKIES_MAX) {
        (void)json_object_set_new(object, "cookies",
                                  json_from_bytes(record->cookies));
    }
    text = json_dumps(object, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    json_decref(object);
    return text;
}

/* A file with impossible times counts as having the highest age. */
static uint64_t grown_age(uint64_t age_ms, int64_t written)
{
    int64_t now = os_clock_system.wall(NULL);
    int64_t passed_s;
    int64_t passed_ms;
    int64_t grown_ms;

    if (written >= now) {
        return age_ms; /* the clock was set back: the elapsed time is unknown */
    }
    if (__builtin_sub_overflow(now, written, &passed_s) ||
        __builtin_mul_overflow(passed_s, 1000, &passed_ms) ||
        __builtin_add_overflow(age_ms, passed_ms, &grown_ms)) {
        return INT64_MAX;
    }
    return (uint64_t)grown_ms;
}

/* Adds the elapsed time to the ages, if the wall clock is plausible.  After a
 * boot the file may be outdated. `stalled` is cleared, since the user
 * retries. */
static void put_right(struct record *record, const json_t *object)
{
    struct bits_transfer_state *state = &record->transfer;
    int64_t written = json_integer_value(json_object_get(object, "written"));

    state->fallback_age_ms = grown_age(state->fallback_age_ms, written);
    state->stalled = false;
    if (record->boot == SOURCE_OTHER_BOOT) {
        state->sent_end = record->mark.size;
    }
}

static bool is_same_boot(const json_t *object)
{
    const char *boot = json_string_value(json_object_get(object, "boot"));
    char boot_now[BOOT_ID_MAX];

    read_boot(boot_now);
    return boot && strcmp(boot, boot_now) == 0;
}

static bool read_object(struct record *record, const json_t *object)
{
    const json_t *cookies = json_object_get(object, "cookies");

    if (json_integer_value(json_object_get(object, "version")) != VERSION ||
        !mark_from_json(&record->mark, json_object_get(object, "file"))) {
        return false;
    }
    record->boot = is_same_boot(object) ? SOURCE_SAME_BOOT : SOURCE_OTHER_BOOT;
    if (json_is_true(json_object_get(object, "done"))) {
        record->state = RECORD_DONE;
        return true;
    }
    record->state = RECORD_RUNNING;
    if (!transfer_from_json(&record->transfer,
                            json_object_get(object, "transfer"))) {
        return false;
    }
    put_right(record, object);
    if (json_is_string(cookies)) {
        record->cookies = calloc(1, COOKIES_MAX);
        return record->cookies &&
               text_from_json(cookies, record->cookies, COOKIES_MAX);
    }
    return true;
}

bool record_from_json(struct record *record, const char *text)
{
    json_t *object = json_loads(text, 0, NULL);
    bool good = object && read_object(record, object);

    json_decref(object);
    return good;
}
