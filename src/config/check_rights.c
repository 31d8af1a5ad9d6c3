/*
 * config/check_rights.c: reports contradictions about users and names.
 */
#include "config/load.h"
#include "config/store_as.h"

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

static void check_users(const struct config *config, size_t index,
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

static void check_store_as(const struct config *config, size_t index,
                           struct report *report)
{
    const struct config_upload *upload = &config->uploads[index];
    const struct place place = config_place(
        config, &config->details->uploads[index], CONFIG_OPTION_store_as);
    const char *name = name_of(CONFIG_OPTION_store_as);

    if (store_as_has(upload->store_as, STORE_AS_USER) &&
        option_chosen(upload->access, CONFIG_ACCESS_ANONYMOUS)) {
        report_add(report, place,
                   "upload \"%s\": %s has {user}, and %s lets clients in "
                   "without a name; set %s to another way to sign in",
                   upload->prefix, name, name_of(CONFIG_OPTION_access),
                   name_of(CONFIG_OPTION_access));
    }
    if (upload->head && store_as_has(upload->store_as, STORE_AS_HANDLE)) {
        report_add(report, place,
                   "upload \"%s\": %s has {handle}, and a sender of HEAD does "
                   "not know it; set %s = no",
                   upload->prefix, name, name_of(CONFIG_OPTION_head));
    }
    if (store_as_folders(upload->store_as) > upload->max_folder_depth) {
        report_add(report, place,
                   "upload \"%s\": %s has more folders than %s allows; raise "
                   "%s",
                   upload->prefix, name,
                   name_of(CONFIG_OPTION_max_folder_depth),
                   name_of(CONFIG_OPTION_max_folder_depth));
    }
}

void config_check_rights(const struct config *config, size_t index,
                         struct report *report)
{
    check_users(config, index, report);
    if (config->uploads[index].store_as) {
        check_store_as(config, index, report);
    }
}
