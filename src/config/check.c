/*
 * config/check.c: derives values from others, and reports contradictions.
 */
#include <stdlib.h>
#include <string.h>

#include "config/form.h"
#include "config/load.h"

/* Returns true if the value had an error; the default replaces it. */
static bool is_broken(const struct section_details *details,
                      enum config_option_id id)
{
    const struct section *section = details->origins[id].section;

    return section && section_is_broken(section, &config_options[id].option);
}

/* --- derived values --- */

static bool derive_temp_dir(struct config_upload *upload)
{
    size_t length;
    int written;

    if (upload->temp_dir || !upload->root) {
        return true;
    }
    length = strlen(upload->root);
    while (length > 0 && upload->root[length - 1] == '/') {
        length--;
    }
    written =
        asprintf(&upload->temp_dir, "%.*s/.bitsd", (int)length, upload->root);
    if (written < 0) {
        upload->temp_dir = NULL;
    }
    return written >= 0;
}

/* By default a session without bytes is not kept longer than one with bytes.
 * config_check() refuses an explicit value that is longer. */
static void derive_empty_timeout(struct config_upload *upload,
                                 const struct section_details *details)
{
    if (!details->origins[CONFIG_OPTION_empty_session_timeout].item &&
        upload->empty_session_timeout > upload->session_timeout) {
        upload->empty_session_timeout = upload->session_timeout;
    }
}

bool config_derive(struct config *config)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        derive_empty_timeout(&config->uploads[i], &config->details->uploads[i]);
        if (!is_broken(&config->details->uploads[i], CONFIG_OPTION_temp_dir) &&
            !derive_temp_dir(&config->uploads[i])) {
            return false;
        }
    }
    return true;
}

/* --- contradictions --- */

static const char *name_of(enum config_option_id id)
{
    return config_options[id].option.name;
}

static bool overlap(const char *a, const char *b)
{
    struct config_address first;
    struct config_address second;

    return config_address_read(a, &first) && config_address_read(b, &second) &&
           config_address_overlaps(&first, &second);
}

static void check_listen(const struct config *config, struct report *report)
{
    const struct section_details *details = &config->details->server;
    const struct string_list *list = &config->server.listen;

    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (overlap(list->items[i], list->items[j])) {
                report_add(report,
                           config_place(config, details, CONFIG_OPTION_listen),
                           "%s: \"%s\" and \"%s\" overlap; remove one of them",
                           name_of(CONFIG_OPTION_listen), list->items[j],
                           list->items[i]);
                break;
            }
        }
    }
}

static void check_access(const struct config *config, const char *address,
                         struct report *report)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        const struct section_details *details = &config->details->uploads[i];

        if (!details->origins[CONFIG_OPTION_access].item) {
            report_add(
                report, config_place(config, details, CONFIG_OPTION_access),
                "upload \"%s\": other machines reach %s, and nothing says who "
                "may upload; if everybody may, add: %s = anonymous",
                config->uploads[i].prefix, address,
                name_of(CONFIG_OPTION_access));
        }
    }
}

/* The first address of `listen` that other machines reach, or NULL. */
static const char *find_exposed(const struct config *config)
{
    const struct string_list *list = &config->server.listen;
    struct config_address address;

    for (size_t i = 0; i < list->count; i++) {
        if (config_address_read(list->items[i], &address) &&
            !config_address_is_local(&address)) {
            return list->items[i];
        }
    }
    return NULL;
}

/* The file that a word of `access` needs. */
struct needed_file {
    enum config_choice word;
    const char *name; /* of the word */
    enum config_option_id option;
    const char *path; /* the value of the option */
    const char *maker;
};

static void check_file(const struct config *config, size_t index,
                       const struct needed_file *file, struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (option_chosen(upload->access, file->word) && !file->path &&
        !is_broken(details, file->option)) {
        report_add(report, config_place(config, details, CONFIG_OPTION_access),
                   "upload \"%s\": %s has %s, and %s is not set; name the "
                   "file that %s writes",
                   upload->prefix, name_of(CONFIG_OPTION_access), file->name,
                   name_of(file->option), file->maker);
    }
}

static void check_files(const struct config *config, size_t index,
                        struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct needed_file files[] = {
        {CONFIG_ACCESS_BASIC, "basic", CONFIG_OPTION_password_file,
         upload->password_file, "bitsctl passwd"},
        {CONFIG_ACCESS_TOKEN, "token", CONFIG_OPTION_token_file,
         upload->token_file, "bitsctl token"},
        {CONFIG_ACCESS_INVITE, "invite", CONFIG_OPTION_invite_key_file,
         upload->invite_key_file, "bitsctl invite"},
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        check_file(config, index, &files[i], report);
    }
}

static void check_kerberos(const struct config *config, size_t index,
                           struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];
    struct place place = config_place(config, details, CONFIG_OPTION_access);

    if (!option_chosen(upload->access, CONFIG_ACCESS_NEGOTIATE)) {
        return;
    }
    if (!config->server.keytab &&
        !is_broken(&config->details->server, CONFIG_OPTION_keytab)) {
        report_add(report, place,
                   "upload \"%s\": %s has negotiate, and %s is not set; name "
                   "the file with the keys of HTTP/HOST in the server section",
                   upload->prefix, name_of(CONFIG_OPTION_access),
                   name_of(CONFIG_OPTION_keytab));
    }
    if (upload->realms.count == 0 &&
        !is_broken(details, CONFIG_OPTION_realms)) {
        report_add(report, place,
                   "upload \"%s\": %s has negotiate, and %s is not set; name "
                   "the realms whose users may upload, such as EXAMPLE.COM",
                   upload->prefix, name_of(CONFIG_OPTION_access),
                   name_of(CONFIG_OPTION_realms));
    }
}

static void check_header(const struct config *config, size_t index,
                         struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (option_chosen(upload->access, CONFIG_ACCESS_HEADER) &&
        config->server.trusted_proxies.count == 0 &&
        !is_broken(&config->details->server, CONFIG_OPTION_trusted_proxies)) {
        report_add(report, config_place(config, details, CONFIG_OPTION_access),
                   "upload \"%s\": %s has header, and %s is not set; name the "
                   "address of the proxy in the server section",
                   upload->prefix, name_of(CONFIG_OPTION_access),
                   name_of(CONFIG_OPTION_trusted_proxies));
    }
}

bool config_says_who(const struct config *config, const char *address,
                     struct string_list *errors)
{
    struct report report = {.lines = errors};

    if (config->details->path) {
        check_access(config, address, &report);
    }
    return !report.failed;
}

bool config_needs_no_certificates(const struct config *config,
                                  struct string_list *errors)
{
    struct report report = {.lines = errors};

    for (size_t i = 0; i < config->upload_count; i++) {
        const struct config_upload *upload = &config->uploads[i];

        if (option_chosen(upload->access, CONFIG_ACCESS_CERTIFICATE)) {
            report_add(&report,
                       config_place(config, &config->details->uploads[i],
                                    CONFIG_OPTION_access),
                       "upload \"%s\": %s has certificate, and no listener "
                       "requires one; add to %s: \"*:8444 tls certificate\"",
                       upload->prefix, name_of(CONFIG_OPTION_access),
                       name_of(CONFIG_OPTION_listen));
        }
    }
    return !report.failed;
}

/* Of a listener whose address says so. */
static const char *find_tls_listener(const struct config *config)
{
    const struct string_list *list = &config->server.listen;
    struct config_address address;

    for (size_t i = 0; i < list->count; i++) {
        if (config_address_read(list->items[i], &address) && address.tls) {
            return list->items[i];
        }
    }
    return NULL;
}

static const char *find_certified_listener(const struct config *config)
{
    const struct string_list *list = &config->server.listen;
    struct config_address address;

    for (size_t i = 0; i < list->count; i++) {
        if (config_address_read(list->items[i], &address) &&
            address.certificate) {
            return list->items[i];
        }
    }
    return NULL;
}

static void check_client_ca(const struct config *config, struct report *report)
{
    const struct section_details *details = &config->details->server;
    const char *listener = find_certified_listener(config);

    if (config->server.client_ca.count > 0 ||
        is_broken(details, CONFIG_OPTION_client_ca)) {
        return;
    }
    if (listener) {
        report_add(report, config_place(config, details, CONFIG_OPTION_listen),
                   "%s: \"%s\" needs the authorities of the clients; set %s "
                   "in a configuration file",
                   name_of(CONFIG_OPTION_listen), listener,
                   name_of(CONFIG_OPTION_client_ca));
    } else if (config->server.client_crl.count > 0) {
        report_add(report,
                   config_place(config, details, CONFIG_OPTION_client_crl),
                   "%s is set and %s is not; name the authorities of the lists",
                   name_of(CONFIG_OPTION_client_crl),
                   name_of(CONFIG_OPTION_client_ca));
    }
}

static void check_tls(const struct config *config, struct report *report)
{
    const struct section_details *details = &config->details->server;
    const char *listener = find_tls_listener(config);
    size_t certificates = config->server.tls_cert.count;
    size_t keys = config->server.tls_key.count;

    if (is_broken(details, CONFIG_OPTION_tls_cert) ||
        is_broken(details, CONFIG_OPTION_tls_key)) {
        return;
    }
    if (certificates != keys) {
        report_add(report,
                   config_place(config, details,
                                certificates > keys ? CONFIG_OPTION_tls_cert
                                                    : CONFIG_OPTION_tls_key),
                   "%s has %zu file%s and %s has %zu; name a key for each "
                   "certificate, in the same order",
                   name_of(CONFIG_OPTION_tls_cert), certificates,
                   certificates == 1 ? "" : "s", name_of(CONFIG_OPTION_tls_key),
                   keys);
    } else if (config->server.tls_ocsp.count > certificates) {
        report_add(
            report, config_place(config, details, CONFIG_OPTION_tls_ocsp),
            "%s has more files than %s; name one for each certificate, "
            "in the same order",
            name_of(CONFIG_OPTION_tls_ocsp), name_of(CONFIG_OPTION_tls_cert));
    } else if (listener && certificates == 0) {
        report_add(report, config_place(config, details, CONFIG_OPTION_listen),
                   "%s: \"%s\" needs a certificate; set %s and %s in a "
                   "configuration file",
                   name_of(CONFIG_OPTION_listen), listener,
                   name_of(CONFIG_OPTION_tls_cert),
                   name_of(CONFIG_OPTION_tls_key));
    }
}

static void check_root(const struct config *config, size_t index,
                       struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (is_broken(details, CONFIG_OPTION_root)) {
        return;
    }
    if (!upload->root) {
        report_add(report, config_place(config, details, CONFIG_OPTION_root),
                   "upload \"%s\": %s is not set; name the folder that files "
                   "are delivered into",
                   upload->prefix, name_of(CONFIG_OPTION_root));
        return;
    }
    if (upload->temp_dir &&
        config_path_is_same(upload->temp_dir, upload->root)) {
        report_add(report,
                   config_place(config, details, CONFIG_OPTION_temp_dir),
                   "upload \"%s\": %s is %s itself; name a folder of its own",
                   upload->prefix, name_of(CONFIG_OPTION_temp_dir),
                   name_of(CONFIG_OPTION_root));
    }
    if (!is_broken(&config->details->server, CONFIG_OPTION_state_dir) &&
        config_path_is_same(config->server.state_dir, upload->root)) {
        report_add(report, config_place(config, details, CONFIG_OPTION_root),
                   "upload \"%s\": %s is also %s; name a folder of its own",
                   upload->prefix, name_of(CONFIG_OPTION_root),
                   name_of(CONFIG_OPTION_state_dir));
    }
}

static void check_staging(const struct config *config, size_t index,
                          struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];

    for (size_t i = 0; upload->temp_dir && i < index; i++) {
        const struct config_upload *other = &config->uploads[i];

        if (other->temp_dir && strcmp(other->prefix, upload->prefix) != 0 &&
            config_path_is_same(other->temp_dir, upload->temp_dir)) {
            report_add(
                report,
                config_place(config, &config->details->uploads[index],
                             CONFIG_OPTION_temp_dir),
                "upload \"%s\": %s \"%s\" is also that of upload \"%s\"; give "
                "one of them another",
                upload->prefix, name_of(CONFIG_OPTION_temp_dir),
                upload->temp_dir, other->prefix);
            return;
        }
    }
}

static void check_timeouts(const struct config *config, size_t index,
                           struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (is_broken(details, CONFIG_OPTION_session_timeout) ||
        is_broken(details, CONFIG_OPTION_empty_session_timeout)) {
        return;
    }
    if (upload->empty_session_timeout > upload->session_timeout) {
        report_add(
            report,
            config_place(config, details, CONFIG_OPTION_empty_session_timeout),
            "upload \"%s\": %s is longer than %s; make it shorter",
            upload->prefix, name_of(CONFIG_OPTION_empty_session_timeout),
            name_of(CONFIG_OPTION_session_timeout));
    }
}

void config_check(const struct config *config, struct report *report)
{
    const char *exposed = find_exposed(config);

    check_listen(config, report);
    check_tls(config, report);
    check_client_ca(config, report);
    if (config->upload_count == 0) {
        report_add(report, (struct place){config->details->path, 0},
                   "there is no upload section; add: upload \"/\" { %s = "
                   "\"/srv/uploads\" }",
                   name_of(CONFIG_OPTION_root));
    }
    for (size_t i = 0; i < config->upload_count; i++) {
        check_root(config, i, report);
        check_staging(config, i, report);
        check_timeouts(config, i, report);
        check_files(config, i, report);
        check_kerberos(config, i, report);
        check_header(config, i, report);
        config_check_rights(config, i, report);
    }
    if (exposed && config->details->path) {
        check_access(config, exposed, report);
    }
}
