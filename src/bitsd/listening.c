/*
 * bitsd/listening.c: see listening.h.
 */
#include "bitsd/listening.h"

#include <stdlib.h>

#include "config/form.h"
#include "os/systemd.h"

/* Where a listener comes from. */
struct source {
    const struct config_server *server;
    const struct tls *tls;
    unsigned inherited; /* sockets that the service manager passes */
    char *names;        /* of these */
};

static const struct stream_kind *streams_for(const struct source *source,
                                             bool tls, bool certificate)
{
    if (certificate) {
        return &source->tls->certified.streams;
    }
    return tls ? &source->tls->open.streams : &stream_plain;
}

/* Each sets the fault if it returns false. */
static bool open_listener(struct listener *listener,
                          const struct source *source, const char *address,
                          struct fault *ret_fault)
{
    struct config_address parts = {0};

    (void)config_address_read(address, &parts);
    return listener_open(listener, address,
                         streams_for(source, parts.tls, parts.certificate),
                         ret_fault);
}

static bool inherit_listener(struct listener *listener,
                             const struct source *source, unsigned index,
                             struct fault *ret_fault)
{
    bool certificate =
        os_listen_name_is(source->names, index, "tls-certificate");
    bool tls = certificate || os_listen_name_is(source->names, index, "tls");
    unsigned number = index + OS_LISTEN_FD_FIRST;

    if (tls && source->server->tls_cert.count == 0) {
        return fault_set(ret_fault,
                         "the inherited socket %u is named tls; set tls_cert "
                         "and tls_key",
                         number);
    }
    if (certificate && source->server->client_ca.count == 0) {
        return fault_set(ret_fault,
                         "the inherited socket %u is named tls-certificate; "
                         "set client_ca",
                         number);
    }
    return listener_inherit(listener, (int)number,
                            streams_for(source, tls, certificate), ret_fault);
}

static bool open_all(struct listening *listening, const struct source *source,
                     struct handler *handler, struct fault *ret_fault)
{
    const struct string_list *addresses = &source->server->listen;
    size_t count = source->inherited > 0 ? source->inherited : addresses->count;

    listening->listeners = calloc(count, sizeof(listening->listeners[0]));
    if (!listening->listeners) {
        return fault_set(ret_fault, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        struct listener *listener = &listening->listeners[i];
        bool is_open =
            source->inherited > 0
                ? inherit_listener(listener, source, (unsigned)i, ret_fault)
                : open_listener(listener, source, addresses->items[i],
                                ret_fault);

        if (!is_open) {
            return false;
        }
        listener->handler = handler;
        listening->count++;
    }
    return true;
}

bool listening_open(struct listening *listening, const struct config *config,
                    const struct tls *tls, struct handler *handler,
                    struct fault *ret_fault)
{
    struct source source = {.server = &config->server, .tls = tls};
    bool done;

    *listening = (struct listening){NULL, 0};
    source.inherited = os_listen_fds(&source.names);
    done = open_all(listening, &source, handler, ret_fault);
    free(source.names);
    return done;
}

void listening_close(struct listening *listening)
{
    listeners_close(listening->listeners, listening->count);
    free(listening->listeners);
}

bool listening_requires_certificates(const struct listening *listening,
                                     const struct tls *tls)
{
    for (size_t i = 0; i < listening->count; i++) {
        if (listening->listeners[i].streams == &tls->certified.streams) {
            return true;
        }
    }
    return false;
}
