/*
 * base/log.h: log events.  The sink decides where and how to write them.
 *
 * Only upload/, server/ and the programs log; the libraries below return
 * causes.  A sink may be called from any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

enum log_level {
    LOG_ERROR,   /* an administrator must act */
    LOG_WARNING, /* an administrator should look */
    LOG_INFO,    /* an event of a session or of the server */
    LOG_DEBUG,   /* each packet */
};

enum log_value_kind {
    LOG_VALUE_NONE, /* the field is omitted */
    LOG_VALUE_TEXT,
    LOG_VALUE_NUMBER,
};

/* One key=value.  A text may come from a peer: the sink escapes and truncates
 * it. */
struct log_field {
    const char *key;
    enum log_value_kind kind;
    struct bits_text text;
    uint64_t number;
};

#define LOG_TEXT(key, ...)                                                     \
    ((struct log_field){(key), LOG_VALUE_TEXT, (__VA_ARGS__), 0})
#define LOG_NUMBER(key, value)                                                 \
    ((struct log_field){(key), LOG_VALUE_NUMBER, {NULL, 0}, (value)})

struct log_event {
    enum log_level level;
    const char *event; /* "created": a stable name that programs can match */
    const char *words; /* a sentence for people, without a full stop */
    const struct log_field *fields;
    size_t field_count;
};

struct log_sink {
    /* Events above this level are discarded; may change at any time. */
    _Atomic(enum log_level) level;
    void (*write)(struct log_sink *sink, const struct log_event *event);
};

/* In place of a field that an event has only sometimes. */
#define LOG_NOTHING ((struct log_field){NULL, LOG_VALUE_NONE, {NULL, 0}, 0})
/* The same; left out if the text is empty. */
#define LOG_TEXT_IF_ANY(key, text_)                                            \
    ((struct log_field){                                                       \
        (key), (text_).len > 0 ? LOG_VALUE_TEXT : LOG_VALUE_NONE, (text_), 0})

/* Passes the event to the sink if its level is enabled. */
void log_pass(struct log_sink *sink, const struct log_event *event);

/* An event without fields. */
void log_words(struct log_sink *sink, enum log_level level, const char *event,
               const char *words);

/* An event with fields, at least one, as arguments. */
#define LOG(sink, level_, event_, words_, ...)                                 \
    log_pass((sink),                                                           \
             &(struct log_event){                                              \
                 .level = (level_),                                            \
                 .event = (event_),                                            \
                 .words = (words_),                                            \
                 .fields = (const struct log_field[]){__VA_ARGS__},            \
                 .field_count = sizeof((struct log_field[]){__VA_ARGS__}) /    \
                                sizeof(struct log_field),                      \
             })

#endif
