/*
 * client/http/agent_private.h: shared by the parts of the agent:
 *
 *     agent.c          runs one request: the loop, and its end
 *     agent_make.c     creates an agent, settings for all requests
 *     agent_tls.c      certificates
 *     agent_request.c  settings of one request, and its body
 *     agent_auth.c     credentials
 *     agent_read.c     the head and the body of an answer
 *     agent_limit.c    how much is read of it
 *     agent_fault.c    the meaning of libcurl's errors
 */
#ifndef CLIENT_HTTP_AGENT_PRIVATE_H
#define CLIENT_HTTP_AGENT_PRIVATE_H

#include <curl/curl.h>

#include "client/http/agent.h"
#include "client/http/credentials.h"
#include "client/http/throttle.h"

/* Both ends of a connection, as text. */
#define AGENT_ENDS_MAX 160

/* The running request. */
struct agent_run {
    const struct agent_request *request;
    CURL *curl;       /* borrowed */
    uint64_t read_to; /* how far the body was passed to libcurl */
    bool paused;      /* until the pace allows more bytes */
    bool unsent;
    bool aborted;
    bool left;       /* was sent, and no answer has begun since */
    bool repeated;   /* was resent, or would have been */
    unsigned status; /* of the current or last head */
    bool head_whole; /* that head is complete and not interim */
    uint64_t shown;  /* bytes of heads, trailers and unwanted bodies */
    uint64_t kept;   /* bytes of the reply */
    uint64_t received_before;
    bool flooded; /* the answer exceeds the limit */
    char ends[AGENT_ENDS_MAX];
    char words[CURL_ERROR_SIZE];
};

/* Sockets: both addresses of a host that is tried, and connections kept
 * open. */
#define AGENT_SOCKETS_MAX 16

struct agent_sockets {
    int fds[AGENT_SOCKETS_MAX]; /* libcurl owns them */
    size_t count;
    uint64_t closed_bytes; /* received on sockets that are closed now */
};

struct agent {
    const struct settings *settings;
    struct stop *stop;
    CURLM *multi;
    /* Two handles, so that cookies are never sent to an untrusted host. */
    CURL *own;
    CURL *stranger;
    struct curl_slist *headers; /* the user's own */

    bool hides; /* secrets may be sent: over TLS, or the user allows it in
                   clear */
    char host[CREDENTIALS_HOST_MAX];
    char proxy_host[CREDENTIALS_HOST_MAX]; /* empty: not known */
    struct credentials credentials;
    struct credentials proxy_credentials;
    unsigned long offered;       /* CURLAUTH_ bits of the last 401 */
    unsigned long proxy_offered; /* the same of the last 407 */

    bool certificate_wanted; /* the server asked for one, but none is set */
    bool contacted;          /* an answer arrived */
    const char *hint;        /* see agent_hint() */

    struct throttle own_throttle;
    struct throttle *throttle; /* borrowed, or the agent's own */
    struct agent_sockets sockets;
    char proven[AGENT_ENDS_MAX]; /* the connection of the last successful
                                    request */
    struct agent_run run;
};

/* --- agent_tls.c --- */

void agent_set_tls(struct agent *agent, CURL *curl);

/* --- agent_request.c --- */

/* Prepares a handle; *ret_fields holds its headers until the request has ended.
 * Returns NULL if memory ran out. */
CURL *agent_prepare(struct agent *agent, struct curl_slist **ret_fields);

/* Callbacks of libcurl; context: the agent. */
size_t agent_on_read(char *room, size_t size, size_t count, void *context);
int agent_on_seek(void *context, curl_off_t offset, int origin);
int agent_on_ready(void *context, char *peer, char *own, int peer_port,
                   int own_port);

/* --- agent_auth.c --- */

bool agent_load_secrets(struct agent *agent, struct fault *fault);
void agent_read_secrets_again(struct agent *agent);

/* Sets the credentials of the request.  Returns false if memory ran out. */
bool agent_authenticate(struct agent *agent, CURL *curl,
                        struct curl_slist **fields);

/* Stores the schemes that the answer offers. */
void agent_learn_offers(struct agent *agent, CURL *curl);

/* --- agent_read.c: callbacks of libcurl; context: the agent --- */

size_t agent_on_header(char *line, size_t size, size_t count, void *context);
size_t agent_on_body(char *bytes, size_t size, size_t count, void *context);

/* --- agent_limit.c --- */

void agent_limit_begin(struct agent *agent);

/* Counts bytes that are not kept, and bytes of a body.  Returns false above the
 * limit: abort the request. */
bool agent_limit_shown(struct agent *agent, size_t size);
bool agent_limit_kept(struct agent *agent, size_t size);

/* Callbacks of libcurl; context: the agent. */
curl_socket_t agent_on_socket(void *context, curlsocktype purpose,
                              struct curl_sockaddr *address);
int agent_on_socket_close(void *context, curl_socket_t fd);
int agent_on_progress(void *context, curl_off_t body_size, curl_off_t body_read,
                      curl_off_t upload_size, curl_off_t uploaded);

/* --- agent_fault.c --- */

/* Tells an error of the server's certificate, of ours, and of the connection
 * apart. */
enum bits_transport agent_fault(const struct agent *agent, CURLcode code);

#endif
