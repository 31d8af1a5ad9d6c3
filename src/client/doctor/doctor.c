/*
 * client/doctor/doctor.c: the probes in order, and which result each should
 * have; see doctor.h. fragment.c has those that carry bytes.
 */
#include "client/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/doctor/checkup.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_url.h"

#define WHOLE_BYTES 26

/* --- before a session exists ---------------------------------------------- */

/* Puts the file into the folder of the user's URL: after the last slash of the
 * path, before the query.  Returns false if the result is too long. */
static bool write_url(struct checkup *checkup)
{
    const char *url = checkup->doctor->url;
    size_t path = strcspn(url, "?#");
    size_t host = (size_t)(strstr(url, "://") + 3 - url);
    size_t folder = path;
    int len;

    while (folder > host && url[folder - 1] != '/') {
        folder--;
    }
    if (folder == host) {
        /* The URL has no path. */
        len = snprintf(checkup->url, sizeof(checkup->url), "%.*s/%s%s",
                       (int)path, url, checkup->doctor->name, url + path);
    } else {
        len = snprintf(checkup->url, sizeof(checkup->url), "%.*s%s%s",
                       (int)folder, url, checkup->doctor->name, url + path);
    }
    return len > 0 && (size_t)len < sizeof(checkup->url);
}

static bool wants_credentials(const struct doctor_row *row)
{
    return row->answer.status == 401 || row->answer.status == 407;
}

static bool has_credentials_for(const struct checkup *checkup,
                                const struct doctor_row *row)
{
    return row->answer.status == 401
               ? agent_has_credentials(checkup->agent)
               : agent_has_proxy_credentials(checkup->agent);
}

/* Answers a challenge if it can.  The row then becomes that of the second
 * Ping. */
static bool log_in(struct checkup *checkup, struct doctor_row *row)
{
    if (!has_credentials_for(checkup, row)) {
        return checkup_tell(checkup, row, DOCTOR_FAILED);
    }
    (void)checkup_tell(checkup, row, DOCTOR_FINE); /* a challenge is not a
                                                      failure */
    checkup->credentials = true;
    *row = (struct doctor_row){.probe = DOCTOR_PING_LOGIN};
    checkup_send(checkup, row, BITS_PACKET_PING, 0, 0);
    return checkup_tell_success(checkup, row);
}

/* If POST passes, the following packets use it. */
static bool try_post(struct checkup *checkup, struct fault *fault)
{
    struct doctor_row row = {.probe = DOCTOR_PING_POST};
    struct agent *agent = agent_new(&checkup->as_post, checkup->doctor->url,
                                    checkup->doctor->stop, fault);

    if (!agent) {
        return false;
    }
    (void)agent_free(checkup->agent);
    checkup->agent = agent;
    checkup_send(checkup, &row, BITS_PACKET_PING, 0, 0);
    return checkup_tell_success(checkup, &row);
}

/* Returns false if no later probe can succeed. */
static bool greet(struct checkup *checkup, struct fault *fault)
{
    struct doctor_row row = {.probe = DOCTOR_PING};

    checkup_send(checkup, &row, BITS_PACKET_PING, 0, 0);
    if (wants_credentials(&row)) {
        return log_in(checkup, &row);
    }
    if (checkup_tell_success(checkup, &row)) {
        return true;
    }
    if (row.who == DOCTOR_NO_ANSWER || checkup->stopped) {
        return false;
    }
    if (row.who == DOCTOR_STRANGER &&
        checkup->doctor->settings->method == SETTINGS_METHOD_BITS &&
        row.answer.status >= 400) {
        return try_post(checkup, fault);
    }
    return row.who == DOCTOR_SERVER;
}

/* --- sessions ------------------------------------------------------------- */

static bool is_trusted_host(const struct checkup *checkup, const char *host)
{
    const struct string_list *hosts = &checkup->doctor->settings->trust_host;

    for (size_t i = 0; i < hosts->count; i++) {
        if (text_equal_nocase(text_of(hosts->items[i]), text_of(host))) {
            return true;
        }
    }
    return false;
}

/* The server announced another host for the session.  If that host does not
 * answer, the session continues at the first one, as uploads do. */
static void change_host(struct checkup *checkup, const char *host)
{
    struct doctor_row row = {.probe = DOCTOR_PING_HOST};

    (void)url_with_host(text_of(checkup->url), text_of(host),
                        checkup->host_url);
    checkup->to_host = true;
    checkup->host_trusted = is_trusted_host(checkup, host);
    checkup_send(checkup, &row, BITS_PACKET_PING, 0, 0);
    checkup->to_host = checkup_tell_success(checkup, &row);
}

static bool create(struct checkup *checkup, enum doctor_probe probe)
{
    struct doctor_row row = {.probe = probe};
    bool fine;

    checkup->to_host = false;
    checkup_send(checkup, &row, BITS_PACKET_CREATE_SESSION, 0, 0);
    fine = checkup_is_success(&row) && row.answer.session_id[0] != '\0';
    if (!checkup_tell(checkup, &row, fine ? DOCTOR_FINE : DOCTOR_FAILED)) {
        return false;
    }
    (void)snprintf(checkup->session, sizeof(checkup->session), "%s",
                   row.answer.session_id);
    if (row.answer.host_id[0] != '\0') {
        change_host(checkup, row.answer.host_id);
    }
    return true;
}

/* Also after a stop, so that the session does not stay on the server for
 * days. */
static void cancel(struct checkup *checkup)
{
    struct doctor_row row = {.probe = DOCTOR_CANCEL};
    bool stopped = checkup->stopped;

    if (stopped) {
        stop_clear(checkup->doctor->stop);
        checkup->stopped = false;
    }
    checkup_send(checkup, &row, BITS_PACKET_CANCEL_SESSION, 0, 0);
    (void)checkup_tell_success(checkup, &row);
    checkup->stopped |= stopped;
}

static void deliver(struct checkup *checkup)
{
    struct doctor_row row = {.probe = DOCTOR_WHOLE_FRAGMENT,
                             .length = WHOLE_BYTES,
                             .wanted = WHOLE_BYTES};
    bool fine;

    if (!create(checkup, DOCTOR_WHOLE_CREATE)) {
        return;
    }
    checkup->total = WHOLE_BYTES;
    checkup_send(checkup, &row, BITS_PACKET_FRAGMENT, 0, 0);
    fine = checkup_is_success(&row) && row.answer.has_next &&
           row.answer.next == WHOLE_BYTES;
    if (!checkup_tell(checkup, &row, fine ? DOCTOR_FINE : DOCTOR_FAILED)) {
        cancel(checkup);
        return;
    }
    row = (struct doctor_row){.probe = DOCTOR_WHOLE_CLOSE};
    checkup_send(checkup, &row, BITS_PACKET_CLOSE_SESSION, 0, 0);
    (void)checkup_tell_success(checkup, &row);
}

static void examine(struct checkup *checkup, struct fault *fault)
{
    if (!greet(checkup, fault) || !create(checkup, DOCTOR_CREATE)) {
        return;
    }
    if (!checkup->stopped) {
        checkup_fragments(checkup);
    }
    cancel(checkup);
    if (checkup->doctor->settings->deliver && !checkup->stopped) {
        deliver(checkup);
    }
}

bool doctor_run(const struct doctor *doctor, int *ret_exit,
                struct fault *ret_fault)
{
    struct checkup checkup = {.doctor = doctor, .as_post = *doctor->settings};

    checkup.as_post.method = SETTINGS_METHOD_POST;
    if (!write_url(&checkup)) {
        return fault_set(ret_fault, "the URL is too long");
    }
    checkup.agent =
        agent_new(doctor->settings, doctor->url, doctor->stop, ret_fault);
    if (!checkup.agent) {
        return false;
    }
    examine(&checkup, ret_fault);
    *ret_exit = (int)checkup.exit;
    if (checkup.stopped) {
        *ret_exit = (int)CLIENT_BY_SIGNAL + checkup.signal;
    }
    (void)agent_free(checkup.agent);
    return true;
}
