/*
 * client/http/agent_private.h: what the parts of the agent share:
 *
 *     agent.c          one request: the loop, and its end
 *     agent_make.c     how an agent is made, what goes for all requests
 *     agent_tls.c      whom to trust
 *     agent_request.c  what goes for one, and its body
 *     agent_auth.c     which proof goes along
 *     agent_read.c     the head and the body of an answer
 *     agent_limit.c    how much is read of it
 *     agent_fault.c    what libcurl's errors mean
 */
#ifndef CLIENT_HTTP_AGENT_PRIVATE_H
#define CLIENT_HTTP_AGENT_PRIVATE_H

#include <curl/curl.h>

#include "client/http/agent.h"
#include "client/http/credentials.h"
#include "client/http/throttle.h"

/* Both ends of a connection, as text. */
#define AGENT_ENDS_MAX 160

/* The request that runs. */
struct agent_run {
    const struct agent_request *request;
    CURL *curl;       /* borrowed */
    uint64_t read_to; /* of the body: so far it was handed over */
    bool paused;      /* until the pace allows more */
    bool unsent;
    bool aborted;
    bool left;       /* and no answer has begun since */
    bool repeated;   /* it left once more, or would have */
    unsigned status; /* of the head that is read or was read last */
    bool head_whole; /* that head, and it is a final one */
    uint64_t shown;  /* bytes of heads, trailers and unwanted bodies */
    uint64_t kept;   /* bytes of the reply */
    uint64_t received_before;
    bool flooded; /* the answer is longer than it may be */
    char ends[AGENT_ENDS_MAX];
    char words[CURL_ERROR_SIZE];
};

/* A connection that is tried, those of both addresses of a host, and those that
 * are kept open. */
#define AGENT_SOCKETS_MAX 16

struct agent_sockets {
    int fds[AGENT_SOCKETS_MAX]; /* libcurl's */
    size_t count;
    uint64_t closed_bytes; /* that came on those that were closed */
};

struct agent {
    const struct settings *settings;
    struct stop *stop;
    CURLM *multi;
    /* Two handles, so that no cookie goes to a host that is not trusted. */
    CURL *own;
    CURL *stranger;
    struct curl_slist *headers; /* the user's own */

    bool hides; /* secrets: by TLS, or the user does not mind */
    char host[CREDENTIALS_HOST_MAX];
    char proxy_host[CREDENTIALS_HOST_MAX]; /* empty: none is known */
    struct credentials credentials;
    struct credentials proxy_credentials;
    unsigned long offered;       /* CURLAUTH_ bits of the last 401 */
    unsigned long proxy_offered; /* the same of the last 407 */

    bool certificate_wanted; /* of us, and there is none */
    bool contacted;          /* there was an answer */
    const char *hint;        /* see agent_hint() */

    struct throttle own_throttle;
    struct throttle *throttle; /* borrowed, or the own one */
    struct agent_sockets sockets;
    char proven[AGENT_ENDS_MAX]; /* the connection of the last success */
    struct agent_run run;
};

/* --- agent_tls.c --- */

void agent_set_tls(struct agent *agent, CURL *curl);

/* --- agent_request.c --- */

/* Prepares a handle; *ret_fields holds its headers until the request is over.
 * NULL: out of memory. */
CURL *agent_prepare(struct agent *agent, struct curl_slist **ret_fields);

/* Callbacks of libcurl; context: the agent. */
size_t agent_on_read(char *room, size_t size, size_t count, void *context);
int agent_on_seek(void *context, curl_off_t offset, int origin);
int agent_on_ready(void *context, char *peer, char *own, int peer_port,
                   int own_port);

/* --- agent_auth.c --- */

bool agent_load_secrets(struct agent *agent, struct fault *fault);
void agent_read_secrets_again(struct agent *agent);

/* Sets what the request says; false: out of memory. */
bool agent_authenticate(struct agent *agent, CURL *curl,
                        struct curl_slist **fields);

/* Keeps what the answer offers. */
void agent_learn_offers(struct agent *agent, CURL *curl);

/* --- agent_read.c: callbacks of libcurl; context: the agent --- */

size_t agent_on_header(char *line, size_t size, size_t count, void *context);
size_t agent_on_body(char *bytes, size_t size, size_t count, void *context);

/* --- agent_limit.c --- */

void agent_limit_begin(struct agent *agent);

/* More has come: of what is not kept, and of a body.  False: too much, the
 * request is to be aborted. */
bool agent_limit_shown(struct agent *agent, size_t size);
bool agent_limit_kept(struct agent *agent, size_t size);

/* Callbacks of libcurl; context: the agent. */
curl_socket_t agent_on_socket(void *context, curlsocktype purpose,
                              struct curl_sockaddr *address);
int agent_on_socket_close(void *context, curl_socket_t fd);
int agent_on_progress(void *context, curl_off_t body_size, curl_off_t body_read,
                      curl_off_t upload_size, curl_off_t uploaded);

/* --- agent_fault.c --- */

/* Was it the certificate of the server, or ours, or the line? */
enum bits_transport agent_fault(const struct agent *agent, CURLcode code);

#endif
