/*
 * access/permissions.c: see permissions.h.
 */
#include "access/permissions.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "access/group_table.h"
#include "access/live_files.h"
#include "access/way.h"
#include "base/glob.h"
#include "base/text.h"

/* Seconds until a client may find the file readable. */
#define RETRY_FILE 60

struct permissions {
    uv_mutex_t mutex; /* guards the files */
    struct live_files files;
    struct log_sink *log;
};

static bool is_group(const char *item)
{
    return item[0] == '@';
}

/* --- a request ------------------------------------------------------------ */

static bool is_named(const struct string_list *users, struct bits_text user)
{
    for (size_t i = 0; i < users->count; i++) {
        if (!is_group(users->items[i]) &&
            glob_matches(text_of(users->items[i]), user)) {
            return true;
        }
    }
    return false;
}

static bool is_member(const struct string_list *users,
                      const struct group_table *groups, struct bits_text user)
{
    for (size_t i = 0; i < users->count; i++) {
        if (is_group(users->items[i]) &&
            group_table_has(groups, text_of(users->items[i] + 1), user)) {
            return true;
        }
    }
    return false;
}

static enum access_verdict ask_groups(struct permissions *permissions,
                                      struct access_check *check,
                                      struct bits_text user)
{
    const struct config_upload *section = check->section;
    const struct group_table *groups;
    enum access_verdict verdict;

    uv_mutex_lock(&permissions->mutex);
    groups = live_files_table(&permissions->files, section->group_file,
                              permissions->log);
    verdict = !groups ? way_deny(check, CAUSE_GROUPS_UNREADABLE, RETRY_FILE)
              : is_member(&section->users, groups, user)
                  ? ACCESS_GRANTED
                  : way_deny(check, CAUSE_USER_NOT_LISTED, 0);
    uv_mutex_unlock(&permissions->mutex);
    return verdict;
}

static const char *path_of(const struct config_upload *upload)
{
    for (size_t i = 0; i < upload->users.count; i++) {
        if (is_group(upload->users.items[i])) {
            return upload->group_file;
        }
    }
    return NULL;
}

enum access_verdict permissions_permit(struct permissions *permissions,
                                       struct access_check *check)
{
    const struct config_upload *section = check->section;
    struct bits_text user = text_of(check->user ? check->user : "");

    if (section->users.count == 0 || is_named(&section->users, user)) {
        return ACCESS_GRANTED;
    }
    return path_of(section) ? ask_groups(permissions, check, user)
                            : way_deny(check, CAUSE_USER_NOT_LISTED, 0);
}

/* --- the files ------------------------------------------------------------ */

static void *parse(char *text, size_t size, const char *path,
                   struct report *report)
{
    return group_table_new(text, size, path, report);
}

static size_t count_members(const void *table)
{
    return group_table_count(table);
}

static void free_table(void *table)
{
    group_table_free(table);
}

static const struct live_kind group_files = {
    .event = "groups",
    .changed = "the group file has changed and is in force",
    .entries = "members",
    .path = path_of,
    .parse = parse,
    .count = count_members,
    .free = free_table,
};

/* --- life ----------------------------------------------------------------- */

bool permissions_prepare(struct permissions *permissions,
                         const struct config *config,
                         struct string_list *errors)
{
    bool done;

    uv_mutex_lock(&permissions->mutex);
    done = live_files_prepare(&permissions->files, config, errors);
    uv_mutex_unlock(&permissions->mutex);
    return done;
}

void permissions_configure(struct permissions *permissions,
                           const struct config *config)
{
    uv_mutex_lock(&permissions->mutex);
    live_files_configure(&permissions->files, config);
    uv_mutex_unlock(&permissions->mutex);
}

struct permissions *permissions_new(struct log_sink *log)
{
    struct permissions *permissions = calloc(1, sizeof(*permissions));

    if (!permissions) {
        return NULL;
    }
    if (uv_mutex_init(&permissions->mutex) != 0) {
        free(permissions);
        return NULL;
    }
    permissions->files.kind = &group_files;
    permissions->log = log;
    return permissions;
}

void permissions_free(struct permissions *permissions)
{
    if (permissions) {
        live_files_done(&permissions->files);
        uv_mutex_destroy(&permissions->mutex);
        free(permissions);
    }
}
