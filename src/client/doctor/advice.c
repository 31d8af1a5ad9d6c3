/*
 * client/doctor/advice.c: see advice.h.
 */
#include "client/doctor/advice.h"

#include <openbits/cause.h>

#include "base/text.h"

enum place {
    HELLO,
    BODY,
    LIMIT,
    GAP,
    WITHHELD,
    PROVEN,
    ANYWHERE,
};

struct rule {
    enum place at;
    unsigned first;
    unsigned last;
    const char *server;
    const char *cause;
    const char *setting;
};

static const struct rule rules[] = {
#define ADVICE(at, first, last, server, cause, setting)                        \
    {at, first, last, server, cause, setting},
#include "client/doctor/advice.def"
#undef ADVICE
};

static enum place place_of(enum doctor_probe probe)
{
    switch (probe) {
    case DOCTOR_PING:
    case DOCTOR_PING_LOGIN:
    case DOCTOR_PING_POST:
    case DOCTOR_CREATE:
    case DOCTOR_PING_HOST:
    case DOCTOR_WHOLE_CREATE:
        return HELLO;
    case DOCTOR_SMALL:
    case DOCTOR_CUT:
    case DOCTOR_LARGE:
    case DOCTOR_LARGEST:
    case DOCTOR_WHOLE_FRAGMENT:
        return BODY;
    case DOCTOR_GAP:
        return GAP;
    case DOCTOR_CANCEL:
    case DOCTOR_WHOLE_CLOSE:
        break;
    }
    return ANYWHERE;
}

static bool is_at(const struct doctor_row *row, enum place place)
{
    switch (place) {
    case LIMIT:
        return row->smaller_passes;
    case WITHHELD:
        return row->withheld;
    case PROVEN:
        return row->proved;
    case ANYWHERE:
        return true;
    case HELLO:
    case BODY:
    case GAP:
        break;
    }
    return place == place_of(row->probe);
}

static bool fits(const struct rule *rule, const struct doctor_row *row)
{
    unsigned status = row->answer.status;

    return is_at(row, rule->at) && rule->first <= status &&
           status <= rule->last &&
           text_has_prefix_nocase(text_of(row->responder.server),
                                  text_of(rule->server));
}

static void advise(struct doctor_row *row, const char *cause,
                   const char *setting)
{
    row->cause = cause;
    row->setting = setting;
}

static void advise_on_stranger(struct doctor_row *row)
{
    if (responder_wants_tls(&row->responder)) {
        advise(row, "the port speaks TLS, and the URL says http",
               "write https:// in the URL");
        return;
    }
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (fits(&rules[i], row)) {
            advise(row, rules[i].cause, rules[i].setting);
            return;
        }
    }
}

/* The name is random, so no file can have it. */
static void advise_on_access(struct doctor_row *row)
{
    advise(row, "the server may not write there, or uploads are not enabled",
           "check the folder's rights; enable uploads; bitsd's log has the "
           "exact reason");
}

static void advise_on_error(struct doctor_row *row)
{
    const struct bits_explanation *error = bits_error_find(row->hresult);

    if (row->hresult == BITS_HR_ACCESS_DENIED ||
        row->hresult == DOCTOR_FILE_EXISTS) {
        advise_on_access(row);
    } else if (error) {
        advise(row, error->cause, error->remedy);
    }
}

/* The server accepted the packet, but something is wrong. */
static void advise_on_success(struct doctor_row *row)
{
    if (row->probe == DOCTOR_GAP) {
        advise(row,
               "the server takes bytes after a gap, so that a lost "
               "packet leaves a hole in the file",
               "update the server");
    } else if (place_of(row->probe) == BODY && !row->answer.has_next) {
        advise(row, "the server acknowledges the fragment without an offset",
               "update the server; let all headers that begin with BITS- "
               "pass");
    } else if (place_of(row->probe) == BODY) {
        advise(row,
               "the offset is not that after the fragment: a proxy sends "
               "packets twice, or to several servers",
               "nginx: proxy_next_upstream off; HAProxy: no option redispatch");
    } else {
        advise(row,
               "the server acknowledges Create-Session without a session "
               "id",
               "update the server; let all headers that begin with BITS- "
               "pass");
    }
}

static void advise_on_cut(struct doctor_row *row)
{
    advise(row,
           "a proxy buffers a whole fragment before it forwards it, or the "
           "server discards the bytes of a fragment that was cut: on a bad "
           "connection much is sent again",
           "nginx: proxy_request_buffering off; HAProxy: no option "
           "http-buffer-request");
}

/* Packets of one session may reach several servers. */
static void advise_on_lost_session(struct doctor_row *row)
{
    advise(row,
           "packets of one session reach several servers that do not know "
           "each other",
           "give the balancer affinity, or each server a host_id; nginx: hash "
           "in the upstream, proxy_next_upstream off; HAProxy: balance source, "
           "no option redispatch");
}

void doctor_advise(struct doctor_row *row)
{
    bool success = row->answer.status / 100 == 2;

    row->cause = row->setting = NULL;
    if (row->who == DOCTOR_STRANGER ||
        (row->who == DOCTOR_NO_ANSWER && row->smaller_passes)) {
        advise_on_stranger(row);
    } else if (row->probe == DOCTOR_CUT && row->answer.has_next) {
        advise_on_cut(row);
    } else if (row->who == DOCTOR_SERVER && success) {
        advise_on_success(row);
    } else if (row->who == DOCTOR_SERVER && row->probe != DOCTOR_CREATE &&
               row->answer.error_code == BITS_HR_SESSION_NOT_FOUND) {
        advise_on_lost_session(row);
    } else if (row->who == DOCTOR_SERVER && row->probe == DOCTOR_GAP &&
               row->answer.status == 416) {
        advise(row,
               "the refusal does not say which byte the server wants, so that "
               "an upload cannot resume there",
               "update the server; let all headers that begin with BITS- "
               "pass");
    }
    if (!row->cause) {
        advise_on_error(row);
    }
}
