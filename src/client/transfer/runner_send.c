/*
 * client/transfer/runner_send.c: the actions that are requests.  See
 * runner_private.h.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "client/monotonic.h"
#include "client/transfer/runner_private.h"
#include "options/value.h"

/* --- sending -------------------------------------------------------------- */

/* Copies the value, which is valid during the call only.  The machine never
 * writes more than fits. */
static void on_field(void *context, const char *name, struct bits_text value)
{
    struct run *run = context;
    char *room = run->field_room + run->field_used;

    if (strcasecmp(name, "Content-Length") == 0 ||
        run->field_count == RUNNER_FIELDS_MAX ||
        value.len > RUNNER_FIELDS_ROOM - run->field_used) {
        return;
    }
    memcpy(room, value.ptr, value.len);
    run->field_used += value.len;
    run->fields[run->field_count++] =
        (struct agent_field){name, {room, value.len}};
}

static size_t on_read(void *context, uint64_t offset, char *room, size_t size)
{
    struct run *run = context;

    return source_read(&run->source, run->action.offset + offset, room, size);
}

static bool is_fragment(const struct run *run)
{
    return run->action.kind == BITS_ACTION_SEND &&
           run->action.type == BITS_PACKET_FRAGMENT;
}

static void on_tick(void *context, uint64_t body_sent)
{
    struct run *run = context;

    tell_tick(run, is_fragment(run) ? run->action.offset + body_sent : 0);
}

/* --- receiving ------------------------------------------------------------ */

static void on_status(void *context, unsigned status)
{
    struct run *run = context;

    responder_begin(&run->responder);
    bits_transfer_answer_status(&run->transfer, status);
}

static void on_answer_field(void *context, struct bits_text name,
                            struct bits_text value)
{
    struct run *run = context;

    responder_field(&run->responder, name, value);
    bits_transfer_answer_field(&run->transfer, name, value);
}

static void on_page(void *context, const char *bytes, size_t size)
{
    struct run *run = context;

    responder_page(&run->responder, bytes, size);
}

static bool on_reply(void *context, unsigned status, const char *bytes,
                     size_t size)
{
    struct run *run = context;
    int error;

    if (status / 100 != 2) {
        return true;
    }
    error = reply_file_write(&run->reply, bytes, size);
    if (error) {
        run_words(run, "%s: %s", run->reply.path, strerror(error));
    }
    return error == 0;
}

/* --- the result ----------------------------------------------------------- */

static void fail_locally(struct run *run)
{
    if (run->action.kind == BITS_ACTION_FETCH_REPLY) {
        bits_transfer_local_error(&run->transfer, HRESULT_WRITE_FAULT);
    } else if (source_is_same(&run->source)) {
        run_words(run, "%s cannot be read", run->job->path);
        bits_transfer_local_error(&run->transfer, HRESULT_READ_FAULT);
    } else {
        run_words(run, "%s changed while it was sent", run->job->path);
        bits_transfer_local_error(&run->transfer, BITS_HR_LOCAL_FILE_CHANGED);
    }
}

static void end_answer(struct run *run, const struct agent_result *result)
{
    int error = 0;

    if (run->action.kind == BITS_ACTION_FETCH_REPLY &&
        result->status / 100 == 2) {
        error = reply_file_commit(&run->reply);
    }
    if (error) {
        run_words(run, "%s: %s", run->reply.path, strerror(error));
        bits_transfer_local_error(&run->transfer, HRESULT_WRITE_FAULT);
        return;
    }
    if (result->repeated) {
        bits_transfer_repeated(&run->transfer);
    }
    bits_transfer_answer_end(&run->transfer, monotonic_ms());
}

static void refuse_reply(struct run *run)
{
    char limit[VALUE_TEXT_MAX];

    value_write_size(run->job->settings->max_reply_size, limit);
    run_words(run,
              "the reply has more than %s; allow more with "
              "--max-reply-size",
              limit);
    bits_transfer_local_error(&run->transfer, HRESULT_TOO_LARGE);
}

static void digest(struct run *run, const struct agent_result *result)
{
    switch (result->end) {
    case AGENT_ANSWERED:
        end_answer(run, result);
        break;
    case AGENT_BROKEN:
        (void)memccpy(run->transport_words, result->words, '\0',
                      sizeof(run->transport_words));
        bits_transfer_broken(&run->transfer, monotonic_ms(), result->transport,
                             result->body_sent);
        break;
    case AGENT_UNSENT:
        bits_transfer_unsent(&run->transfer, monotonic_ms());
        break;
    case AGENT_ABORTED:
        fail_locally(run);
        break;
    case AGENT_TOO_LARGE:
        refuse_reply(run);
        break;
    case AGENT_STOPPED:
        bits_transfer_pause(&run->transfer);
        break;
    }
}

static void send_request(struct run *run)
{
    const struct bits_action *action = &run->action;
    bool is_reply = action->kind == BITS_ACTION_FETCH_REPLY;
    bool proves = action->credentials || action->proxy_credentials;
    unsigned tick_ms = run->runner->watcher->tick_ms;
    const struct agent_request request = {
        .method = is_reply ? AGENT_GET : AGENT_PACKET,
        .url = run->url,
        .fields = run->fields,
        .field_count = run->field_count,
        .body_size = action->length,
        .read = on_read,
        .expect = action->expect,
        .trusted = action->trusted,
        .credentials = action->credentials,
        .proxy_credentials = action->proxy_credentials,
        .challenged = action->challenged && proves,
        .proven_only = is_fragment(run) && proves,
        .once = !is_reply && (action->type == BITS_PACKET_CLOSE_SESSION ||
                              action->type == BITS_PACKET_CANCEL_SESSION),
        .status = on_status,
        .field = on_answer_field,
        .reply = is_reply ? on_reply : NULL,
        .page = on_page,
        .tick = tick_ms > 0 ? on_tick : NULL,
        .tick_ms = tick_ms,
        .context = run,
    };
    struct agent_result result;

    run->waiting = false;
    run->sent = 0;
    responder_begin(&run->responder);
    agent_send(run->agent, &request, &result);
    tell_packet(run, &result);
    digest(run, &result);
}

void run_request(struct run *run)
{
    int error = 0;

    run->field_count = 0;
    run->field_used = 0;
    (void)bits_transfer_url(&run->transfer, run->url);
    bits_transfer_fields(&run->transfer, on_field, run);
    if (run->action.kind == BITS_ACTION_FETCH_REPLY) {
        error = reply_file_begin(&run->reply);
    }
    if (error) {
        run_words(run, "%s: %s", run->reply.path, strerror(error));
        bits_transfer_local_error(&run->transfer, HRESULT_WRITE_FAULT);
        return;
    }
    send_request(run);
}
