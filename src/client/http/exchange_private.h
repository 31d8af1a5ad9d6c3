/*
 * client/http/exchange_private.h: what the parts of the exchange share:
 *
 *     exchange.c        one request: the loop, and its end
 *     exchange_make.c   how an exchange is made, what goes for all requests
 *     exchange_tls.c    whom to trust
 *     exchange_send.c   what goes for one, and its body
 *     exchange_auth.c   which proof goes along
 *     exchange_read.c   the head and the body of an answer
 *     exchange_limit.c  how much is read of it
 *     exchange_fault.c  what libcurl's errors mean
 */
#ifndef CLIENT_HTTP_EXCHANGE_PRIVATE_H
#define CLIENT_HTTP_EXCHANGE_PRIVATE_H

#include <curl/curl.h>

#include "client/http/credentials.h"
#include "client/http/exchange.h"
#include "client/http/throttle.h"

/* Both ends of a connection, as text. */
#define EXCHANGE_ENDS_MAX 160

/* The request that runs. */
struct exchange_run {
    const struct exchange_request *request;
    CURL *curl;       /* borrowed */
    uint64_t read_to; /* of the body: so far it was handed over */
    bool paused;      /* until the pace allows more */
    bool unsent;
    bool aborted;
    bool left;       /* and no answer has begun since */
    bool repeated;   /* it left once more, or would have */
    unsigned status; /* of the head that is read or was read last */
    bool head_whole; /* that head, and it is a final one */
    uint64_t shown;  /* bytes of heads, trailers and bodies that nobody wants */
    uint64_t kept;   /* bytes of the reply */
    uint64_t received_before;
    bool flooded; /* the answer is longer than it may be */
    char ends[EXCHANGE_ENDS_MAX];
    char words[CURL_ERROR_SIZE];
};

/* A connection that is tried, those of both addresses of a host, and those that
 * are kept open. */
#define EXCHANGE_SOCKETS_MAX 16

struct exchange_sockets {
    int fds[EXCHANGE_SOCKETS_MAX]; /* libcurl's */
    size_t count;
    uint64_t closed_bytes; /* that came on those that were closed */
};

struct exchange {
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
    const char *hint;        /* see exchange_hint() */

    struct throttle own_throttle;
    struct throttle *throttle; /* borrowed, or the own one */
    struct exchange_sockets sockets;
    char proven[EXCHANGE_ENDS_MAX]; /* the connection of the last success */
    struct exchange_run run;
};

/* --- exchange_tls.c --- */

void exchange_set_tls(struct exchange *exchange, CURL *curl);

/* --- exchange_send.c --- */

/* Prepares a handle; *ret_fields holds its headers until the request is over.
 * NULL: out of memory. */
CURL *exchange_prepare(struct exchange *exchange,
                       struct curl_slist **ret_fields);

/* Callbacks of libcurl; context: the exchange. */
size_t exchange_on_read(char *room, size_t size, size_t count, void *context);
int exchange_on_seek(void *context, curl_off_t offset, int origin);
int exchange_on_ready(void *context, char *peer, char *own, int peer_port,
                      int own_port);

/* --- exchange_auth.c --- */

bool exchange_load_secrets(struct exchange *exchange,
                           char fault[EXCHANGE_FAULT_MAX]);
void exchange_read_secrets_again(struct exchange *exchange);

/* Sets what the request says; false: out of memory. */
bool exchange_authenticate(struct exchange *exchange, CURL *curl,
                           struct curl_slist **fields);

/* Keeps what the answer offers. */
void exchange_learn_offers(struct exchange *exchange, CURL *curl);

/* --- exchange_read.c: callbacks of libcurl; context: the exchange --- */

size_t exchange_on_header(char *line, size_t size, size_t count, void *context);
size_t exchange_on_body(char *bytes, size_t size, size_t count, void *context);

/* --- exchange_limit.c --- */

void exchange_limit_begin(struct exchange *exchange);

/* More has come: of what is not kept, and of a body.  False: too much, the
 * request is to be aborted. */
bool exchange_limit_shown(struct exchange *exchange, size_t size);
bool exchange_limit_kept(struct exchange *exchange, size_t size);

/* Callbacks of libcurl; context: the exchange. */
curl_socket_t exchange_on_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address);
int exchange_on_socket_close(void *context, curl_socket_t fd);
int exchange_on_progress(void *context, curl_off_t body_size,
                         curl_off_t body_read, curl_off_t upload_size,
                         curl_off_t uploaded);

/* --- exchange_fault.c --- */

/* Was it the certificate of the server, or ours, or the line? */
enum bits_transport exchange_fault(const struct exchange *exchange,
                                   CURLcode code);

#endif
