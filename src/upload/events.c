/*
 * upload/events.c: see events.h.
 */
#include "upload/events.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/handle.h"
#include "base/log.h"
#include "base/text.h"

/* More than any event has. */
#define FIELDS_MAX 10

/* The fields that all events of a session have. */
struct subject {
    char handle[HANDLE_LEN + 1];
    struct log_field fields[FIELDS_MAX];
    size_t count;
};

static void add(struct subject *subject, struct log_field field)
{
    if (field.kind == LOG_VALUE_NUMBER || field.text.len > 0) {
        assert(subject->count < FIELDS_MAX);
        subject->fields[subject->count++] = field;
    }
}

static void add_path(struct subject *subject, const char *prefix,
                     const char *name, char *buffer, size_t size)
{
    int n = snprintf(buffer, size, "%s%s%s", prefix,
                     strcmp(prefix, "/") == 0 ? "" : "/", name);

    if (n > 0) {
        add(subject, LOG_TEXT("path", text_of(buffer)));
    }
}

/* Paths are cut at this length; the sink may cut them further. */
#define PATH_SHOWN 1024
#define PREFIXES_SHOWN 1024

static uint64_t seconds_since(int64_t then)
{
    int64_t now = (int64_t)time(NULL);

    return now > then ? (uint64_t)(now - then) : 0;
}

/* Puts the fields of the session in front of those of the event. */
static void write_session_event(const struct upload_active *active,
                                const struct upload_request *request,
                                struct log_event event)
{
    const struct store_session nothing = {.prefix = NULL};
    /* Without a place the store may be writing the row. */
    const struct store_session *row = active->place ? &active->row : &nothing;
    struct subject subject = {.count = 0};
    char path[PATH_SHOWN];

    handle_of(&active->id, subject.handle);
    add(&subject, LOG_TEXT("session", text_of(subject.handle)));
    if (row->prefix) {
        add_path(&subject, row->prefix, row->name, path, sizeof(path));
    }
    if (request) {
        add(&subject, LOG_TEXT("peer", request->peer));
    }
    if (row->user) {
        add(&subject, LOG_TEXT("user", text_of(row->user)));
    }
    for (size_t i = 0; i < event.field_count; i++) {
        add(&subject, event.fields[i]);
    }
    event.fields = subject.fields;
    event.field_count = subject.count;
    log_pass(active->service->log, &event);
}

void event_created(const struct upload_active *active,
                   const struct upload_request *request)
{
    write_session_event(
        active, request,
        (struct log_event){LOG_INFO, "created", "session created", NULL, 0});
}

void event_interrupted(const struct upload_active *active,
                       const struct upload_request *request)
{
    const struct log_field fields[] = {
        LOG_NUMBER("kept", active->stored),
        LOG_NUMBER("total", active->row.total),
    };

    write_session_event(
        active, request,
        (struct log_event){LOG_INFO, "interrupted",
                           "the body broke off; the bytes received are kept",
                           fields, 2});
}

void event_resumed(const struct upload_active *active,
                   const struct upload_request *request)
{
    const struct log_field fields[] = {
        LOG_NUMBER("kept", active->stored),
        LOG_NUMBER("total", active->row.total),
    };

    write_session_event(active, request,
                        (struct log_event){LOG_INFO, "resumed",
                                           "the client resumes", fields, 2});
}

void event_completed(const struct upload_active *active,
                     const struct upload_request *request)
{
    const struct log_field fields[] = {
        LOG_NUMBER("bytes", active->row.total),
        LOG_NUMBER("seconds", seconds_since(active->row.created_at)),
    };

    write_session_event(active, request,
                        (struct log_event){LOG_INFO, "completed",
                                           "every byte is here", fields, 2});
}

void event_delivered(const struct upload_active *active,
                     const struct upload_request *request)
{
    const struct store_session *row = &active->row;
    const struct log_field fields[] = {
        LOG_NUMBER("bytes", row->total),
        LOG_NUMBER("seconds", seconds_since(row->created_at)),
        LOG_TEXT("root", text_of(active->place->root)),
        LOG_TEXT("file", text_of(row->delivered_as ? row->delivered_as : "")),
    };

    write_session_event(active, request,
                        (struct log_event){LOG_INFO, "delivered",
                                           "the file is at its destination",
                                           fields, 4});
}

/* How a session ended, for people and for programs. */
static const char *ended_event(const struct store_ending *ending,
                               bool is_delivered, const char **ret_words)
{
    if (ending->expiry) {
        *ret_words = is_delivered ? "not closed within the session time-out; "
                                    "the delivered file stays"
                                  : "no progress within the session time-out; "
                                    "its bytes were deleted";
        return "expired";
    }
    if (ending->by == BITS_PACKET_CANCEL_SESSION) {
        *ret_words = "cancelled by the client";
        return "cancelled";
    }
    *ret_words = ending->outcome.cause == BITS_CAUSE_OK
                     ? "closed by the client"
                     : cause_sentence(ending->outcome.cause);
    return "closed";
}

void event_ended(const struct upload_active *active,
                 const struct upload_request *request)
{
    const struct store_session *row = &active->row;
    bool is_delivered = row->state == STORE_DONE;
    const struct log_field fields[] = {
        LOG_NUMBER("bytes", is_delivered ? row->total : active->stored),
        LOG_NUMBER("seconds", seconds_since(row->created_at)),
    };
    const char *words;
    const char *event = ended_event(&active->ending, is_delivered, &words);

    write_session_event(active, request,
                        (struct log_event){LOG_INFO, event, words, fields, 2});
}

/* A refusal that only the client must act on is information; others concern
 * the administrator. */
static enum log_level level_of(enum bits_cause cause)
{
    switch (cause_concern(cause)) {
    case BITS_CONCERN_CLIENT:
        return LOG_INFO;
    case BITS_CONCERN_SETUP:
        return LOG_WARNING;
    case BITS_CONCERN_SERVER:
        break;
    }
    return LOG_ERROR;
}

static struct bits_text packet_name(const struct bits_packet *packet)
{
    return text_of(packet->type_known ? bits_packet_type_name(packet->type)
                                      : "");
}

void event_refused(struct upload_service *service,
                   const struct upload_request *request,
                   struct bits_outcome outcome, const char *detail)
{
    char handle[HANDLE_LEN + 1];
    const struct log_field fields[] = {
        LOG_TEXT("packet", packet_name(&request->packet)),
        LOG_NUMBER("status", outcome.status),
        LOG_TEXT("cause", text_of(cause_name(outcome.cause))),
        LOG_TEXT("session", handle_of_text(request->packet.session_id, handle)),
        LOG_TEXT("path", request->target.path),
        LOG_TEXT("peer", request->peer),
        LOG_TEXT("user", request->user),
        LOG_TEXT("detail", text_of(detail)),
    };
    struct subject subject = {.count = 0};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        add(&subject, fields[i]);
    }
    log_pass(service->log, &(struct log_event){
                               .level = level_of(outcome.cause),
                               .event = "refused",
                               .words = cause_sentence(outcome.cause),
                               .fields = subject.fields,
                               .field_count = subject.count,
                           });
}

void event_head_refused(struct upload_service *service,
                        const struct upload_request *request)
{
    LOG(service->log, LOG_INFO, "refused",
        "HEAD is not answered here; set head = yes if a sender asks which "
        "files are there",
        LOG_NUMBER("status", 405), LOG_TEXT("path", request->target.path),
        LOG_TEXT("peer", request->peer),
        LOG_TEXT_IF_ANY("user", request->user));
}

void event_evicted(struct upload_service *service, const struct bits_guid *id,
                   enum event_loss loss)
{
    bool had_bytes = loss == EVENT_BYTES_DELETED;
    char handle[HANDLE_LEN + 1];

    handle_of(id, handle);
    LOG(service->log, had_bytes ? LOG_WARNING : LOG_INFO, "evicted",
        had_bytes ? "a new session took the place of this session "
                    "(max_sessions); its bytes were deleted"
                  : "a new session took the place of this session "
                    "(max_sessions); it had no bytes",
        LOG_TEXT("session", text_of(handle)));
}

void event_failed(const struct upload_active *active,
                  struct bits_outcome outcome, const char *detail)
{
    const struct log_field fields[] = {
        LOG_TEXT("cause", text_of(cause_name(outcome.cause))),
        LOG_TEXT("detail", text_of(detail)),
    };

    write_session_event(active, NULL,
                        (struct log_event){level_of(outcome.cause), "failed",
                                           cause_sentence(outcome.cause),
                                           fields, 2});
}

void event_unanswered(const struct upload_active *active, const char *call)
{
    const struct log_field field = LOG_TEXT("call", text_of(call));

    write_session_event(
        active, NULL,
        (struct log_event){LOG_WARNING, "unanswered",
                           "the store has not answered a call for this session",
                           &field, 1});
}

/* Writes the nearest prefix, then all of them; cuts the end off. */
static void write_prefixes(const struct config *config, const char *path,
                           char detail[PREFIXES_SHOWN])
{
    const char *near = config_nearest_prefix(config, path);
    FILE *stream;

    memset(detail, 0, PREFIXES_SHOWN); /* the stream writes no terminator */
    stream = fmemopen(detail, PREFIXES_SHOWN - 1, "w");
    if (!stream) {
        return;
    }
    if (near) {
        (void)fprintf(stream, "did you mean %s? ", near);
    }
    (void)fprintf(stream, "the prefixes are:");
    for (size_t i = 0; i < config->upload_count; i++) {
        (void)fprintf(stream, " %s", config->uploads[i].prefix);
    }
    (void)fclose(stream);
}

void event_unknown_path(struct upload_service *service,
                        const struct upload_request *request)
{
    char path[PATH_SHOWN];
    char detail[PREFIXES_SHOWN];

    (void)snprintf(path, sizeof(path), "%.*s",
                   (int)(request->target.path.len < sizeof(path)
                             ? request->target.path.len
                             : sizeof(path) - 1),
                   request->target.path.ptr);
    write_prefixes(request->rules->config, path, detail);
    event_refused(service, request, cause_outcome(CAUSE_PREFIX_UNKNOWN),
                  detail);
}
