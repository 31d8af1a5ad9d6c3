/*
 * bitsd/daemon.c: see daemon.h.
 */
#include "bitsd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "access/gate.h"
#include "base/compiler.h"
#include "base/text.h"
#include "bitsd/certificates.h"
#include "bitsd/closing.h"
#include "bitsd/exposure.h"
#include "bitsd/listening.h"
#include "bitsd/sections.h"
#include "os/systemd.h"
#include "server/http/http.h"
#include "server/server.h"
#include "server/uploads/uploads.h"
#include "store/local/local.h"
#include "upload/upload.h"

#define HOUSEKEEPING_MS 2000

/* The first signal asks for the stop, the second one ends grace_time, the third
 * one the wait for the store. */
#define PATIENT_SIGNALS 2

struct daemon {
    const struct command_line *line;
    struct logger *logger;
    struct config *started; /* a reload compares fixed options with this */
    struct store *store;
    struct upload_service *service;
    struct certificates certificates;
    struct listening listening;
    struct gate *gate;
    struct uploads uploads;
    struct http http; /* serves the uploads */
    struct server *server;
    unsigned signals; /* that asked for the stop */
    bool closes;      /* the server is gone */
    struct closing closing;

    uv_loop_t loop;
    uv_signal_t terminate;
    uv_signal_t interrupt;
    uv_signal_t hangup;
    uv_timer_t housekeeping;
    uv_timer_t patience; /* while it closes */
    uv_async_t stopped;  /* the server; then service and store */
};

static struct log_sink *sink_of(const struct daemon *daemon)
{
    return &daemon->logger->sink;
}

static bool fail(const struct daemon *daemon, const char *words)
{
    log_words(sink_of(daemon), LOG_ERROR, "start-failed", words);
    return false;
}

/* --- settings ------------------------------------------------------------ */

static enum log_level log_level_of(enum config_choice choice)
{
    static const struct {
        enum config_choice choice;
        enum log_level level;
    } rows[] = {
        {CONFIG_LOG_ERROR, LOG_ERROR},
        {CONFIG_LOG_WARNING, LOG_WARNING},
        {CONFIG_LOG_INFO, LOG_INFO},
        {CONFIG_LOG_DEBUG, LOG_DEBUG},
    };
    size_t i = 0;

    while (rows[i].choice != choice) {
        i++;
    }
    return rows[i].level;
}

void daemon_configure_log(struct logger *logger, const struct config *config)
{
    logger_configure(logger, log_level_of(config->server.log_level),
                     config->server.log_format == CONFIG_LOG_JSON
                         ? LOGGER_JSON
                         : LOGGER_TEXT);
}

/* --- access -------------------------------------------------------------- */

static bool prepare_gate(const struct daemon *daemon,
                         const struct config *config)
{
    struct string_list errors = {0};
    bool prepared = gate_prepare(daemon->gate, config, &errors);

    exposure_log(sink_of(daemon), LOG_ERROR, &errors);
    string_list_done(&errors);
    return prepared;
}

/* Judges the sockets themselves, like exposure_check(). */
static bool check_certified(const struct daemon *daemon,
                            const struct config *config)
{
    struct string_list errors = {0};
    bool passed = listening_requires_certificates(&daemon->listening,
                                                  daemon->certificates.tls) ||
                  config_needs_no_certificates(config, &errors);

    exposure_log(sink_of(daemon), LOG_ERROR, &errors);
    string_list_done(&errors);
    return passed;
}

static bool check_access(const struct daemon *daemon,
                         const struct config *config)
{
    return exposure_check(sink_of(daemon), daemon->listening.listeners,
                          daemon->listening.count, config) &&
           check_certified(daemon, config);
}

/* --- reload -------------------------------------------------------------- */

static void put_in_force(struct daemon *daemon, struct config *next)
{
    struct string_list differences = {0};

    if (!check_access(daemon, next) || !prepare_gate(daemon, next) ||
        !upload_service_configure(daemon->service, next)) {
        log_words(sink_of(daemon), LOG_ERROR, "reload",
                  "reload failed; the old configuration stays in force");
        return;
    }
    gate_configure(daemon->gate, next);
    daemon_configure_log(daemon->logger, next);
    server_reconfigure(daemon->server, next);
    (void)config_compare(daemon->started, next, &differences);
    exposure_log(sink_of(daemon), LOG_WARNING, &differences);
    string_list_done(&differences);
    log_words(sink_of(daemon), LOG_INFO, "reload",
              certificates_reload(&daemon->certificates, next)
                  ? "reload done; the new configuration is in force"
                  : "reload done; the new configuration is in force, except "
                    "for the certificates named above");
}

static void reload(struct daemon *daemon)
{
    struct string_list errors = {0};
    struct config *next;

    if (daemon->line->dir) {
        log_words(sink_of(daemon), LOG_WARNING, "reload",
                  "nothing to reload: there is no configuration file");
        upload_service_visit(daemon->service, UPLOAD_VISIT_RELOAD);
        return;
    }
    os_notify("RELOADING=1");
    next = command_line_load_config(daemon->line, &errors);
    if (next) {
        put_in_force(daemon, next);
        config_unref(next);
    } else {
        exposure_log(sink_of(daemon), LOG_ERROR, &errors);
        log_words(sink_of(daemon), LOG_ERROR, "reload",
                  "reload failed; the old configuration stays in force");
    }
    string_list_done(&errors);
    os_notify("READY=1");
}

/* --- the main thread's loop ---------------------------------------------- */

static void on_hangup(uv_signal_t *handle, int number)
{
    struct daemon *daemon = CONTAINER_OF(handle, struct daemon, hangup);

    (void)number;
    if (!daemon->closes) {
        reload(daemon);
    }
}

/* To the next start this is a crash, which loses nothing. */
static void give_up(struct daemon *daemon)
{
    closing_say_waiting(&daemon->closing);
    log_words(sink_of(daemon), LOG_ERROR, "stop-failed",
              "bitsd stops before its work on the disks has ended; do they "
              "answer? no acknowledged byte is lost");
    (void)logger_settle(daemon->logger, LOGGER_PATIENCE_MS);
    _exit(EXIT_UNFINISHED);
}

static void on_patience_over(uv_timer_t *timer)
{
    give_up(CONTAINER_OF(timer, struct daemon, patience));
}

static void stop(struct daemon *daemon)
{
    daemon->signals++;
    if (!daemon->closes) {
        log_words(sink_of(daemon), LOG_INFO, "stopping",
                  daemon->signals > 1
                      ? "grace_time is over; waiting for running deliveries"
                      : "no new connections; running requests get grace_time");
        os_notify("STOPPING=1");
        server_stop(daemon->server);
    } else if (daemon->signals > PATIENT_SIGNALS) {
        give_up(daemon);
    }
}

static void on_terminate(uv_signal_t *handle, int number)
{
    (void)number;
    stop(CONTAINER_OF(handle, struct daemon, terminate));
}

static void on_interrupt(uv_signal_t *handle, int number)
{
    (void)number;
    stop(CONTAINER_OF(handle, struct daemon, interrupt));
}

static void on_housekeeping(uv_timer_t *timer)
{
    struct daemon *daemon = CONTAINER_OF(timer, struct daemon, housekeeping);

    upload_service_housekeep(daemon->service);
    server_housekeep(daemon->server);
    certificates_housekeep(&daemon->certificates);
}

/* Any thread. */
static void tell_stopped(void *context)
{
    struct daemon *daemon = context;

    (void)uv_async_send(&daemon->stopped);
}

static void on_stopped(uv_async_t *async)
{
    uv_stop(async->loop);
}

/* Closing the handles restores the default actions of signals.  A signal that
 * arrives now must not turn a clean exit into a failure. */
static void close_loop(struct daemon *daemon)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, NULL);
    uv_close((uv_handle_t *)&daemon->terminate, NULL);
    uv_close((uv_handle_t *)&daemon->interrupt, NULL);
    uv_close((uv_handle_t *)&daemon->hangup, NULL);
    uv_close((uv_handle_t *)&daemon->housekeeping, NULL);
    uv_close((uv_handle_t *)&daemon->patience, NULL);
    uv_close((uv_handle_t *)&daemon->stopped, NULL);
    (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&daemon->loop);
}

static bool prepare_loop(struct daemon *daemon)
{
    uv_loop_t *loop = &daemon->loop;

    return uv_loop_init(loop) == 0 &&
           uv_async_init(loop, &daemon->stopped, on_stopped) == 0 &&
           uv_timer_init(loop, &daemon->housekeeping) == 0 &&
           uv_timer_init(loop, &daemon->patience) == 0 &&
           uv_signal_init(loop, &daemon->terminate) == 0 &&
           uv_signal_init(loop, &daemon->interrupt) == 0 &&
           uv_signal_init(loop, &daemon->hangup) == 0 &&
           uv_timer_start(&daemon->housekeeping, on_housekeeping,
                          HOUSEKEEPING_MS, HOUSEKEEPING_MS) == 0 &&
           uv_signal_start(&daemon->terminate, on_terminate, SIGTERM) == 0 &&
           uv_signal_start(&daemon->interrupt, on_interrupt, SIGINT) == 0 &&
           uv_signal_start(&daemon->hangup, on_hangup, SIGHUP) == 0;
}

/* --- start --------------------------------------------------------------- */

/* Descriptors besides one for each connection: folders, the index, data files
 * of warm sessions and of concurrent fragments. */
#define DESCRIPTORS_OWN 384

static void raise_descriptor_limit(const struct daemon *daemon,
                                   const struct config *config)
{
    uint64_t wanted = config->server.max_connections + DESCRIPTORS_OWN;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < wanted) {
        LOG(sink_of(daemon), LOG_WARNING, "descriptors",
            "the limit of file descriptors is low for max_connections; raise "
            "LimitNOFILE",
            LOG_NUMBER("limit", limit.rlim_max), LOG_NUMBER("wanted", wanted));
    }
}

static void on_trouble(void *context, enum bits_cause cause, const char *detail)
{
    const struct daemon *daemon = context;

    LOG(sink_of(daemon),
        cause_concern(cause) == BITS_CONCERN_SETUP ? LOG_WARNING : LOG_ERROR,
        "store", cause_sentence(cause), LOG_TEXT("detail", text_of(detail)));
}

static void on_warning(void *context, const char *event, const char *words)
{
    log_words(sink_of(context), LOG_WARNING, event, words);
}

static bool open_store(struct daemon *daemon, const struct config *config)
{
    const struct store_local_options options = {
        .state_dir = config->server.state_dir,
        .max_ended_sessions = config->server.max_ended_sessions,
        .state_min_free_space = config->server.state_min_free_space,
        .trouble = on_trouble,
        .warning = on_warning,
        .context = daemon,
    };
    struct fault fault = {.text = ""};

    daemon->store = store_local_open(&options, &fault);
    return daemon->store || fail(daemon, fault.text);
}

static bool open_gate(struct daemon *daemon, const struct config *config)
{
    daemon->gate = gate_new(sink_of(daemon), config);
    if (!daemon->gate) {
        return fail(daemon, "out of memory or threads");
    }
    if (!prepare_gate(daemon, config)) {
        return false;
    }
    gate_configure(daemon->gate, config);
    return true;
}

static bool open_service(struct daemon *daemon, struct config *config)
{
    daemon->service =
        upload_service_new(daemon->store, section_for_local, sink_of(daemon));
    if (!daemon->service) {
        return fail(daemon, "out of memory");
    }
    uploads_init(&daemon->uploads, daemon->service, gate_access(daemon->gate));
    http_init(&daemon->http, &daemon->uploads.site);
    return upload_service_configure(daemon->service, config);
}

static bool open_certificates(struct daemon *daemon, struct config *config)
{
    return certificates_open(&daemon->certificates, config, sink_of(daemon)) ||
           fail(daemon, "a certificate cannot be used; correct what is named "
                        "above");
}

static bool open_listeners(struct daemon *daemon, const struct config *config)
{
    struct fault fault;

    return listening_open(&daemon->listening, config, daemon->certificates.tls,
                          &daemon->http.handler, &fault) ||
           fail(daemon, fault.text);
}

static bool open_server(struct daemon *daemon, struct config *config)
{
    const struct server_options options = {
        .log = sink_of(daemon),
        .config = config,
        .listeners = daemon->listening.listeners,
        .listener_count = daemon->listening.count,
        .stopped = tell_stopped,
        .context = daemon,
    };

    daemon->server = server_new(&options);
    return daemon->server || fail(daemon, "out of memory");
}

/* The addresses separated by blanks.  Returns NULL if memory ran out. */
static char *join_addresses(const struct daemon *daemon)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream) {
        return NULL;
    }
    for (size_t i = 0; i < daemon->listening.count; i++) {
        (void)fprintf(stream, "%s%s", i > 0 ? " " : "",
                      daemon->listening.listeners[i].name);
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static void log_start(const struct daemon *daemon)
{
    const char *dir = daemon->line->dir;
    char *addresses = join_addresses(daemon);

    LOG(sink_of(daemon), LOG_INFO, "start", "bitsd is ready",
        LOG_TEXT("version", text_of(BITSD_VERSION)),
        LOG_NUMBER("pid", (uint64_t)getpid()),
        LOG_TEXT(dir ? "folder" : "file",
                 text_of(dir ? dir : daemon->line->config_path)),
        LOG_TEXT("addresses", text_of(addresses ? addresses : "")));
    free(addresses);
}

static void log_listening(const struct daemon *daemon, const char *address)
{
    const struct log_field field = LOG_TEXT("address", text_of(address));
    char words[LISTENER_NAME_MAX + 20];

    (void)snprintf(words, sizeof(words), "listening on %s", address);
    logger_say(daemon->logger, &(struct log_event){.level = LOG_INFO,
                                                   .event = "listening",
                                                   .words = words,
                                                   .fields = &field,
                                                   .field_count = 1});
}

/* Logs "listening" last, so that a program that waits for it has seen the rest
 * of the start. */
static void tell_ready(const struct daemon *daemon)
{
    if (daemon->line->dir) {
        exposure_warn(sink_of(daemon), daemon->listening.listeners,
                      daemon->listening.count, daemon->line->dir);
    }
    log_start(daemon);
    for (size_t i = 0; i < daemon->listening.count; i++) {
        log_listening(daemon, daemon->listening.listeners[i].name);
    }
    os_notify("READY=1");
}

/* Call before anything runs that a failure would interrupt.  It fails only if
 * the machine cannot start threads. */
static void start_server(struct daemon *daemon)
{
    int r = server_start(daemon->server);

    if (r < 0) {
        (void)fail(daemon, uv_strerror(r));
        (void)logger_settle(daemon->logger, LOGGER_PATIENCE_MS);
        exit(EXIT_REFUSED);
    }
}

static bool start(struct daemon *daemon, struct config *config)
{
    raise_descriptor_limit(daemon, config);
    if (!open_store(daemon, config)) {
        return false;
    }
    /* The index has its mode already.  Files made from now on keep the mode
     * given at creation: see store.h. */
    (void)umask(0);
    return open_gate(daemon, config) && open_service(daemon, config) &&
           open_certificates(daemon, config) &&
           open_listeners(daemon, config) && check_access(daemon, config) &&
           open_server(daemon, config);
}

/* Ends on another thread, so that signals and the time are heard here. */
static void close_service_and_store(struct daemon *daemon)
{
    daemon->closing = (struct closing){.service = daemon->service,
                                       .store = daemon->store,
                                       .ended = &daemon->stopped};
    (void)uv_timer_stop(&daemon->housekeeping);
    uv_update_time(&daemon->loop);
    (void)uv_timer_start(&daemon->patience, on_patience_over, CLOSING_MS, 0);
    closing_start(&daemon->closing);
    (void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
    closing_done(&daemon->closing);
}

static void close_all(struct daemon *daemon)
{
    daemon->closes = true;
    server_free(daemon->server);
    listening_close(&daemon->listening);
    certificates_close(&daemon->certificates);
    gate_free(daemon->gate);
    close_service_and_store(daemon);
}

int daemon_run(const struct command_line *line, struct config *config,
               struct logger *logger)
{
    struct daemon daemon = {.line = line, .logger = logger, .started = config};
    int status = EXIT_REFUSED;

    if (!prepare_loop(&daemon)) {
        (void)fail(&daemon, "no event loop can be made");
        return EXIT_REFUSED;
    }
    if (start(&daemon, config)) {
        start_server(&daemon);
        tell_ready(&daemon);
        (void)uv_run(&daemon.loop, UV_RUN_DEFAULT);
        status = EXIT_SUCCESS;
    }
    close_all(&daemon);
    if (status == EXIT_SUCCESS) {
        log_words(&logger->sink, LOG_INFO, "stop",
                  "bitsd has stopped; everything is on disk");
    }
    close_loop(&daemon);
    return status;
}
