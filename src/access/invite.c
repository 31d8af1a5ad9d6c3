/*
 * access/invite.c: see invite.h.
 *
 * Each packet must carry the invitation.  Its expiry is judged at
 * Create-Session only, so that a session that began in time may finish, and
 * replays get their answers.
 */
#include "access/invite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uv.h>

#include "access/invite_keys.h"
#include "access/live_files.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "options/option.h"

/* Seconds until a client may find the file readable. */
#define RETRY_FILE 60

struct invite {
    struct way way;
    uv_mutex_t mutex; /* guards the files */
    struct live_files files;
    struct log_sink *log;
};

static struct invite *invite_of(struct way *way)
{
    return CONTAINER_OF(way, struct invite, way);
}

/* --- a request ------------------------------------------------------------ */

static bool claims(struct way *way, const struct access_check *check)
{
    (void)way;
    return check->invitation_count > 0;
}

static enum access_verdict grant(const struct invitation *invitation,
                                 struct access_check *check)
{
    char user[sizeof("invite:") + INVITATION_ID_SIZE];

    (void)snprintf(user, sizeof(user), "invite:%s", invitation->id);
    if (invitation->user[0]) {
        check->user_for_names = strdup(invitation->user);
        if (!check->user_for_names) {
            return way_deny(check, CAUSE_OVERLOADED, 0);
        }
    }
    check->max_size = invitation->max_size;
    check->once_until = invitation->once ? invitation->expires : 0;
    return way_grant(check, text_of(user));
}

/* HEAD would tell which files a folder has. */
static enum access_verdict judge(const struct invite_keys *keys,
                                 struct access_check *check)
{
    struct invitation invitation;

    if (check->invitation_count != 1 || check->is_head ||
        !invitation_read(check->invitation, &invitation) ||
        !invitation_is_valid(&invitation, check->path, keys->items,
                             keys->count)) {
        return way_deny(check, CAUSE_INVITATION_INVALID, 0);
    }
    return check->is_create && time(NULL) >= invitation.expires
               ? way_deny(check, CAUSE_INVITATION_EXPIRED, 0)
               : grant(&invitation, check);
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    struct invite *invite = invite_of(way);
    const struct invite_keys *keys;
    enum access_verdict verdict;

    (void)value;
    uv_mutex_lock(&invite->mutex);
    keys = live_files_table(&invite->files, check->section->invite_key_file,
                            invite->log);
    verdict = keys ? judge(keys, check)
                   : way_deny(check, CAUSE_INVITE_KEYS_UNREADABLE, RETRY_FILE);
    uv_mutex_unlock(&invite->mutex);
    return verdict;
}

/* --- the files ------------------------------------------------------------ */

static const char *path_of(const struct config_upload *upload)
{
    return option_chosen(upload->access, CONFIG_ACCESS_INVITE)
               ? upload->invite_key_file
               : NULL;
}

static void *parse(char *text, size_t size, const char *path,
                   struct report *report)
{
    return invite_keys_new(text, size, path, report);
}

static size_t count_keys(const void *table)
{
    return ((const struct invite_keys *)table)->count;
}

static void free_keys(void *table)
{
    invite_keys_free(table);
}

static const struct live_kind key_files = {
    .event = "invite-keys",
    .changed = "the file of keys has changed and is in force",
    .entries = "keys",
    .maker = "bitsctl invite",
    .path = path_of,
    .parse = parse,
    .count = count_keys,
    .free = free_keys,
};

/* --- life ----------------------------------------------------------------- */

static bool prepare(struct way *way, const struct config *config,
                    struct string_list *errors)
{
    struct invite *invite = invite_of(way);
    bool done;

    uv_mutex_lock(&invite->mutex);
    done = live_files_prepare(&invite->files, config, errors);
    uv_mutex_unlock(&invite->mutex);
    return done;
}

static void configure(struct way *way, const struct config *config)
{
    struct invite *invite = invite_of(way);

    uv_mutex_lock(&invite->mutex);
    live_files_configure(&invite->files, config);
    uv_mutex_unlock(&invite->mutex);
}

static void invite_free(struct way *way)
{
    struct invite *invite = invite_of(way);

    live_files_done(&invite->files);
    uv_mutex_destroy(&invite->mutex);
    free(invite);
}

struct way *invite_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_INVITE,
        .needs_tls = true,
        .claims = claims,
        .ask = ask,
        .prepare = prepare,
        .configure = configure,
        .free = invite_free,
    };
    struct invite *invite = calloc(1, sizeof(*invite));

    (void)config;
    if (!invite) {
        return NULL;
    }
    if (uv_mutex_init(&invite->mutex) != 0) {
        free(invite);
        return NULL;
    }
    invite->way.ops = &ops;
    invite->files.kind = &key_files;
    invite->log = log;
    return &invite->way;
}
