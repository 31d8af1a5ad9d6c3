/*
 * client/http/exchange.c: one request: the loop, and its end.  See exchange.h.
 */
#include "client/http/exchange_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/clock.h"
#include "client/http/stall.h"

/* How often the time-outs are looked at. */
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

static bool is_stalled(const struct exchange_run *run, struct stall *stall,
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

static void tick(const struct exchange_run *run, uint64_t now_ms,
                 uint64_t *ticked_ms)
{
    const struct exchange_request *request = run->request;

    if (request->tick && now_ms - *ticked_ms >= request->tick_ms) {
        *ticked_ms = now_ms;
        request->tick(request->context, body_sent(run->curl));
    }
}

static int timeout_of(const struct exchange *exchange)
{
    const struct exchange_request *request = exchange->run.request;
    uint64_t timeout_ms = LOOK_MS;

    if (request->tick && request->tick_ms < timeout_ms) {
        timeout_ms = request->tick_ms;
    }
    if (exchange->run.paused) {
        uint64_t wait_ms = throttle_wait_us(exchange->throttle) / 1000 + 1;

        timeout_ms = wait_ms < timeout_ms ? wait_ms : timeout_ms;
    }
    return (int)timeout_ms;
}

/* --- the loop ------------------------------------------------------------- */

static bool take_result(struct exchange *exchange, CURLcode *ret_code)
{
    int left;
    CURLMsg *message = curl_multi_info_read(exchange->multi, &left);

    if (!message) {
        return false;
    }
    *ret_code = message->data.result;
    return true;
}

static void resume(struct exchange_run *run)
{
    if (run->paused) {
        run->paused = false;
        (void)curl_easy_pause(run->curl, CURLPAUSE_CONT);
    }
}

/* Until the request is over.  False: a stop was asked. */
static bool loop(struct exchange *exchange, CURLcode *ret_code)
{
    struct exchange_run *run = &exchange->run;
    struct curl_waitfd wake = {.fd = exchange->stop->fd,
                               .events = CURL_WAIT_POLLIN};
    uint64_t ticked_ms = clock_ms();
    struct stall stall;
    int running = 1;

    stall_init(&stall, ticked_ms);
    while (!exchange->stop->asked) {
        uint64_t now_ms;

        (void)curl_multi_perform(exchange->multi, &running);
        if (running == 0 && take_result(exchange, ret_code)) {
            return true;
        }
        now_ms = clock_ms();
        tick(run, now_ms, &ticked_ms);
        if (is_stalled(run, &stall, now_ms)) {
            *ret_code = CURLE_OPERATION_TIMEDOUT;
            return true;
        }
        (void)curl_multi_poll(exchange->multi, &wake, 1, timeout_of(exchange),
                              NULL);
        resume(run);
    }
    return false;
}

/* --- the end -------------------------------------------------------------- */

/* A proxy that refuses the tunnel has answered, too; its head is not shown by
 * libcurl. */
static bool take_tunnel_refusal(struct exchange_run *run)
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

static bool is_answered(struct exchange_run *run, CURLcode code)
{
    if (run->head_whole) {
        return code == CURLE_OK || !run->request->reply ||
               run->status / 100 != 2;
    }
    return code != CURLE_OK && take_tunnel_refusal(run);
}

static enum exchange_end end_of(struct exchange_run *run, CURLcode code)
{
    if (run->unsent) {
        return EXCHANGE_UNSENT;
    }
    if (run->aborted) {
        return EXCHANGE_ABORTED;
    }
    if (run->flooded && run->request->reply && run->head_whole &&
        run->status / 100 == 2) {
        return EXCHANGE_TOO_LARGE;
    }
    return is_answered(run, code) ? EXCHANGE_ANSWERED : EXCHANGE_BROKEN;
}

static void fill_facts(const struct exchange_run *run,
                       struct exchange_result *result)
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

static void describe_break(struct exchange *exchange, CURLcode code,
                           struct exchange_result *result)
{
    const struct exchange_run *run = &exchange->run;
    const char *words =
        run->words[0] != '\0' ? run->words : curl_easy_strerror(code);

    result->transport = exchange_fault(exchange, code);
    if ((run->request->once && run->repeated) || code == CURLE_OK) {
        result->transport = BITS_TRANSPORT_BROKEN;
        words = "the connection broke before an answer came";
    }
    if (run->flooded) {
        result->transport = BITS_TRANSPORT_NOT_HTTP;
        words = "the head of the answer has no end";
    }
    (void)snprintf(result->words, sizeof(result->words), "%s", words);
}

static void conclude(struct exchange *exchange, CURLcode code,
                     struct exchange_result *result)
{
    struct exchange_run *run = &exchange->run;

    fill_facts(run, result);
    result->end = end_of(run, code);
    if (result->end == EXCHANGE_ANSWERED) {
        result->status = run->status;
        exchange->contacted = true;
        exchange_learn_offers(exchange, run->curl);
        if (run->status / 100 == 2) {
            memcpy(exchange->proven, run->ends, sizeof(run->ends));
        }
    }
    if (result->end == EXCHANGE_BROKEN) {
        describe_break(exchange, code, result);
    }
}

static void run_handle(struct exchange *exchange,
                       struct exchange_result *result)
{
    struct exchange_run *run = &exchange->run;
    CURLcode code = CURLE_OK;

    exchange_limit_begin(exchange);
    (void)curl_multi_add_handle(exchange->multi, run->curl);
    if (loop(exchange, &code)) {
        conclude(exchange, code, result);
    } else {
        result->end = EXCHANGE_STOPPED;
        result->body_sent = body_sent(run->curl);
    }
    (void)curl_multi_remove_handle(exchange->multi, run->curl);
}

void exchange_run(struct exchange *exchange,
                  const struct exchange_request *request,
                  struct exchange_result *ret_result)
{
    struct exchange_result result = {.end = EXCHANGE_BROKEN,
                                     .transport = BITS_TRANSPORT_CONNECT};
    struct curl_slist *fields = NULL;
    uint64_t started_ms = clock_ms();

    exchange->run = (struct exchange_run){.request = request};
    if (request->challenged) {
        exchange_read_secrets_again(exchange);
    }
    exchange->run.curl = exchange_prepare(exchange, &fields);
    if (exchange->run.curl) {
        run_handle(exchange, &result);
        (void)curl_easy_setopt(exchange->run.curl, CURLOPT_HTTPHEADER, NULL);
    } else {
        (void)snprintf(result.words, sizeof(result.words),
                       "the request cannot be made; is the URL one?");
    }
    curl_slist_free_all(fields);
    result.elapsed_ms = clock_ms() - started_ms;
    *ret_result = result;
}

/* --- cookies -------------------------------------------------------------- */

void exchange_forget_cookies(struct exchange *exchange)
{
    (void)curl_easy_setopt(exchange->own, CURLOPT_COOKIELIST, "ALL");
}

char *exchange_cookies(const struct exchange *exchange)
{
    struct curl_slist *cookies = NULL;
    char *lines = NULL;
    size_t size = 0;
    FILE *stream = NULL;

    (void)curl_easy_getinfo(exchange->own, CURLINFO_COOKIELIST, &cookies);
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

void exchange_put_cookies(struct exchange *exchange, const char *lines)
{
    char *copy = strdup(lines);
    char *rest = copy;
    char *line;

    while (rest && (line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '\0') {
            (void)curl_easy_setopt(exchange->own, CURLOPT_COOKIELIST, line);
        }
    }
    free(copy);
}
