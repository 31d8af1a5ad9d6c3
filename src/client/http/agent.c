/*
 * client/http/agent.c: runs one request: the loop, and its end.  See agent.h.
 */
#include "client/http/agent_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/http/stall.h"
#include "client/monotonic.h"

/* How often the time-outs are checked. */
#define LOOK_MS 1000

static uint64_t body_sent(CURL *curl)
{
    curl_off_t sent = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    return sent > 0 ? (uint64_t)sent : 0;
}

static uint64_t received(CURL *curl)
{
    curl_off_t bytes = 0;
    long head = 0;

    (void)curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    (void)curl_easy_getinfo(curl, CURLINFO_HEADER_SIZE, &head);
    return (uint64_t)bytes + (uint64_t)head;
}

/* --- time ----------------------------------------------------------------- */

static bool is_stalled(const struct agent_run *run, struct stall *stall,
                       uint64_t now_ms)
{
    const struct stall_facts facts = {
        .body_size = run->request->body_size,
        .sent = body_sent(run->curl),
        .received = received(run->curl),
        .paused = run->paused,
        .head_whole = run->head_whole && !run->request->reply,
    };

    return stall_note(stall, &facts, now_ms);
}

static void tick(const struct agent_run *run, uint64_t now_ms,
                 uint64_t *ticked_ms)
{
    const struct agent_request *request = run->request;

    if (request->tick && now_ms - *ticked_ms >= request->tick_ms) {
        *ticked_ms = now_ms;
        request->tick(request->context, body_sent(run->curl));
    }
}

static int timeout_of(const struct agent *agent)
{
    const struct agent_request *request = agent->run.request;
    uint64_t timeout_ms = LOOK_MS;

    if (request->tick && request->tick_ms < timeout_ms) {
        timeout_ms = request->tick_ms;
    }
    if (agent->run.paused) {
        uint64_t wait_ms = throttle_wait_us(agent->throttle) / 1000 + 1;

        timeout_ms = wait_ms < timeout_ms ? wait_ms : timeout_ms;
    }
    return (int)timeout_ms;
}

/* --- the loop ------------------------------------------------------------- */

static bool take_result(struct agent *agent, CURLcode *ret_code)
{
    int left;
    CURLMsg *message = curl_multi_info_read(agent->multi, &left);

    if (!message) {
        return false;
    }
    *ret_code = message->data.result;
    return true;
}

static void resume(struct agent_run *run)
{
    if (run->paused) {
        run->paused = false;
        (void)curl_easy_pause(run->curl, CURLPAUSE_CONT);
    }
}

/* Runs until the request has ended.  Returns false if a stop was requested. */
static bool loop(struct agent *agent, CURLcode *ret_code)
{
    struct agent_run *run = &agent->run;
    struct curl_waitfd wake = {.fd = agent->stop->fd,
                               .events = CURL_WAIT_POLLIN};
    uint64_t ticked_ms = monotonic_ms();
    struct stall stall;
    int running = 1;

    stall_init(&stall, ticked_ms);
    while (!agent->stop->asked) {
        uint64_t now_ms;

        (void)curl_multi_perform(agent->multi, &running);
        if (running == 0 && take_result(agent, ret_code)) {
            return true;
        }
        now_ms = monotonic_ms();
        tick(run, now_ms, &ticked_ms);
        if (is_stalled(run, &stall, now_ms)) {
            *ret_code = CURLE_OPERATION_TIMEDOUT;
            return true;
        }
        (void)curl_multi_poll(agent->multi, &wake, 1, timeout_of(agent), NULL);
        resume(run);
    }
    return false;
}

/* --- the end -------------------------------------------------------------- */

/* A proxy that refuses the tunnel has answered, too; libcurl does not pass on
 * the head of that answer. */
static bool take_tunnel_refusal(struct agent_run *run)
{
    long status = 0;

    (void)curl_easy_getinfo(run->curl, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status < 300 || status > 999) {
        return false;
    }
    run->status = (unsigned)status;
    if (run->request->status) {
        run->request->status(run->request->context, run->status);
    }
    return true;
}

static bool is_answered(struct agent_run *run, CURLcode code)
{
    if (run->head_whole) {
        return code == CURLE_OK || !run->request->reply ||
               run->status / 100 != 2;
    }
    return code != CURLE_OK && take_tunnel_refusal(run);
}

static enum agent_end end_of(struct agent_run *run, CURLcode code)
{
    if (run->unsent) {
        return AGENT_UNSENT;
    }
    if (run->aborted) {
        return AGENT_ABORTED;
    }
    if (run->flooded && run->request->reply && run->head_whole &&
        run->status / 100 == 2) {
        return AGENT_TOO_LARGE;
    }
    return is_answered(run, code) ? AGENT_ANSWERED : AGENT_BROKEN;
}

static void fill_facts(const struct agent_run *run, struct agent_result *result)
{
    const char *peer = NULL;
    long connections = 0;

    result->body_sent = body_sent(run->curl);
    (void)curl_easy_getinfo(run->curl, CURLINFO_NUM_CONNECTS, &connections);
    result->new_connection = connections > 0;
    result->repeated = run->repeated;
    (void)curl_easy_getinfo(run->curl, CURLINFO_PRIMARY_IP, &peer);
    (void)snprintf(result->peer, sizeof(result->peer), "%s", peer ? peer : "");
}

/* A TLS server answers plain HTTP by closing the connection or with an
 * alert. */
static bool may_speak_tls(const struct agent *agent, CURLcode code)
{
    return !agent->contacted &&
           text_has_prefix_nocase(text_of(agent->run.request->url),
                                  TEXT("http://")) &&
           ((int)code == CURLE_GOT_NOTHING || (int)code == CURLE_RECV_ERROR ||
            (int)code == CURLE_WEIRD_SERVER_REPLY ||
            (int)code == CURLE_UNSUPPORTED_PROTOCOL);
}

static void describe_break(struct agent *agent, CURLcode code,
                           struct agent_result *result)
{
    const struct agent_run *run = &agent->run;
    const char *words =
        run->words[0] != '\0' ? run->words : curl_easy_strerror(code);

    result->transport = agent_fault(agent, code);
    if ((run->request->once && run->repeated) || code == CURLE_OK) {
        result->transport = BITS_TRANSPORT_BROKEN;
        words = "the connection broke before an answer arrived";
    }
    if (run->flooded) {
        result->transport = BITS_TRANSPORT_NOT_HTTP;
        words = "the head of the answer has no end";
    }
    (void)snprintf(result->words, sizeof(result->words), "%.200s%s", words,
                   may_speak_tls(agent, code)
                       ? "; if the port speaks TLS, write https:// in the URL"
                       : "");
}

static void conclude(struct agent *agent, CURLcode code,
                     struct agent_result *result)
{
    struct agent_run *run = &agent->run;

    fill_facts(run, result);
    result->end = end_of(run, code);
    if (result->end == AGENT_ANSWERED) {
        result->status = run->status;
        agent->contacted = true;
        agent_learn_offers(agent, run->curl);
        if (run->status / 100 == 2) {
            memcpy(agent->proven, run->ends, sizeof(run->ends));
        }
    }
    if (result->end == AGENT_BROKEN) {
        describe_break(agent, code, result);
    }
}

static void run_handle(struct agent *agent, struct agent_result *result)
{
    struct agent_run *run = &agent->run;
    CURLcode code = CURLE_OK;

    agent_limit_begin(agent);
    (void)curl_multi_add_handle(agent->multi, run->curl);
    if (loop(agent, &code)) {
        conclude(agent, code, result);
    } else {
        result->end = AGENT_STOPPED;
        result->body_sent = body_sent(run->curl);
    }
    (void)curl_multi_remove_handle(agent->multi, run->curl);
}

void agent_send(struct agent *agent, const struct agent_request *request,
                struct agent_result *ret_result)
{
    struct agent_result result = {.end = AGENT_BROKEN,
                                  .transport = BITS_TRANSPORT_CONNECT};
    struct curl_slist *fields = NULL;
    uint64_t started_ms = monotonic_ms();

    agent->run = (struct agent_run){.request = request};
    if (request->challenged) {
        agent_read_secrets_again(agent);
    }
    agent->run.curl = agent_prepare(agent, &fields);
    if (agent->run.curl) {
        run_handle(agent, &result);
        (void)curl_easy_setopt(agent->run.curl, CURLOPT_HTTPHEADER, NULL);
    } else {
        (void)snprintf(result.words, sizeof(result.words),
                       "cannot build the request: is the URL valid?");
    }
    curl_slist_free_all(fields);
    result.elapsed_ms = monotonic_ms() - started_ms;
    *ret_result = result;
}

/* --- cookies -------------------------------------------------------------- */

void agent_forget_cookies(struct agent *agent)
{
    (void)curl_easy_setopt(agent->own, CURLOPT_COOKIELIST, "ALL");
}

char *agent_cookies(const struct agent *agent)
{
    struct curl_slist *cookies = NULL;
    char *lines = NULL;
    size_t size = 0;
    FILE *stream = NULL;

    (void)curl_easy_getinfo(agent->own, CURLINFO_COOKIELIST, &cookies);
    stream = cookies ? open_memstream(&lines, &size) : NULL;
    for (const struct curl_slist *each = cookies; stream && each;
         each = each->next) {
        (void)fprintf(stream, "%s\n", each->data);
    }
    if (stream && fclose(stream) != 0) {
        free(lines);
        lines = NULL;
    }
    curl_slist_free_all(cookies);
    return lines;
}

void agent_put_cookies(struct agent *agent, const char *lines)
{
    char *copy = strdup(lines);
    char *rest = copy;
    char *line;

    while (rest && (line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '\0') {
            (void)curl_easy_setopt(agent->own, CURLOPT_COOKIELIST, line);
        }
    }
    free(copy);
}
