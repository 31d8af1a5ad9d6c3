/*
 * os/logjson.c: the JSON form of logline.h, through jansson.
 *
 * Text that is not valid UTF-8, or contains DEL, which jansson does not escape,
 * is escaped as in the text form before it becomes a JSON string.  The output
 * is ASCII, so that a terminal shows no control character of a peer.
 */
#include "os/logline.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

#define FORM (JSON_COMPACT | JSON_ENSURE_ASCII)

/* Marks an object that lacks fields. */
#define LEFT_OUT "fields_left_out"

static json_t *escaped_string(struct bits_text text)
{
    char escaped[LOGLINE_VALUE_MAX * LOGLINE_ESCAPE_MAX];
    char room[LOGLINE_ESCAPE_MAX];
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        struct bits_text c = logline_escape(text.ptr[i], room);

        memcpy(escaped + len, c.ptr, c.len);
        len += c.len;
    }
    return json_stringn(escaped, len);
}

static json_t *string_of(struct bits_text text)
{
    char room[LOGLINE_VALUE_MAX];
    struct bits_text shown = logline_cut(text, room);
    json_t *string = NULL;

    if (shown.len == 0 || !memchr(shown.ptr, 0x7F, shown.len)) {
        string = json_stringn(shown.len > 0 ? shown.ptr : "", shown.len);
    }
    return string ? string : escaped_string(shown);
}

/* JSON parsers handle whole numbers up to 2^63; larger ones are written as
 * strings of digits. */
static json_t *number_of(uint64_t number)
{
    char digits[TEXT_U64_MAX];

    return number <= INT64_MAX ? json_integer((json_int_t)number)
                               : string_of(text_from_u64(number, digits));
}

static bool set_text(json_t *object, const char *key, const char *text)
{
    return json_object_set_new(object, key, string_of(text_of(text))) == 0;
}

static bool set_field(json_t *object, const struct log_field *field)
{
    switch (field->kind) {
    case LOG_VALUE_NONE:
        return true;
    case LOG_VALUE_TEXT:
        return json_object_set_new(object, field->key,
                                   string_of(field->text)) == 0;
    case LOG_VALUE_NUMBER:
        return json_object_set_new(object, field->key,
                                   number_of(field->number)) == 0;
    }
    return false;
}

static bool fill(json_t *object, const char *when,
                 const struct log_event *event)
{
    bool ok = set_text(object, "time", when) &&
              set_text(object, "level", logline_level(event->level)) &&
              set_text(object, "event", event->event) &&
              set_text(object, "message", event->words);

    for (size_t i = 0; ok && i < event->field_count; i++) {
        ok = set_field(object, &event->fields[i]);
    }
    return ok;
}

/* Writes the object; removes fields, the last one first, until it fits. */
static bool write_object(struct logline *line, json_t *object,
                         const struct log_event *event)
{
    size_t room = LOGLINE_MAX - 2; /* one byte for the line end */
    size_t count = event->field_count;

    line->len = json_dumpb(object, line->text, room, FORM);
    while (line->len > room && count > 0) {
        count--;
        (void)json_object_del(object, event->fields[count].key);
        if (json_object_set_new(object, LEFT_OUT, json_true()) != 0) {
            return false;
        }
        line->len = json_dumpb(object, line->text, room, FORM);
    }
    return line->len > 0 && line->len <= room;
}

bool logline_json(struct logline *line, const char *when,
                  const struct log_event *event)
{
    json_t *object = json_object();
    bool ok = fill(object, when, event) && write_object(line, object, event);

    json_decref(object);
    if (ok) {
        line->text[line->len++] = '\n';
    }
    return ok;
}
