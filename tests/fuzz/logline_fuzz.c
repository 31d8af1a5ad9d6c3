/*
 * logline_fuzz.c: any bytes of a peer as the fields of a log line.
 *
 * Oracles: an event is one line of printable ASCII, shorter than its limit;
 * undoing the escapes gives what was shown; JSON is taken by a reader
 * and says the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "os/logline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIELDS_MAX 16

static const char *const keys[FIELDS_MAX] = {"a", "b", "c", "d", "e", "f",
                                             "g", "h", "i", "j", "k", "l",
                                             "m", "n", "o", "p"};

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* A byte of kind, two of length, then the value. */
static size_t read_fields(struct log_field *fields, const uint8_t *data,
                          size_t size)
{
    size_t count = 0;

    while (size >= 3 && count < FIELDS_MAX) {
        size_t len = data[1] + 256u * (data[2] % 8);
        struct log_field *field = &fields[count];

        len = len < size - 3 ? len : size - 3;
        field->key = keys[count++];
        field->kind = (enum log_value_kind)(data[0] % 3);
        field->text = (struct bits_text){(const char *)data + 3, len};
        field->number = len * UINT64_C(0x8000000000000000) + data[0];
        data += 3 + len;
        size -= 3 + len;
    }
    return count;
}

static void check_line(const struct logline *line)
{
    require(line->len > 0 && line->len <= LOGLINE_MAX);
    require(line->text[line->len - 1] == '\n');
    for (size_t i = 0; i + 1 < line->len; i++) {
        require(line->text[i] >= ' ' && line->text[i] < 0x7f);
    }
}

static unsigned from_hex(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Takes one value as it is shown and undoes the escapes. */
static size_t read_value(struct bits_text *line, char *out)
{
    bool quoted = line->ptr[0] == '"';
    size_t len = 0;
    size_t i = quoted;

    for (; i < line->len; i++) {
        char c = line->ptr[i];

        if (c == (quoted ? '"' : ' ') || c == '\n') {
            break;
        }
        if (quoted && c == '\\' && line->ptr[i + 1] == 'x') {
            c = (char)(from_hex(line->ptr[i + 2]) * 16 +
                       from_hex(line->ptr[i + 3]));
            i += 3;
        } else if (quoted && c == '\\') {
            c = line->ptr[++i];
        }
        out[len++] = c;
    }
    require(!quoted || line->ptr[i] == '"');
    i += quoted;
    line->ptr += i;
    line->len -= i;
    return len;
}

/* The fields that are there, in order, each with what was to be shown. */
static void check_text(const struct logline *line,
                       const struct log_event *event)
{
    static const char start[] = "WHEN info event: words";
    struct bits_text rest = {line->text, line->len};

    require(memcmp(rest.ptr, start, sizeof(start) - 1) == 0);
    rest.ptr += sizeof(start) - 1;
    rest.len -= sizeof(start) - 1;
    for (size_t i = 0; i < event->field_count; i++) {
        const struct log_field *field = &event->fields[i];
        char room[LOGLINE_VALUE_MAX];
        char digits[TEXT_U64_MAX];
        char shown[LOGLINE_MAX];
        struct bits_text wanted = logline_cut(field->text, room);

        if (field->kind == LOG_VALUE_NUMBER) {
            wanted = text_from_u64(field->number, digits);
        }
        if (field->kind == LOG_VALUE_NONE || rest.len < 4 ||
            rest.ptr[1] != field->key[0] || rest.ptr[2] != '=') {
            continue;
        }
        rest.ptr += 3;
        rest.len -= 3;
        require(read_value(&rest, shown) == wanted.len);
        require(memcmp(shown, wanted.ptr, wanted.len) == 0);
    }
    require(text_equal(rest, TEXT("\n")) ||
            text_equal(rest, TEXT(" [fields left out]\n")));
}

static void check_json(const struct logline *line,
                       const struct log_event *event)
{
    json_t *object = json_loadb(line->text, line->len,
                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    require(json_is_object(object));
    require(strcmp(json_string_value(json_object_get(object, "event")),
                   "event") == 0);
    for (size_t i = 0; i < event->field_count; i++) {
        const struct log_field *field = &event->fields[i];
        json_t *value = json_object_get(object, field->key);

        require(field->kind != LOG_VALUE_NONE || !value);
        require(!value || field->kind != LOG_VALUE_TEXT ||
                json_is_string(value));
        require(value || field->kind == LOG_VALUE_NONE ||
                json_object_get(object, "fields_left_out"));
    }
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_field fields[FIELDS_MAX] = {0};
    struct log_event event = {
        .level = LOG_INFO,
        .event = "event",
        .words = "words",
        .fields = fields,
        .field_count = read_fields(fields, data, size),
    };
    struct logline line;

    logline_text(&line, "WHEN", &event);
    check_line(&line);
    check_text(&line, &event);
    require(logline_json(&line, "WHEN", &event));
    check_line(&line);
    check_json(&line, &event);
    return 0;
}
