/*
 * config/check.c: what values mean together: those that follow from others,
 * and contradictions.
 */
#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "config/load.h"

/* --- what follows --- */

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

/* A session without bytes is not kept longer than one with bytes, unless
 * somebody says so, which config_check() refuses. */
static void derive_empty_timeout(struct config_upload *upload,
                                 const struct section_details *details)
{
    if (details->origins[OPTION_empty_session_timeout].kind ==
            CONFIG_ORIGIN_DEFAULT &&
        upload->empty_session_timeout > upload->session_timeout) {
        upload->empty_session_timeout = upload->session_timeout;
    }
}

bool config_derive(struct config *config)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        derive_empty_timeout(&config->uploads[i], &config->details->uploads[i]);
        if (!config->details->uploads[i].broken[OPTION_temp_dir] &&
            !derive_temp_dir(&config->uploads[i])) {
            return false;
        }
    }
    return true;
}

/* --- contradictions --- */

static const char *name_of(enum option_id id)
{
    return options[id].name;
}

/* The line of an option, or else that of its section. */
static struct config_origin place_of(const struct section_details *section,
                                     enum option_id id)
{
    struct config_origin origin = section->origins[id];

    if (origin.kind == CONFIG_ORIGIN_DEFAULT) {
        origin.line = section->line;
    }
    return origin;
}

static bool is_twin(const char *a, const char *b)
{
    struct config_address first;
    struct config_address second;

    return config_address_read(a, &first) && config_address_read(b, &second) &&
           config_address_is_same(&first, &second);
}

static void check_listen(const struct config *config, struct report *report)
{
    const struct section_details *details = &config->details->server;
    const struct config_list *list = &config->server.listen;

    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (is_twin(list->items[i], list->items[j])) {
                report_add(report, place_of(details, OPTION_listen),
                           "%s: \"%s\" and \"%s\" are the same address; take "
                           "one away",
                           name_of(OPTION_listen), list->items[j],
                           list->items[i]);
                break;
            }
        }
    }
}

static void check_root(const struct config *config, size_t index,
                       struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (details->broken[OPTION_root]) {
        return;
    }
    if (!upload->root) {
        report_add(report, place_of(details, OPTION_root),
                   "upload \"%s\": %s is not set; name the folder that files "
                   "are delivered into",
                   upload->prefix, name_of(OPTION_root));
        return;
    }
    if (upload->temp_dir &&
        config_path_is_same(upload->temp_dir, upload->root)) {
        report_add(report, place_of(details, OPTION_temp_dir),
                   "upload \"%s\": %s is %s itself; name a folder of its own",
                   upload->prefix, name_of(OPTION_temp_dir),
                   name_of(OPTION_root));
    }
    if (!config->details->server.broken[OPTION_state_dir] &&
        config_path_is_same(config->server.state_dir, upload->root)) {
        report_add(report, place_of(details, OPTION_root),
                   "upload \"%s\": %s is also %s; name a folder of its own",
                   upload->prefix, name_of(OPTION_root),
                   name_of(OPTION_state_dir));
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
                place_of(&config->details->uploads[index], OPTION_temp_dir),
                "upload \"%s\": %s \"%s\" is also that of upload \"%s\"; give "
                "one of them another",
                upload->prefix, name_of(OPTION_temp_dir), upload->temp_dir,
                other->prefix);
            return;
        }
    }
}

static void check_timeouts(const struct config *config, size_t index,
                           struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (details->broken[OPTION_session_timeout] ||
        details->broken[OPTION_empty_session_timeout]) {
        return;
    }
    if (upload->empty_session_timeout > upload->session_timeout) {
        report_add(report, place_of(details, OPTION_empty_session_timeout),
                   "upload \"%s\": %s is longer than %s; make it shorter",
                   upload->prefix, name_of(OPTION_empty_session_timeout),
                   name_of(OPTION_session_timeout));
    }
}

void config_check(const struct config *config, struct report *report)
{
    check_listen(config, report);
    if (config->upload_count == 0) {
        report_add(report, (struct config_origin){0},
                   "there is no upload section; add: upload \"/\" { %s = "
                   "\"/srv/uploads\" }",
                   name_of(OPTION_root));
    }
    for (size_t i = 0; i < config->upload_count; i++) {
        check_root(config, i, report);
        check_staging(config, i, report);
        check_timeouts(config, i, report);
    }
}
