/*
 * bitsd/sections.c: see sections.h.
 */
#include "bitsd/sections.h"

#include <stdlib.h>

#include "config/config.h"
#include "store/local/local.h"

/* One allocation: freeing the section frees both. */
struct local_pair {
    struct store_section section;
    struct local_section own;
};

static enum store_exists exists_of(enum config_choice choice)
{
    if (choice == CONFIG_EXISTS_REPLACE) {
        return STORE_EXISTS_REPLACE;
    }
    return choice == CONFIG_EXISTS_KEEP_BOTH ? STORE_EXISTS_KEEP_BOTH
                                             : STORE_EXISTS_REFUSE;
}

static bool has_quota(const struct config_upload *config)
{
    return config->max_files != UINT64_MAX || config->max_bytes != UINT64_MAX ||
           config->max_files_per_user != UINT64_MAX ||
           config->max_bytes_per_user != UINT64_MAX;
}

static struct local_section own_of(const struct config_upload *config)
{
    return (struct local_section){
        .root = config->root,
        .temp_dir = config->temp_dir,
        .file_mode = config->file_mode,
        .folder_mode = config->folder_mode,
        .inherit_rights = config->inherit_rights,
        .create_folders = config->create_folders,
        .create_folders_depth = config->create_folders_depth,
        .max_folder_depth = config->max_folder_depth,
        .min_free_space = config->min_free_space,
    };
}

struct store_section *section_for_local(const struct config_upload *config)
{
    struct local_pair *pair = malloc(sizeof(*pair));

    if (!pair) {
        return NULL;
    }
    pair->own = own_of(config);
    pair->section = (struct store_section){
        .prefix = config->prefix,
        .max_sessions = config->max_sessions,
        .max_sessions_per_user = config->max_sessions_per_user,
        .quota_period = has_quota(config) ? config->quota_period : 0,
        .quota = {config->max_files, config->max_bytes},
        .quota_per_user = {config->max_files_per_user,
                           config->max_bytes_per_user},
        .session_timeout = config->session_timeout,
        .empty_session_timeout = config->empty_session_timeout,
        .on_exists = exists_of(config->on_exists),
        .durability = config->durability == CONFIG_DURABLE_NONE
                          ? STORE_DURABLE_NONE
                          : STORE_DURABLE_FINAL,
        .own = &pair->own,
    };
    return &pair->section;
}
