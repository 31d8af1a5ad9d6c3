/*
 * os/logline.c: the text form, and what both forms share; see logline.h.
 */
#include "os/logline.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Marks the end of a line that lacks fields. */
#define LEFT_OUT " [fields left out]"

/* The end of the room for fields: the mark and the line end always fit after
 * it. */
#define FIELDS_END (LOGLINE_MAX - 1 - sizeof(LEFT_OUT))

const char *logline_level(enum log_level level)
{
    switch (level) {
    case LOG_ERROR:
        return "error";
    case LOG_WARNING:
        return "warning";
    case LOG_INFO:
        return "info";
    case LOG_DEBUG:
        return "debug";
    }
    return "unknown";
}

/* Returns true for a byte that continues a UTF-8 character. */
static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

struct bits_text logline_cut(struct bits_text value,
                             char room[LOGLINE_VALUE_MAX])
{
    size_t head = LOGLINE_HEAD;
    size_t tail = LOGLINE_TAIL;
    int mark;

    if (value.len <= LOGLINE_HEAD + LOGLINE_TAIL) {
        return value;
    }
    for (int i = 0; i < 3 && is_continuation(value.ptr[head]); i++) {
        head--;
    }
    for (int i = 0; i < 3 && is_continuation(value.ptr[value.len - tail]);
         i++) {
        tail--;
    }
    memcpy(room, value.ptr, head);
    mark = snprintf(room + head, LOGLINE_VALUE_MAX - head - tail,
                    "[%zu bytes cut]", value.len - head - tail);
    if (mark > 0) {
        head += (size_t)mark;
    }
    memcpy(room + head, value.ptr + value.len - tail, tail);
    return (struct bits_text){room, head + tail};
}

struct bits_text logline_escape(char c, char room[LOGLINE_ESCAPE_MAX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;

    if (c == '\\' || c == '"') {
        room[0] = '\\';
        room[1] = c;
        return (struct bits_text){room, 2};
    }
    if (byte >= 0x20 && byte < 0x7F) {
        room[0] = c;
        return (struct bits_text){room, 1};
    }
    room[0] = '\\';
    room[1] = 'x';
    room[2] = digits[byte >> 4];
    room[3] = digits[byte & 15];
    return (struct bits_text){room, 4};
}

/* Appends up to an offset in the line.  Returns false if the text does not fit
 * completely. */
static bool append(struct logline *line, struct bits_text text)
{
    if (text.len > FIELDS_END - line->len) {
        return false;
    }
    if (text.len > 0) {
        memcpy(line->text + line->len, text.ptr, text.len);
        line->len += text.len;
    }
    return true;
}

static bool append_escaped(struct logline *line, struct bits_text text)
{
    char room[LOGLINE_ESCAPE_MAX];

    for (size_t i = 0; i < text.len; i++) {
        if (!append(line, logline_escape(text.ptr[i], room))) {
            return false;
        }
    }
    return true;
}

static bool needs_quotes(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("\"\\=", text.ptr[i])) {
            return true;
        }
    }
    return !text_is_visible(text);
}

static bool append_value(struct logline *line, const struct log_field *field)
{
    char digits[TEXT_U64_MAX];
    char room[LOGLINE_VALUE_MAX];
    struct bits_text value;

    if (field->kind == LOG_VALUE_NUMBER) {
        return append(line, text_from_u64(field->number, digits));
    }
    value = logline_cut(field->text, room);
    if (!needs_quotes(value)) {
        return append(line, value);
    }
    return append(line, TEXT("\"")) && append_escaped(line, value) &&
           append(line, TEXT("\""));
}

/* Appends the whole field or nothing. */
static bool append_field(struct logline *line, const struct log_field *field)
{
    size_t before = line->len;

    if (append(line, TEXT(" ")) && append(line, text_of(field->key)) &&
        append(line, TEXT("=")) && append_value(line, field)) {
        return true;
    }
    line->len = before;
    return false;
}

static bool append_fields(struct logline *line, const struct log_event *event)
{
    bool all = true;

    for (size_t i = 0; i < event->field_count; i++) {
        if (event->fields[i].kind != LOG_VALUE_NONE &&
            !append_field(line, &event->fields[i])) {
            all = false;
        }
    }
    return all;
}

/* Appends after everything else; always fits. */
static void append_end(struct logline *line, struct bits_text text)
{
    memcpy(line->text + line->len, text.ptr, text.len);
    line->len += text.len;
}

void logline_text(struct logline *line, const char *when,
                  const struct log_event *event)
{
    char room[LOGLINE_VALUE_MAX];

    line->len = 0;
    if (!append(line, text_of(when)) || !append(line, TEXT(" ")) ||
        !append(line, text_of(logline_level(event->level))) ||
        !append(line, TEXT(" ")) || !append(line, text_of(event->event)) ||
        !append(line, TEXT(": ")) ||
        !append_escaped(line, logline_cut(text_of(event->words), room)) ||
        !append_fields(line, event)) {
        append_end(line, TEXT(LEFT_OUT));
    }
    append_end(line, TEXT("\n"));
}

void logline_plain(struct logline *line, const struct log_event *event)
{
    int n = snprintf(line->text, LOGLINE_MAX - 1, "bitsd: %s", event->words);

    line->len = 0;
    if (n > 0) {
        line->len = (size_t)n < LOGLINE_MAX - 1 ? (size_t)n : LOGLINE_MAX - 2;
    }
    append_end(line, TEXT("\n"));
}

/* The numbers of syslog(3). */
static char priority_of(enum log_level level)
{
    switch (level) {
    case LOG_ERROR:
        return '3';
    case LOG_WARNING:
        return '4';
    case LOG_INFO:
        break;
    case LOG_DEBUG:
        return '7';
    }
    return '6';
}

void logline_prioritise(struct logline *line, enum log_level level)
{
    const char priority[LOGLINE_PRIORITY_LEN] = {'<', priority_of(level), '>'};

    memmove(line->text + sizeof(priority), line->text, line->len);
    memcpy(line->text, priority, sizeof(priority));
    line->len += sizeof(priority);
}
