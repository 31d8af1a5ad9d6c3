/*
 * client/doctor/doctor.c: the order of the probes, and what is right after
 * each; see doctor.h.  Those that carry bytes are fragment.c's.
 */
#include "client/doctor/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/doctor/visit.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_url.h"

#define WHOLE_BYTES 26

/* --- Before there is a session -------------------------------------------- */

/* The file is in the folder of the user's URL: behind the last slash of the
 * path, before the query.  False: too long. */
static bool write_url(struct visit *visit)
{
    const char *url = visit->doctor->url;
    size_t path = strcspn(url, "?#");
    size_t host = (size_t)(strstr(url, "://") + 3 - url);
    size_t folder = path;
    int len;

    while (folder > host && url[folder - 1] != '/') {
        folder--;
    }
    if (folder == host) {
        /* No path at all. */
        len = snprintf(visit->url, sizeof(visit->url), "%.*s/%s%s", (int)path,
                       url, visit->doctor->name, url + path);
    } else {
        len = snprintf(visit->url, sizeof(visit->url), "%.*s%s%s", (int)folder,
                       url, visit->doctor->name, url + path);
    }
    return len > 0 && (size_t)len < sizeof(visit->url);
}

static bool wants_credentials(const struct doctor_row *row)
{
    return row->answer.status == 401 || row->answer.status == 407;
}

static bool has_credentials_for(const struct visit *visit,
                                const struct doctor_row *row)
{
    return row->answer.status == 401
               ? agent_has_credentials(visit->agent)
               : agent_has_proxy_credentials(visit->agent);
}

/* Answers a challenge if it can.  The row becomes that of the second Ping. */
static bool log_in(struct visit *visit, struct doctor_row *row)
{
    if (!has_credentials_for(visit, row)) {
        return visit_tell(visit, row, DOCTOR_FAILED);
    }
    (void)visit_tell(visit, row, DOCTOR_FINE); /* a question, no failure */
    visit->credentials = true;
    *row = (struct doctor_row){.probe = DOCTOR_PING_LOGIN};
    visit_send(visit, row, BITS_PACKET_PING, 0, 0);
    return visit_tell_success(visit, row);
}

/* The packets after this go out as POST, if that passes. */
static bool try_post(struct visit *visit, struct fault *fault)
{
    struct doctor_row row = {.probe = DOCTOR_PING_POST};
    struct agent *agent = agent_new(&visit->as_post, visit->doctor->url,
                                    visit->doctor->stop, fault);

    if (!agent) {
        return false;
    }
    (void)agent_free(visit->agent);
    visit->agent = agent;
    visit_send(visit, &row, BITS_PACKET_PING, 0, 0);
    return visit_tell_success(visit, &row);
}

/* False: nothing that follows can work. */
static bool greet(struct visit *visit, struct fault *fault)
{
    struct doctor_row row = {.probe = DOCTOR_PING};

    visit_send(visit, &row, BITS_PACKET_PING, 0, 0);
    if (wants_credentials(&row)) {
        return log_in(visit, &row);
    }
    if (visit_tell_success(visit, &row)) {
        return true;
    }
    if (row.who == DOCTOR_NOBODY || visit->stopped) {
        return false;
    }
    if (row.who == DOCTOR_STRANGER &&
        visit->doctor->settings->method == SETTINGS_METHOD_BITS &&
        row.answer.status >= 400) {
        return try_post(visit, fault);
    }
    return row.who == DOCTOR_SERVER;
}

/* --- Sessions ------------------------------------------------------------- */

static bool is_trusted_host(const struct visit *visit, const char *host)
{
    const struct string_list *hosts = &visit->doctor->settings->trust_host;

    for (size_t i = 0; i < hosts->count; i++) {
        if (text_equal_nocase(text_of(hosts->items[i]), text_of(host))) {
            return true;
        }
    }
    return false;
}

/* The server wants the rest of the session at another host.  If that does not
 * answer, the session continues at the first one, as uploads do. */
static void change_host(struct visit *visit, const char *host)
{
    struct doctor_row row = {.probe = DOCTOR_PING_HOST};

    (void)url_with_host(text_of(visit->url), text_of(host), visit->host_url);
    visit->to_host = true;
    visit->host_trusted = is_trusted_host(visit, host);
    visit_send(visit, &row, BITS_PACKET_PING, 0, 0);
    visit->to_host = visit_tell_success(visit, &row);
}

static bool create(struct visit *visit, enum doctor_probe probe)
{
    struct doctor_row row = {.probe = probe};
    bool fine;

    visit->to_host = false;
    visit_send(visit, &row, BITS_PACKET_CREATE_SESSION, 0, 0);
    fine = visit_is_success(&row) && row.answer.session_id[0] != '\0';
    if (!visit_tell(visit, &row, fine ? DOCTOR_FINE : DOCTOR_FAILED)) {
        return false;
    }
    (void)snprintf(visit->session, sizeof(visit->session), "%s",
                   row.answer.session_id);
    if (row.answer.host_id[0] != '\0') {
        change_host(visit, row.answer.host_id);
    }
    return true;
}

/* Also after a stop: the session shall not lie there for days. */
static void cancel(struct visit *visit)
{
    struct doctor_row row = {.probe = DOCTOR_CANCEL};
    bool stopped = visit->stopped;

    if (stopped) {
        stop_clear(visit->doctor->stop);
        visit->stopped = false;
    }
    visit_send(visit, &row, BITS_PACKET_CANCEL_SESSION, 0, 0);
    (void)visit_tell_success(visit, &row);
    visit->stopped |= stopped;
}

static void deliver(struct visit *visit)
{
    struct doctor_row row = {.probe = DOCTOR_WHOLE_FRAGMENT,
                             .length = WHOLE_BYTES,
                             .wanted = WHOLE_BYTES};
    bool fine;

    if (!create(visit, DOCTOR_WHOLE_CREATE)) {
        return;
    }
    visit->total = WHOLE_BYTES;
    visit_send(visit, &row, BITS_PACKET_FRAGMENT, 0, 0);
    fine = visit_is_success(&row) && row.answer.has_next &&
           row.answer.next == WHOLE_BYTES;
    if (!visit_tell(visit, &row, fine ? DOCTOR_FINE : DOCTOR_FAILED)) {
        cancel(visit);
        return;
    }
    row = (struct doctor_row){.probe = DOCTOR_WHOLE_CLOSE};
    visit_send(visit, &row, BITS_PACKET_CLOSE_SESSION, 0, 0);
    (void)visit_tell_success(visit, &row);
}

static void examine(struct visit *visit, struct fault *fault)
{
    if (!greet(visit, fault) || !create(visit, DOCTOR_CREATE)) {
        return;
    }
    if (!visit->stopped) {
        visit_fragments(visit);
    }
    cancel(visit);
    if (visit->doctor->settings->deliver && !visit->stopped) {
        deliver(visit);
    }
}

bool doctor_run(const struct doctor *doctor, int *ret_exit,
                struct fault *ret_fault)
{
    struct visit visit = {.doctor = doctor, .as_post = *doctor->settings};

    visit.as_post.method = SETTINGS_METHOD_POST;
    if (!write_url(&visit)) {
        return fault_set(ret_fault, "the URL is too long");
    }
    visit.agent =
        agent_new(doctor->settings, doctor->url, doctor->stop, ret_fault);
    if (!visit.agent) {
        return false;
    }
    examine(&visit, ret_fault);
    *ret_exit = (int)visit.exit;
    if (visit.stopped) {
        *ret_exit = (int)CLIENT_BY_SIGNAL + visit.signal;
    }
    (void)agent_free(visit.agent);
    return true;
}
