/*
 * client/http/kept_agent.c: see kept_agent.h.
 */
#include "client/http/kept_agent.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/monotonic.h"
#include "options/list.h"

/* Passwords, tokens and headers are read when an agent is created, so it is
 * kept no longer than this. */
#define FRESH_MS 60000

/* Bytes of "scheme://host:port". */
static size_t origin_len(const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + 3 : url;

    return (size_t)(host - url) + strcspn(host, "/?#");
}

static bool is_same_origin(const char *a, const char *b)
{
    size_t len = origin_len(a);

    return len == origin_len(b) && strncasecmp(a, b, len) == 0;
}

/* Compares the settings that a connection depends on. */
static bool are_same_settings(const struct settings *a,
                              const struct settings *b)
{
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        bool matters = (settings_table[id].commands & AT_DOCTOR) != 0;

        if (matters &&
            !string_list_is_same(settings_text(a, (enum setting_id)id),
                                 settings_text(b, (enum setting_id)id))) {
            return false;
        }
    }
    return true;
}

static bool fits(const struct kept_agent *kept, const struct settings *settings,
                 const char *url)
{
    return kept->agent && monotonic_ms() - kept->made_ms < FRESH_MS &&
           is_same_origin(kept->url, url) &&
           are_same_settings(&kept->settings, settings);
}

static bool make(struct kept_agent *kept, const struct settings *settings,
                 const char *url, struct stop *stop)
{
    struct fault fault;

    settings_init(&kept->settings);
    kept->url = strdup(url);
    kept->made_ms = monotonic_ms();
    if (kept->url && settings_inherit(&kept->settings, settings)) {
        kept->agent = agent_new(&kept->settings, url, stop, &fault);
    }
    return kept->agent != NULL;
}

struct agent *kept_agent_take(struct kept_agent *kept,
                              const struct settings *settings, const char *url,
                              struct stop *stop)
{
    if (fits(kept, settings, url)) {
        return kept->agent;
    }
    kept_agent_done(kept);
    if (!make(kept, settings, url, stop)) {
        kept_agent_done(kept);
    }
    return kept->agent;
}

void kept_agent_done(struct kept_agent *kept)
{
    if (!kept->url) {
        return;
    }
    kept->agent = agent_free(kept->agent);
    settings_done(&kept->settings);
    free(kept->url);
    kept->url = NULL;
}
