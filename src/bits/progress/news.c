/*
 * bits/progress/news.c: see news.h.
 */
#include "bits/progress/news.h"

#include <inttypes.h>
#include <stdio.h>

struct news {
    const char *name;
    const char *words;
};

static const struct news news[BITS_NOTICE_COUNT] = {
    [BITS_NOTICE_PROGRESS] = {"progress", ""},
    [BITS_NOTICE_CREATED] = {"session-created", ""},
    [BITS_NOTICE_LOST] =
        {"session-lost", "the server lost the session; sending from the start"},
    [BITS_NOTICE_HOST] = {"host-named",
                          "the server sends the session to another host"},
    [BITS_NOTICE_NO_REPLY] = {"no-reply", "the application sent no reply"},
    [BITS_NOTICE_HOST_ID_INVALID] =
        {"host-id-invalid", "ignoring BITS-Host-Id: not a valid host name"},
    [BITS_NOTICE_HOST_SILENT] =
        {"host-silent",
         "the host that the server named does not answer; back to the URL's"},
    [BITS_NOTICE_HOST_CERTIFICATE] =
        {"host-certificate", "the certificate of the host that the server "
                             "named does not fit; back to the URL's"},
    [BITS_NOTICE_HOST_UNTRUSTED] =
        {"host-untrusted",
         "the host that the server named wants credentials and is not trusted "
         "with them; back to the URL's; --trust-host NAME trusts it"},
    [BITS_NOTICE_CANCEL_UNANSWERED] = {"cancel-unanswered",
                                       "the server refused the Cancel or did "
                                       "not answer; its session will expire"},
};

const char *news_words(enum bits_notice notice)
{
    return news[notice].words;
}

const char *news_name(enum bits_notice notice)
{
    return news[notice].name;
}

bool news_is_warning(enum bits_notice notice)
{
    return notice >= BITS_NOTICE_HOST_ID_INVALID;
}

const char *news_packet_name(const struct watch_packet *packet)
{
    if (packet->is_reply) {
        return "GET";
    }
    return bits_packet_type_name(packet->type);
}

const char *news_end_name(enum agent_end end)
{
    switch (end) {
    case AGENT_ANSWERED:
        return "answered";
    case AGENT_BROKEN:
        return "broken";
    case AGENT_UNSENT:
        return "unsent";
    case AGENT_STOPPED:
        return "stopped";
    case AGENT_TOO_LARGE:
        return "too-large";
    case AGENT_ABORTED:
        return "aborted";
    }
    return "";
}

static void write_outcome(const struct agent_result *result, char *outcome,
                          size_t size)
{
    if (result->end == AGENT_ANSWERED) {
        (void)snprintf(outcome, size, "%u in %" PRIu64 " ms from %s",
                       result->status, result->elapsed_ms, result->peer);
    } else {
        (void)snprintf(outcome, size, "%s after %" PRIu64 " ms%s%s",
                       news_end_name(result->end), result->elapsed_ms,
                       result->end == AGENT_BROKEN ? ": " : "",
                       result->end == AGENT_BROKEN ? result->words : "");
    }
}

void news_packet(const struct watch_packet *packet, char words[NEWS_PACKET_MAX])
{
    char range[64] = "";
    char outcome[384];

    if (!packet->is_reply && packet->type == BITS_PACKET_FRAGMENT) {
        (void)snprintf(range, sizeof(range), " %" PRIu64 "+%" PRIu64,
                       packet->offset, packet->length);
    }
    write_outcome(packet->result, outcome, sizeof(outcome));
    (void)snprintf(words, NEWS_PACKET_MAX, "%s%s to %s%s: %s",
                   news_packet_name(packet), range, packet->url,
                   packet->credentials ? " with credentials" : "", outcome);
}
