/*
 * config/check_rights.c: reports contradictions about users.
 */
#include "config/load.h"

static const char *name_of(enum config_option_id id)
{
    return config_options[id].option.name;
}

static bool is_set(const struct section_details *details,
                   enum config_option_id id)
{
    return details->origins[id].item != NULL;
}

static bool has_group(const struct config_upload *upload)
{
    for (size_t i = 0; i < upload->users.count; i++) {
        if (upload->users.items[i][0] == '@') {
            return true;
        }
    }
    return false;
}

void config_check_rights(const struct config *config, size_t index,
                         struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct section_details *details = &config->details->uploads[index];

    if (!is_set(details, CONFIG_OPTION_users)) {
        return;
    }
    if (option_chosen(upload->access, CONFIG_ACCESS_ANONYMOUS)) {
        report_add(report, config_place(config, details, CONFIG_OPTION_users),
                   "upload \"%s\": %s is set, and %s lets clients in without "
                   "a name; set %s to another way to sign in",
                   upload->prefix, name_of(CONFIG_OPTION_users),
                   name_of(CONFIG_OPTION_access),
                   name_of(CONFIG_OPTION_access));
    }
    if (has_group(upload) && !is_set(details, CONFIG_OPTION_group_file)) {
        report_add(report, config_place(config, details, CONFIG_OPTION_users),
                   "upload \"%s\": %s has a group, and %s is not set; name "
                   "the file with lines \"GROUP: USER USER\"",
                   upload->prefix, name_of(CONFIG_OPTION_users),
                   name_of(CONFIG_OPTION_group_file));
    }
}
