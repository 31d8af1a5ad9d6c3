/*
 * bitsd/certificates.c: see certificates.h.
 */
#include "bitsd/certificates.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/log.h"
#include "os/clock.h"

/* Between two looks at the dates. */
#define DATES_SECONDS 86400

static int64_t wall_clock(void)
{
    return os_clock_system.wall(os_clock_system.context);
}

/* --- lines --------------------------------------------------------------- */

/* Puts the place in the configuration in front of what is wrong. */
struct teller {
    const struct config *config;
    void (*on_line)(void *context, const struct tls_problem *problem,
                    const char *line);
    void *context;
};

static const char *option_of(enum tls_part part)
{
    switch (part) {
    case TLS_PART_CERTIFICATE:
        return "tls_cert";
    case TLS_PART_KEY:
        return "tls_key";
    case TLS_PART_OCSP:
        return "tls_ocsp";
    case TLS_PART_CLIENT_CA:
        return "client_ca";
    case TLS_PART_CLIENT_CRL:
        return "client_crl";
    case TLS_PART_CIPHERS:
        break;
    }
    return "tls_ciphers";
}

static void on_problem(void *context, const struct tls_problem *problem)
{
    const struct teller *teller = context;
    const char *option = option_of(problem->part);
    char place[CONFIG_PLACE_MAX];
    struct fault line;

    config_write_place(teller->config, NULL, option, place);
    (void)fault_set(&line, "%s: %s%s%.200s%s %s", place, option,
                    problem->path ? " " : "",
                    problem->path ? problem->path : "",
                    problem->path ? "" : ":", problem->words);
    teller->on_line(teller->context, problem, line.text);
}

static void log_line(void *context, const struct tls_problem *problem,
                     const char *line)
{
    log_words(context, problem->is_warning ? LOG_WARNING : LOG_ERROR,
              "certificate", line);
}

/* --- reading ------------------------------------------------------------- */

static enum tls_version version_of(enum config_choice choice)
{
    return choice == CONFIG_TLS_1_3 ? TLS_VERSION_1_3 : TLS_VERSION_1_2;
}

static bool configure(struct tls *tls, struct teller *teller)
{
    const struct config_server *server = &teller->config->server;
    size_t count = server->tls_cert.count;
    struct tls_files *files = calloc(count + 1, sizeof(files[0]));
    const struct tls_client_files clients = {
        .ca = (const char *const *)server->client_ca.items,
        .ca_count = server->client_ca.count,
        .crl = (const char *const *)server->client_crl.items,
        .crl_count = server->client_crl.count,
    };
    const struct tls_settings settings = {
        .files = files,
        .count = count,
        .oldest = version_of(server->tls_min_version),
        .ciphers = server->tls_ciphers,
        .clients = clients.ca_count > 0 ? &clients : NULL,
    };
    bool done;

    if (!files) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        files[i] = (struct tls_files){
            server->tls_cert.items[i], server->tls_key.items[i],
            i < server->tls_ocsp.count ? server->tls_ocsp.items[i] : NULL};
    }
    done = tls_configure(tls, &settings,
                         &(struct tls_watcher){on_problem, teller});
    free(files);
    return done;
}

/* Without certificates there is nothing to read. */
static bool read_all(struct tls *tls, struct teller *teller)
{
    bool done =
        teller->config->server.tls_cert.count == 0 || configure(tls, teller);

    tls_check_dates(tls, wall_clock(),
                    &(struct tls_watcher){on_problem, teller});
    return done;
}

static bool read_and_log(struct certificates *certificates)
{
    struct teller teller = {certificates->config, log_line, certificates->log};

    certificates->dates_checked = wall_clock();
    return read_all(certificates->tls, &teller);
}

/* --- life ---------------------------------------------------------------- */

static void rotate_tickets(struct certificates *certificates)
{
    tls_rotate_tickets(certificates->tls,
                       os_clock_system.running(os_clock_system.context));
}

bool certificates_open(struct certificates *certificates, struct config *config,
                       struct log_sink *log)
{
    *certificates = (struct certificates){
        .tls = tls_new(), .config = config_ref(config), .log = log};
    if (!certificates->tls) {
        log_words(log, LOG_ERROR, "certificate", "out of memory");
        return false;
    }
    rotate_tickets(certificates);
    return read_and_log(certificates);
}

void certificates_close(struct certificates *certificates)
{
    tls_free(certificates->tls);
    config_unref(certificates->config);
}

bool certificates_reload(struct certificates *certificates,
                         struct config *config)
{
    config_unref(certificates->config);
    certificates->config = config_ref(config);
    return read_and_log(certificates);
}

/* A wall clock that was set back may have been wrong when they were checked. */
static void check_dates_daily(struct certificates *certificates)
{
    struct teller teller = {certificates->config, log_line, certificates->log};
    int64_t now = wall_clock();
    int64_t age = now - certificates->dates_checked;

    if (age < 0 || age >= DATES_SECONDS) {
        certificates->dates_checked = now;
        tls_check_dates(certificates->tls, now,
                        &(struct tls_watcher){on_problem, &teller});
    }
}

void certificates_housekeep(struct certificates *certificates)
{
    rotate_tickets(certificates);
    check_dates_daily(certificates);
}

void certificates_inspect(const struct config *config,
                          void (*on_line)(void *context,
                                          const struct tls_problem *problem,
                                          const char *line),
                          void *context)
{
    struct teller teller = {config, on_line, context};
    struct tls *tls = tls_new();

    if (tls) {
        (void)read_all(tls, &teller);
        tls_free(tls);
    }
}
