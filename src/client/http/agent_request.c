/*
 * client/http/agent_request.c: settings of one request, and its body for
 * libcurl.  See agent_private.h.
 */
#include "client/http/agent_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the headers ---------------------------------------------------------- */

static bool add(struct curl_slist **list, const char *name,
                struct bits_text value)
{
    struct curl_slist *longer;
    char *line;

    if (asprintf(&line, "%s: %.*s", name, (int)value.len, value.ptr) < 0) {
        return false;
    }
    longer = curl_slist_append(*list, line);
    *list = longer ? longer : *list;
    free(line);
    return longer != NULL;
}

static bool is_override(const struct agent *agent)
{
    return agent->run.request->method == AGENT_PACKET &&
           agent->settings->method == SETTINGS_METHOD_POST;
}

static bool add_fields(const struct agent *agent, struct curl_slist **fields)
{
    const struct agent_request *request = agent->run.request;
    const struct curl_slist *own = request->trusted ? agent->headers : NULL;
    bool good = true;

    for (size_t i = 0; good && i < request->field_count; i++) {
        good = add(fields, request->fields[i].name, request->fields[i].value);
    }
    if (good && is_override(agent)) {
        good = add(fields, "X-HTTP-Method-Override",
                   (struct bits_text){"BITS_POST", 9});
    }
    /* A header without a value makes libcurl omit its own. */
    good = good && add(fields, "Expect",
                       request->expect ? (struct bits_text){"100-continue", 12}
                                       : (struct bits_text){"", 0});
    for (; good && own; own = own->next) {
        struct curl_slist *longer = curl_slist_append(*fields, own->data);

        *fields = longer ? longer : *fields;
        good = longer != NULL;
    }
    return good;
}

/* --- the request ---------------------------------------------------------- */

static void set_method(const struct agent *agent, CURL *curl)
{
    const struct agent_request *request = agent->run.request;

    if (request->method == AGENT_GET) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
        return;
    }
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
                           is_override(agent) ? "POST" : "BITS_POST");
    (void)curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
                           (curl_off_t)request->body_size);
}

CURL *agent_prepare(struct agent *agent, struct curl_slist **ret_fields)
{
    const struct agent_request *request = agent->run.request;
    CURL *curl = request->trusted ? agent->own : agent->stranger;
    struct curl_slist *fields = NULL;

    if (!add_fields(agent, &fields) ||
        !agent_authenticate(agent, curl, &fields) ||
        curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK) {
        curl_slist_free_all(fields);
        return NULL;
    }
    set_method(agent, curl);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    *ret_fields = fields;
    return curl;
}

/* --- the body ------------------------------------------------------------- */

size_t agent_on_read(char *room, size_t size, size_t count, void *context)
{
    struct agent *agent = context;
    struct agent_run *run = &agent->run;
    const struct agent_request *request = run->request;
    uint64_t left = request->body_size - run->read_to;
    size_t wanted = size * count;
    size_t len;

    if (left == 0) {
        return 0;
    }
    wanted = left < wanted ? (size_t)left : wanted;
    wanted = throttle_take(agent->throttle, wanted);
    if (wanted == 0) {
        run->paused = true;
        return CURL_READFUNC_PAUSE;
    }
    len = request->read(request->context, run->read_to, room, wanted);
    if (len == 0) {
        run->aborted = true;
        return CURL_READFUNC_ABORT;
    }
    run->read_to += len;
    return len;
}

/* Rewinds the body after a challenge or on a new connection. */
int agent_on_seek(void *context, curl_off_t offset, int origin)
{
    struct agent *agent = context;

    if (origin != SEEK_SET || offset < 0 ||
        (uint64_t)offset > agent->run.request->body_size) {
        return CURL_SEEKFUNC_FAIL;
    }
    agent->run.read_to = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* Called when a connection exists and the request is about to be sent,
 * including the steps of an authentication and repetitions by libcurl. */
int agent_on_ready(void *context, char *peer, char *own, int peer_port,
                   int own_port)
{
    struct agent *agent = context;
    struct agent_run *run = &agent->run;

    run->head_whole = false;
    (void)snprintf(run->ends, sizeof(run->ends), "%s %d %s %d", own, own_port,
                   peer, peer_port);
    if (run->request->proven_only && strcmp(run->ends, agent->proven) != 0) {
        run->unsent = true;
        return CURL_PREREQFUNC_ABORT;
    }
    run->repeated = run->repeated || run->left;
    if (run->request->once && run->repeated) {
        return CURL_PREREQFUNC_ABORT;
    }
    run->left = true;
    return CURL_PREREQFUNC_OK;
}
