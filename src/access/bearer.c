/*
 * access/bearer.c: see bearer.h.
 *
 * A look-up costs two hashes and nothing else, so it is answered at once and
 * not remembered.  Failures have no budget: 256 random bits cannot be guessed.
 */
#include "access/bearer.h"

#include <stdlib.h>
#include <time.h>

#include <uv.h>

#include "access/live_files.h"
#include "access/token_table.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "options/option.h"

/* Seconds until a client may find the file readable. */
#define RETRY_FILE 60

struct bearer {
    struct way way;
    uv_mutex_t mutex; /* guards the files */
    struct live_files files;
    struct log_sink *log;
};

static struct bearer *bearer_of(struct way *way)
{
    return CONTAINER_OF(way, struct bearer, way);
}

/* --- a request ------------------------------------------------------------ */

/* The name of a token may be logged, the token not. */
static enum access_verdict refuse(const struct bearer *bearer,
                                  const struct access_check *check,
                                  struct bits_text name, const char *words)
{
    LOG(bearer->log, LOG_INFO, "sign-in-failed", words,
        LOG_TEXT_IF_ANY("user", name), LOG_TEXT("peer", check->peer),
        LOG_TEXT("prefix", text_of(check->section->prefix)));
    return ACCESS_REFUSED;
}

static enum access_verdict judge(const struct bearer *bearer,
                                 const struct token_entry *entry,
                                 struct access_check *check)
{
    unsigned right = check->is_head ? TOKEN_HEAD : TOKEN_UPLOAD;

    if (!entry) {
        return refuse(bearer, check, TEXT(""), "the token is unknown");
    }
    if (time(NULL) >= entry->expires) {
        return refuse(bearer, check, entry->name, "the token has expired");
    }
    if (!(entry->rights & right) || !token_entry_covers(entry, check->path)) {
        return way_deny(check, CAUSE_TOKEN_FORBIDS, 0);
    }
    return way_grant(check, entry->name);
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    struct bearer *bearer = bearer_of(way);
    const struct token_table *table;
    enum access_verdict verdict;

    value.ptr += sizeof("Bearer") - 1;
    value.len -= sizeof("Bearer") - 1;
    uv_mutex_lock(&bearer->mutex);
    table = live_files_table(&bearer->files, check->section->token_file,
                             bearer->log);
    verdict =
        table ? judge(bearer, token_table_find(table, text_trim(value)), check)
              : way_deny(check, CAUSE_TOKENS_UNREADABLE, RETRY_FILE);
    uv_mutex_unlock(&bearer->mutex);
    return verdict;
}

/* --- the files ------------------------------------------------------------ */

static const char *path_of(const struct config_upload *upload)
{
    return option_chosen(upload->access, CONFIG_ACCESS_TOKEN)
               ? upload->token_file
               : NULL;
}

static void *parse(char *text, size_t size, const char *path,
                   struct report *report)
{
    return token_table_new(text, size, path, report);
}

static size_t count_tokens(const void *table)
{
    return token_table_count(table);
}

static void free_table(void *table)
{
    token_table_free(table);
}

static const struct live_kind token_files = {
    .event = "tokens",
    .changed = "the token file has changed and is in force",
    .entries = "tokens",
    .maker = "bitsctl token",
    .path = path_of,
    .parse = parse,
    .count = count_tokens,
    .free = free_table,
};

/* --- life ----------------------------------------------------------------- */

static bool prepare(struct way *way, const struct config *config,
                    struct string_list *errors)
{
    struct bearer *bearer = bearer_of(way);
    bool done;

    uv_mutex_lock(&bearer->mutex);
    done = live_files_prepare(&bearer->files, config, errors);
    uv_mutex_unlock(&bearer->mutex);
    return done;
}

static void configure(struct way *way, const struct config *config)
{
    struct bearer *bearer = bearer_of(way);

    uv_mutex_lock(&bearer->mutex);
    live_files_configure(&bearer->files, config);
    uv_mutex_unlock(&bearer->mutex);
}

static void bearer_free(struct way *way)
{
    struct bearer *bearer = bearer_of(way);

    live_files_done(&bearer->files);
    uv_mutex_destroy(&bearer->mutex);
    free(bearer);
}

struct way *bearer_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_TOKEN,
        .scheme = "Bearer",
        .challenge = "Bearer realm=\"bitsd\"",
        .needs_tls = true,
        .ask = ask,
        .prepare = prepare,
        .configure = configure,
        .free = bearer_free,
    };
    struct bearer *bearer = calloc(1, sizeof(*bearer));

    (void)config;
    if (!bearer) {
        return NULL;
    }
    if (uv_mutex_init(&bearer->mutex) != 0) {
        free(bearer);
        return NULL;
    }
    bearer->way.ops = &ops;
    bearer->files.kind = &token_files;
    bearer->log = log;
    return &bearer->way;
}
