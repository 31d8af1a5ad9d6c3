/*
 * bits/progress/json.c: see json.h.
 */
#include "bits/progress/json.h"

#include <time.h>

#include "base/text.h"
#include "bits/progress/news.h"
#include "bits/say.h"
#include "bits/say_failure.h"

static const char *kind_name(enum watch_kind kind)
{
    switch (kind) {
    case WATCH_BEGIN:
        return "begin";
    case WATCH_PROGRESS:
        return "progress";
    case WATCH_NOTICE:
        return "notice";
    case WATCH_WAIT:
        return "wait";
    case WATCH_PACKET:
        return "packet";
    case WATCH_WARNING:
        return "warning";
    case WATCH_END:
        return "end";
    }
    return "";
}

static json_t *text(const char *string)
{
    return say_json_text(text_of(string));
}

/* Numbers in JSON are signed here; no file is larger than they allow. */
static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static void put_failure(json_t *object, const struct bits_failure *failure)
{
    if (failure) {
        (void)json_object_set_new(object, "error", failure_json(failure));
    }
}

static void put_words(json_t *object, const char *words)
{
    if (words && words[0] != '\0') {
        (void)json_object_set_new(object, "words", text(words));
    }
}

static void put_time(json_t *object, int64_t at)
{
    const time_t when = (time_t)at;
    struct tm utc;
    char stamp[32];

    if (gmtime_r(&when, &utc) &&
        strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0) {
        (void)json_object_set_new(object, "next_try", json_string(stamp));
    }
}

static void put_packet(json_t *object, const struct watch_packet *packet)
{
    const struct agent_result *result = packet->result;

    (void)json_object_set_new(object, "packet",
                              json_string(news_packet_name(packet)));
    if (!packet->is_reply && packet->type == BITS_PACKET_FRAGMENT) {
        (void)json_object_set_new(object, "first", number(packet->offset));
        (void)json_object_set_new(object, "length", number(packet->length));
    }
    (void)json_object_set_new(object, "to", text(packet->url));
    (void)json_object_set_new(object, "outcome",
                              json_string(news_end_name(result->end)));
    if (result->end == AGENT_ANSWERED) {
        (void)json_object_set_new(object, "status",
                                  json_integer((json_int_t)result->status));
    } else if (result->end == AGENT_BROKEN) {
        put_words(object, result->words);
    }
    (void)json_object_set_new(object, "ms", number(result->elapsed_ms));
}

json_t *progress_json(const struct watch_event *event, const char *id,
                      int64_t next_try)
{
    json_t *object =
        json_pack("{s:s, s:s*, s:o, s:o, s:o, s:o, s:o}", "event",
                  kind_name(event->kind), "id", id, "path", text(event->path),
                  "url", text(event->url), "size", number(event->size),
                  "offset", number(event->offset), "sent", number(event->sent));

    if (!object) {
        return NULL;
    }
    switch (event->kind) {
    case WATCH_BEGIN:
    case WATCH_PROGRESS:
        break;
    case WATCH_NOTICE:
        (void)json_object_set_new(object, "notice",
                                  json_string(news_name(event->notice)));
        put_words(object, news_words(event->notice));
        break;
    case WATCH_WAIT:
        put_failure(object, event->failure);
        put_words(object, event->words);
        put_time(object, next_try);
        break;
    case WATCH_PACKET:
        put_packet(object, event->packet);
        break;
    case WATCH_WARNING:
        put_words(object, event->words);
        break;
    case WATCH_END:
        (void)json_object_set_new(
            object, "exit", json_integer((int)event->exit + event->signal));
        put_failure(object, event->failure);
        put_words(object, event->words);
        break;
    }
    return object;
}
