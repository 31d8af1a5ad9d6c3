/*
 * tests/unit/server_world.c: see server_world.h.
 */
#include "server_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bitsd/sections.h"
#include "store/local/local.h"

#define PATIENCE_SECONDS 60

static void ignore_event(struct log_sink *sink, const struct log_event *event)
{
    (void)sink;
    (void)event;
}

static void ignore_trouble(void *context, enum bits_cause cause,
                           const char *words)
{
    (void)context;
    (void)cause;
    (void)words;
}

static void ignore_warning(void *context, const char *event, const char *words)
{
    (void)context;
    (void)event;
    (void)words;
}

static struct config *load(const struct server_world *world,
                           const char *options)
{
    struct string_list errors = {0};
    struct config *config;
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/bitsd.conf", world->folder);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file,
                  "server {\nlisten = \"127.0.0.1:0\"\n"
                  "state_dir = \"%s/state\"\n%s\n}\n"
                  "upload \"/\" {\nroot = \"%s\"\n}\n",
                  world->folder, options, world->folder);
    assert_int_equal(fclose(file), 0);
    config = config_load(path, NULL, &errors);
    if (!config) {
        fail_msg("%s", errors.count ? errors.items[0] : "out of memory");
    }
    return config;
}

static void open_store(struct server_world *world)
{
    const struct store_local_options options = {
        .state_dir = world->config->server.state_dir,
        .trouble = ignore_trouble,
        .warning = ignore_warning,
        .context = world,
    };
    struct fault fault = {.text = ""};

    world->store = store_local_open(&options, &fault);
    if (!world->store) {
        fail_msg("%s", fault.text);
    }
}

static void tell_stopped(void *context)
{
    struct server_world *world = context;

    uv_sem_post(&world->stopped);
}

static struct server_world *world_new(const char *options)
{
    struct server_world *world = calloc(1, sizeof(*world));

    (void)alarm(PATIENCE_SECONDS);
    assert_non_null(world);
    (void)umask(0); /* as in bitsd */
    (void)snprintf(world->folder, sizeof(world->folder),
                   "/var/tmp/server-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->log = (struct log_sink){.level = LOG_ERROR, .write = ignore_event};
    world->config = load(world, options);
    assert_int_equal(uv_sem_init(&world->stopped, 0), 0);
    return world;
}

static void open_service(struct server_world *world, upload_section *section)
{
    struct fault fault;

    world->service = upload_service_new(world->store, section, &world->log);
    assert_non_null(world->service);
    assert_true(upload_service_configure(world->service, world->config));
    assert_true(listener_open(&world->listener,
                              world->config->server.listen.items[0],
                              &stream_plain, &fault));
    uploads_init(&world->uploads, world->service, NULL);
    http_init(&world->http, &world->uploads.site);
    world->listener.handler = &world->http.handler;
}

struct server_world *server_world_new(const char *options)
{
    struct server_world *world = world_new(options);

    open_store(world);
    open_service(world, section_for_local);
    return world;
}

struct server_world *server_world_new_over(struct store *store,
                                           upload_section *section,
                                           const char *options)
{
    struct server_world *world = world_new(options);

    world->store = store;
    open_service(world, section);
    return world;
}

void server_world_start(struct server_world *world)
{
    const struct server_options options = {
        .log = &world->log,
        .config = world->config,
        .listeners = &world->listener,
        .listener_count = 1,
        .stopped = tell_stopped,
        .context = world,
    };

    world->server = server_new(&options);
    assert_non_null(world->server);
    assert_int_equal(server_start(world->server), 0);
}

void server_world_wait(struct server_world *world)
{
    uv_sem_wait(&world->stopped);
    uv_sem_post(&world->stopped);
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    if (remove(path) != 0) {
        print_error("cannot remove %s: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}

void server_world_free(struct server_world *world)
{
    if (world->server) {
        server_stop(world->server);
        server_world_wait(world);
        server_free(world->server);
    }
    listener_close(&world->listener);
    upload_service_free(world->service);
    world->store->ops->close(world->store);
    config_unref(world->config);
    uv_sem_destroy(&world->stopped);
    assert_int_equal(nftw(world->folder, remove_entry, 16, FTW_DEPTH), 0);
    free(world);
    (void)alarm(0);
}

int server_world_connect(struct server_world *world)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(
        getsockname(world->listener.fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, size), 0);
    return fd;
}

void server_world_send(int fd, const void *data, size_t size)
{
    const char *from = data;

    while (size > 0) {
        ssize_t n = send(fd, from, size, MSG_NOSIGNAL);

        assert_true(n > 0);
        from += n;
        size -= (size_t)n;
    }
}

size_t server_world_read(int fd, void *room, size_t size)
{
    size_t got = 0;
    ssize_t n = 1;

    while (got < size && n > 0) {
        n = recv(fd, (char *)room + got, size - got, 0);
        assert_true(n >= 0);
        got += (size_t)n;
    }
    return got;
}

void server_world_assert_file(struct server_world *world, const char *name,
                              const void *data, size_t size)
{
    char path[128];
    char *found = malloc(size + 1);
    FILE *file;

    assert_non_null(found);
    (void)snprintf(path, sizeof(path), "%s/%s", world->folder, name);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, size + 1, file), size);
    assert_int_equal(fclose(file), 0);
    assert_memory_equal(found, data, size);
    free(found);
}
