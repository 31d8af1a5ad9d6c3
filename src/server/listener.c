/*
 * server/listener.c: see listener.h.
 */
#include "server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/form.h"

#define BACKLOG 4096

struct endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

static const char *remedy(int error, bool is_unix)
{
    switch (error) {
    case EADDRINUSE:
        return "; another program listens there: stop it, or choose another "
               "address";
    case EADDRNOTAVAIL:
        return "; no interface of this machine has this address: use one of "
               "its own, or *";
    case EACCES:
        return is_unix ? "; give the user that bitsd runs as the right to "
                         "write to its folder"
                       : "; ports below 1024 need CAP_NET_BIND_SERVICE: "
                         "choose a higher one, or use the systemd unit";
    case ENOENT:
        return "; make its folder";
    case EEXIST:
        return "; it is not a socket: choose another path";
    default:
        return "";
    }
}

static bool fail(struct fault *ret_fault, const char *address, const char *what)
{
    int error = errno;
    bool is_unix = strncmp(address, "unix:", 5) == 0;

    return fault_set(ret_fault, "cannot listen on %.160s: %s%s%s%s", address,
                     what ? what : "", what ? ": " : "", strerror(error),
                     remedy(error, is_unix));
}

/* --- names --------------------------------------------------------------- */

/* A URL needs a host even if the client sends none. */
static void name_unix(struct listener *listener, const struct sockaddr_un *un)
{
    (void)snprintf(listener->authority, sizeof(listener->authority),
                   "localhost");
    (void)snprintf(listener->name, sizeof(listener->name), "unix:%s",
                   un->sun_path);
}

static bool is_local(const char *authority)
{
    struct config_address address;

    return config_address_read(authority, &address) &&
           config_address_is_local(&address);
}

/* Reads the address that the socket is bound to. */
static bool name_socket(struct listener *listener)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_un un;
    socklen_t size = sizeof(address) - 1;

    if (getsockname(listener->fd, (struct sockaddr *)&address, &size) != 0) {
        return false;
    }
    if (address_write((const struct sockaddr *)&address, listener->authority)) {
        listener->is_network = true;
        listener->is_exposed = !is_local(listener->authority);
        (void)snprintf(listener->name, sizeof(listener->name), "%s://%s/",
                       listener->streams->scheme, listener->authority);
        return true;
    }
    if (address.ss_family != AF_UNIX) {
        errno = EAFNOSUPPORT;
        return false;
    }
    memcpy(&un, &address, sizeof(un));
    name_unix(listener, &un);
    return true;
}

/* --- addresses ----------------------------------------------------------- */

static struct endpoint endpoint_ipv4(const struct config_address *config)
{
    struct endpoint endpoint = {.size = sizeof(struct sockaddr_in)};
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons(config->port)};

    memcpy(&v4.sin_addr, config->ip, sizeof(v4.sin_addr));
    memcpy(&endpoint.address, &v4, sizeof(v4));
    return endpoint;
}

static struct endpoint endpoint_ipv6(const struct config_address *config)
{
    struct endpoint endpoint = {.size = sizeof(struct sockaddr_in6)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(config->port)};

    memcpy(&v6.sin6_addr, config->ip, sizeof(v6.sin6_addr));
    memcpy(&endpoint.address, &v6, sizeof(v6));
    return endpoint;
}

static struct endpoint endpoint_unix(const struct config_address *config)
{
    struct endpoint endpoint = {.size = sizeof(struct sockaddr_un)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    memcpy(un.sun_path, config->path, strlen(config->path) + 1);
    memcpy(&endpoint.address, &un, sizeof(un));
    return endpoint;
}

static int open_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool set_flag(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static bool bind_socket(int fd, const struct endpoint *endpoint)
{
    return bind(fd, (const struct sockaddr *)&endpoint->address,
                endpoint->size) == 0;
}

static bool open_network(struct listener *listener,
                         const struct endpoint *endpoint, bool both_families)
{
    int family = endpoint->address.ss_family;

    listener->fd = open_socket(family);
    return listener->fd >= 0 &&
           set_flag(listener->fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           (family != AF_INET6 || set_flag(listener->fd, IPPROTO_IPV6,
                                           IPV6_V6ONLY, !both_families)) &&
           bind_socket(listener->fd, endpoint);
}

/* One socket for both families; IPv4 alone on machines without IPv6. */
static bool open_all(struct listener *listener,
                     const struct config_address *config)
{
    struct endpoint endpoint = endpoint_ipv6(config);

    if (open_network(listener, &endpoint, /* both_families= */ true)) {
        return true;
    }
    if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL) {
        return false;
    }
    listener_close(listener);
    endpoint = endpoint_ipv4(config);
    return open_network(listener, &endpoint, /* both_families= */ false);
}

/* Returns true for a socket without a listener, left by an earlier process. */
static bool is_stale(const struct endpoint *endpoint)
{
    int fd;
    int r;

    fd = open_socket(AF_UNIX);
    if (fd < 0) {
        return false;
    }
    r = connect(fd, (const struct sockaddr *)&endpoint->address,
                endpoint->size) == 0
            ? EADDRINUSE
            : errno;
    (void)close(fd);
    errno = r == EAGAIN ? EADDRINUSE : r;
    return r == ECONNREFUSED;
}

enum path_state { PATH_FREE, PATH_STALE, PATH_TAKEN };

/* PATH_TAKEN: errno has the reason. */
static enum path_state look_at_path(const struct endpoint *endpoint,
                                    const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0) {
        return errno == ENOENT ? PATH_FREE : PATH_TAKEN;
    }
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return PATH_TAKEN;
    }
    return is_stale(endpoint) ? PATH_STALE : PATH_TAKEN;
}

static bool make_room(const struct endpoint *endpoint, const char *path)
{
    switch (look_at_path(endpoint, path)) {
    case PATH_FREE:
        return true;
    case PATH_STALE:
        return unlink(path) == 0;
    case PATH_TAKEN:
        break;
    }
    return false;
}

/* Every user who can enter the folder can connect, as with a loopback
 * address. */
static bool open_unix(struct listener *listener,
                      const struct config_address *config)
{
    struct endpoint endpoint = endpoint_unix(config);

    if (!make_room(&endpoint, config->path)) {
        return false;
    }
    listener->fd = open_socket(AF_UNIX);
    if (listener->fd < 0 || !bind_socket(listener->fd, &endpoint)) {
        return false;
    }
    listener->path = strdup(config->path);
    return listener->path && chmod(config->path, 0666) == 0;
}

static bool open_address(struct listener *listener,
                         const struct config_address *config)
{
    struct endpoint endpoint;

    switch (config->family) {
    case CONFIG_ADDRESS_ALL:
        return open_all(listener, config);
    case CONFIG_ADDRESS_IPV4:
        endpoint = endpoint_ipv4(config);
        return open_network(listener, &endpoint, /* both_families= */ false);
    case CONFIG_ADDRESS_IPV6:
        endpoint = endpoint_ipv6(config);
        return open_network(listener, &endpoint, /* both_families= */ false);
    case CONFIG_ADDRESS_UNIX:
        return open_unix(listener, config);
    }
    errno = EAFNOSUPPORT;
    return false;
}

/* --- life ---------------------------------------------------------------- */

bool listener_open(struct listener *listener, const char *address,
                   const struct stream_kind *streams, struct fault *ret_fault)
{
    struct config_address config;

    *listener = (struct listener){.fd = -1, .streams = streams};
    errno = EINVAL;
    if (config_address_read(address, &config) &&
        open_address(listener, &config) && listen(listener->fd, BACKLOG) == 0 &&
        name_socket(listener)) {
        return true;
    }
    (void)fail(ret_fault, address, NULL);
    listener_close(listener);
    return false;
}

/* Returns true if a socket can be created at the path: its folder exists and is
 * writable. */
static bool try_unix(const struct config_address *config)
{
    struct endpoint endpoint = endpoint_unix(config);
    char *above;
    bool may;

    if (look_at_path(&endpoint, config->path) == PATH_TAKEN) {
        return false;
    }
    above = strdup(config->path);
    if (!above) {
        return false;
    }
    may = faccessat(AT_FDCWD, dirname(above), W_OK | X_OK, AT_EACCESS) == 0;
    free(above);
    return may;
}

int listener_try(const char *address, struct fault *ret_fault)
{
    struct listener listener = {.fd = -1};
    struct config_address config;
    int error = 0;

    errno = EINVAL;
    if (!config_address_read(address, &config) ||
        !(config.family == CONFIG_ADDRESS_UNIX
              ? try_unix(&config)
              : open_address(&listener, &config))) {
        error = errno;
        (void)fail(ret_fault, address, NULL);
    }
    listener_close(&listener);
    return error;
}

bool listener_inherit(struct listener *listener, int fd,
                      const struct stream_kind *streams,
                      struct fault *ret_fault)
{
    int listening = 0;
    socklen_t size = sizeof(listening);
    char address[32];

    *listener =
        (struct listener){.fd = fd, .inherited = true, .streams = streams};
    (void)snprintf(address, sizeof(address), "inherited socket %d", fd);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
        !name_socket(listener)) {
        return fail(ret_fault, address, NULL);
    }
    if (!listening) {
        errno = EINVAL;
        return fail(ret_fault, address, "not a listening stream socket");
    }
    return true;
}

void listener_close(struct listener *listener)
{
    if (listener->fd >= 0) {
        (void)close(listener->fd);
    }
    if (listener->path) {
        (void)unlink(listener->path);
        free(listener->path);
    }
    listener->fd = -1;
    listener->path = NULL;
}

void listeners_close(struct listener *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        listener_close(&listeners[i]);
    }
}
