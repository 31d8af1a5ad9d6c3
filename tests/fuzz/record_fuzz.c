/*
 * record_fuzz.c: any text as the record of a transfer.
 *
 * Oracles: an accepted record makes sense to the transfer machine as well; if
 * it is stored it says what the text said; if that is read, it is stored
 * unchanged. ASan watches what is freed.
 */
#include "client/transfer/record_json.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static void require_terminated(const char *text, size_t size)
{
    require(memchr(text, '\0', size) != NULL);
}

static void check_sense(const struct record *record)
{
    const struct bits_transfer_state *state = &record->transfer;

    require(record->state == RECORD_RUNNING || record->state == RECORD_DONE);
    require(record->mark.size <= INT64_MAX);
    require_terminated(state->session_id, sizeof(state->session_id));
    require_terminated(state->host_id, sizeof(state->host_id));
    require_terminated(state->reply_url, sizeof(state->reply_url));
    require(state->close_lost <= BITS_CLOSE_LOST_RESTARTED);
    require(!state->stalled); /* the user asks again */
}

/* The machine takes it, or finds that it cannot be true. */
static void check_resumes(const struct record *record)
{
    static const struct bits_text url = {"http://srv.example/a", 20};
    const struct bits_transfer_options options = {
        .url = url,
        .size = record->mark.size,
        .retry = bits_retry_foreground,
    };
    struct bits_transfer transfer;
    struct bits_action action;

    if (bits_transfer_resume(&transfer, &options, &record->transfer, 1)) {
        bits_transfer_next(&transfer, 1, &action);
        require(action.kind == BITS_ACTION_SAVE ||
                action.kind == BITS_ACTION_SEND ||
                action.kind == BITS_ACTION_NOTIFY);
        require(bits_transfer_progress(&transfer).offset <= options.size);
    }
}

/* --- what was read is what is written ------------------------------------- */

/* The user asks again, ages grow, and the machine may have been started anew
 * since. */
static bool is_put_right(const char *key)
{
    return strcmp(key, "stalled") == 0 || strcmp(key, "fallback_age_ms") == 0 ||
           strcmp(key, "sent_end") == 0;
}

/* A text may be left out; it is then empty. */
static void require_same_value(const json_t *given, const json_t *written)
{
    if (json_is_string(written) && !json_is_string(given)) {
        require(json_string_length(written) == 0);
    } else {
        require(json_equal(given, written));
    }
}

/* The file may say more, and one of an older version less: it had no ctime. */
static void require_said_before(const json_t *given, json_t *written)
{
    const char *key;
    json_t *value;

    json_object_foreach(written, key, value)
    {
        const json_t *before = json_object_get(given, key);

        if (!is_put_right(key) &&
            (json_is_integer(before) || strcmp(key, "ctime_ns") != 0)) {
            require_same_value(before, value);
        }
    }
}

/* Those of an unfinished transfer. */
static void check_cookies(const json_t *given, const json_t *written)
{
    const json_t *cookies = json_object_get(given, "cookies");

    if (json_object_get(written, "transfer") && json_is_string(cookies)) {
        require(json_equal(cookies, json_object_get(written, "cookies")));
    } else {
        require(!json_object_get(written, "cookies"));
    }
}

static void check_written(const char *given_text, const char *written_text)
{
    json_t *given = json_loads(given_text, 0, NULL);
    json_t *written = json_loads(written_text, 0, NULL);

    require(given && written);
    require(json_is_true(json_object_get(given, "done")) ==
            json_is_true(json_object_get(written, "done")));
    require_said_before(json_object_get(given, "file"),
                        json_object_get(written, "file"));
    require_said_before(json_object_get(given, "transfer"),
                        json_object_get(written, "transfer"));
    check_cookies(given, written);
    json_decref(written);
    json_decref(given);
}

/* --- and is read again ---------------------------------------------------- */

/* Names of any bytes for those who read the file: what a peer sent. */
static char *write_down(struct record *record)
{
    char *text;

    record->url = record->transfer.session_id;
    record->path = record->transfer.reply_url;
    text = record_to_json(record);
    require(text != NULL);
    return text;
}

static char *read_and_write(const char *text)
{
    struct record record = {.lock = -1};
    char *again;

    require(record_from_json(&record, text));
    again = write_down(&record);
    free(record.cookies);
    return again;
}

/* False: a second passed on the way, so that ages grew. */
static bool check(struct record *record, const char *given)
{
    int64_t began = os_clock_system.wall(NULL);
    char *text = write_down(record);
    char *again = read_and_write(text);
    bool same_second = os_clock_system.wall(NULL) == began;

    check_written(given, text);
    require(!same_second || strcmp(text, again) == 0);
    free(again);
    free(text);
    return same_second;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record record = {.lock = -1};
    char *text = calloc(1, size + 1);

    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    if (record_from_json(&record, text)) {
        check_sense(&record);
        check_resumes(&record);
        while (!check(&record, text)) {
        }
    }
    free(record.cookies);
    free(text);
    return 0;
}
