/*
 * client/http/agent_make.c: creates an agent, and sets what is the same for all
 * of its requests.  See agent_private.h.
 */
#include "client/http/agent_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/http/secret.h"
#include "os/file.h"

#define CONNECT_TIMEOUT_MS 30000L

/* Connections kept open: to the URL's host and to the one that the server
 * announced. */
#define CONNECTIONS_MAX 2L

/* Bytes per write to the socket: a large value needs fewer calls, and this one
 * fits into the processor's cache. */
#define BUFFER_SIZE 262144L

/* --- the user's own headers ----------------------------------------------- */

static bool add(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    *list = longer ? longer : *list;
    return longer != NULL;
}

static bool judge_secrecy(const struct agent *agent, const char *line,
                          const char *path, struct fault *fault)
{
    if (agent->hides || !settings_header_is_secret(line)) {
        return true;
    }
    return fault_set(fault,
                     "%s: %.*s would go to an http:// URL in clear text; use "
                     "https, or --insecure-auth in a network that you trust",
                     path, (int)strcspn(line, ":"), line);
}

static bool add_from_file(struct agent *agent, const char *path,
                          struct fault *fault)
{
    bool missing;
    char *text = secret_read_file(path, &missing, fault);
    bool good = text != NULL;
    char *rest = text;
    char *line;

    while (good && (line = strsep(&rest, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        if (line[0] == '\0') {
            continue;
        }
        good = settings_judge_header(line, fault) &&
               judge_secrecy(agent, line, path, fault) &&
               add(&agent->headers, line);
    }
    (void)secret_free(text);
    return good;
}

static bool add_headers(struct agent *agent, struct fault *fault)
{
    const struct string_list *headers = &agent->settings->header;

    for (size_t i = 0; i < headers->count; i++) {
        const char *text = headers->items[i];

        if (text[0] == '@' ? !add_from_file(agent, text + 1, fault)
                           : !add(&agent->headers, text)) {
            return false;
        }
    }
    return true;
}

/* --- the handles ---------------------------------------------------------- */

/* libcurl would block on a named pipe, and report a missing file as an error of
 * each connection. */
static bool judge_file(const char *path, struct fault *fault)
{
    int fd = path ? os_open_regular(AT_FDCWD, path, O_RDONLY) : -1;

    if (path && fd < 0) {
        return fault_set(fault, "%s: %s", path, os_open_words(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return true;
}

/* The pinned key is a hash or the name of a file. */
static const char *pin_file(const struct settings *settings)
{
    const char *pin = settings->pinnedpubkey;

    return pin && strncmp(pin, "sha256//", 8) != 0 ? pin : NULL;
}

static bool judge_files(const struct settings *settings, struct fault *fault)
{
    if (settings->key && !settings->cert) {
        return fault_set(fault,
                         "there is a key, but no certificate; give --cert");
    }
    return judge_file(settings->cacert, fault) &&
           judge_file(settings->cert, fault) &&
           judge_file(settings->key, fault) &&
           judge_file(pin_file(settings), fault);
}

static void set_callbacks(CURL *curl, struct agent *agent)
{
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, agent->run.words);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, agent_on_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, agent_on_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, agent_on_read);
    (void)curl_easy_setopt(curl, CURLOPT_READDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, agent_on_seek);
    (void)curl_easy_setopt(curl, CURLOPT_SEEKDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, agent_on_ready);
    (void)curl_easy_setopt(curl, CURLOPT_PREREQDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, agent_on_socket);
    (void)curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION,
                           agent_on_socket_close);
    (void)curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, agent_on_progress);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, agent);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* Returns NULL if libcurl lacks a needed feature. */
static CURL *make_handle(struct agent *agent)
{
    const struct settings *settings = agent->settings;
    CURL *curl = curl_easy_init();

    if (!curl) {
        return NULL;
    }
    set_callbacks(curl, agent);
    agent_set_tls(agent, curl);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    /* Send the name that is reported, unchanged. */
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                           (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_SIZE);
    (void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, CLIENT_USER_AGENT);
    if (settings->proxy) {
        (void)curl_easy_setopt(curl, CURLOPT_PROXY, settings->proxy);
    }
    return curl;
}

static bool make_handles(struct agent *agent, struct fault *fault)
{
    agent->multi = curl_multi_init();
    agent->own = make_handle(agent);
    agent->stranger = make_handle(agent);
    if (!agent->multi || !agent->own || !agent->stranger) {
        return fault_set(fault, "libcurl cannot be used");
    }
    (void)curl_multi_setopt(agent->multi, CURLMOPT_MAXCONNECTS,
                            CONNECTIONS_MAX);
    /* An empty name: enables cookies without reading a file. */
    (void)curl_easy_setopt(agent->own, CURLOPT_COOKIEFILE, "");
    return true;
}

struct agent *agent_new(const struct settings *settings, const char *url,
                        struct stop *stop, struct fault *ret_fault)
{
    struct agent *agent = calloc(1, sizeof(*agent));

    if (!agent) {
        (void)fault_set(ret_fault, "out of memory");
        return NULL;
    }
    agent->settings = settings;
    agent->stop = stop;
    agent->hides = settings->insecure_auth ||
                   text_has_prefix_nocase(text_of(url), TEXT("https://"));
    credentials_host(url, agent->host);
    throttle_init(&agent->own_throttle, settings->limit_rate);
    agent->throttle = &agent->own_throttle;
    if (!judge_files(settings, ret_fault) ||
        !agent_load_secrets(agent, ret_fault) ||
        !add_headers(agent, ret_fault) || !make_handles(agent, ret_fault)) {
        return agent_free(agent);
    }
    return agent;
}

void agent_share_throttle(struct agent *agent, struct throttle *throttle)
{
    agent->throttle = throttle;
}

struct agent *agent_free(struct agent *agent)
{
    if (!agent) {
        return NULL;
    }
    curl_easy_cleanup(agent->own);
    curl_easy_cleanup(agent->stranger);
    (void)curl_multi_cleanup(agent->multi);
    curl_slist_free_all(agent->headers);
    credentials_done(&agent->credentials);
    credentials_done(&agent->proxy_credentials);
    throttle_done(&agent->own_throttle);
    free(agent);
    return NULL;
}
