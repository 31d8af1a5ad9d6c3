/*
 * client/http/agent_read.c: reads the head and the body of an answer from
 * libcurl.  See agent_private.h.
 */
#include "client/http/agent_private.h"

#include <string.h>

#include "base/text.h"

/* "HTTP/1.1 200 OK" */
static bool read_status(struct bits_text line, unsigned *ret_status)
{
    struct bits_text version;
    uint64_t status;

    if (!text_has_prefix_nocase(line, TEXT("HTTP/")) ||
        !text_take_until(&line, ' ', &version)) {
        return false;
    }
    line = text_trim(line);
    if (!text_take_u64(&line, &status) || status < 100 || status > 999) {
        return false;
    }
    *ret_status = (unsigned)status;
    return true;
}

static struct bits_text without_end(const char *line, size_t len)
{
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
        len--;
    }
    return (struct bits_text){line, len};
}

static void end_head(struct agent_run *run)
{
    run->head_whole = run->status >= 200;
}

/* Ignores continuation lines: they are obsolete, and no field of BITS uses
 * them. */
static void read_field(const struct agent_run *run, struct bits_text line)
{
    const struct agent_request *request = run->request;
    struct bits_text name;

    if (line.ptr[0] != ' ' && line.ptr[0] != '\t' &&
        text_take_until(&line, ':', &name) && request->field) {
        request->field(request->context, text_trim(name), text_trim(line));
    }
}

size_t agent_on_header(char *line, size_t size, size_t count, void *context)
{
    struct agent *agent = context;
    struct agent_run *run = &agent->run;
    struct bits_text text = without_end(line, size * count);

    if (!agent_limit_shown(agent, size * count)) {
        return 0;
    }
    if (run->head_whole) {
        return size * count; /* a trailer */
    }
    if (text.len == 0) {
        end_head(run);
    } else if (read_status(text, &run->status)) {
        run->left = false;
        if (run->request->status) {
            run->request->status(run->request->context, run->status);
        }
    } else {
        read_field(run, text);
    }
    return size * count;
}

size_t agent_on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct agent *agent = context;
    struct agent_run *run = &agent->run;
    size_t len = size * count;

    if (!agent_limit_kept(agent, len)) {
        return 0;
    }
    if (!run->request->reply && run->request->page) {
        run->request->page(run->request->context, bytes, len);
    }
    if (run->request->reply &&
        !run->request->reply(run->request->context, run->status, bytes, len)) {
        run->aborted = true;
        return 0;
    }
    return len;
}
