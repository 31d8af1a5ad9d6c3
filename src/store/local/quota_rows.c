/*
 * store/local/quota_rows.c: see quota_rows.h.
 */
#include "store/local/quota_rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/local/rules.h"
#include "store/local/work.h"

static struct quota_usage read_usage(struct database *database,
                                     const struct local_claim *claim,
                                     enum quota_owner owner)
{
    sqlite3_stmt *statement = database_statement(database, STATEMENT_QUOTA_GET);
    struct quota_usage usage = {0};

    (void)sqlite3_bind_text(statement, 1, claim->prefix, -1, SQLITE_STATIC);
    if (owner == QUOTA_OF_USER) {
        (void)sqlite3_bind_text(statement, 2, claim->user, -1, SQLITE_STATIC);
    }
    if (database_step(database, statement)) {
        usage = (struct quota_usage){
            .held_files = (uint64_t)sqlite3_column_int64(statement, 0),
            .held_bytes = (uint64_t)sqlite3_column_int64(statement, 1),
            .until = sqlite3_column_int64(statement, 2),
            .files = (uint64_t)sqlite3_column_int64(statement, 3),
            .bytes = (uint64_t)sqlite3_column_int64(statement, 4),
        };
        (void)sqlite3_reset(statement);
    }
    return usage;
}

static enum bits_cause judge(struct database *database,
                             const struct local_claim *claim,
                             enum quota_owner owner, struct fault *ret_fault)
{
    const struct quota_claim of_owner = {.section = claim->section,
                                         .owner = owner,
                                         .bytes = claim->bytes,
                                         .now = claim->now};
    struct quota_usage usage;

    if (!quota_limits(claim->section, owner)) {
        return BITS_CAUSE_OK;
    }
    usage = read_usage(database, claim, owner);
    return quota_judge(&of_owner, &usage, ret_fault);
}

enum bits_cause local_quota_judge(struct database *database,
                                  const struct local_claim *claim,
                                  struct fault *ret_fault)
{
    enum bits_cause cause = judge(database, claim, QUOTA_OF_USER, ret_fault);

    return cause == BITS_CAUSE_OK
               ? judge(database, claim, QUOTA_OF_ALL, ret_fault)
               : cause;
}

/* The user of a session that counts and has no size yet; the caller frees it.
 * NULL: there is no such session. */
static char *newcomer(struct database *database, const struct bits_guid *id)
{
    sqlite3_stmt *statement =
        rows_for_id(database, STATEMENT_QUOTA_NEWCOMER, id);
    char *user = NULL;

    if (database_step(database, statement)) {
        user = strdup((const char *)sqlite3_column_text(statement, 0));
        (void)sqlite3_reset(statement);
        if (!user) {
            database_failed(database, SQLITE_NOMEM);
        }
    }
    return user;
}

enum bits_cause local_quota_judge_size(struct database *database,
                                       const struct bits_guid *id,
                                       struct local_claim claim,
                                       struct fault *ret_fault)
{
    char *user;
    enum bits_cause cause;

    if (!quota_applies(claim.section)) {
        return BITS_CAUSE_OK;
    }
    user = newcomer(database, id);
    if (!user) {
        return BITS_CAUSE_OK;
    }
    claim.user = user;
    cause = local_quota_judge(database, &claim, ret_fault);
    free(user);
    return cause;
}

int64_t local_counts_until(struct store_place *place)
{
    struct local_rules rules = local_rules_of(place);

    return quota_applies(&rules.section)
               ? quota_until(&rules.section, local_now(place->store))
               : ROW_COUNTS_NOT;
}

void local_quota_forget(struct database *database, int64_t now)
{
    sqlite3_stmt *statement =
        database_statement(database, STATEMENT_QUOTA_FORGET);

    (void)sqlite3_bind_int64(statement, 1, now);
    (void)database_change(database, statement);
}
