/*
 * access/basic.c: see basic.h.
 *
 * The mutex of the pool guards everything that is quick: the files, the cache,
 * the budgets of failures and the list of checks.  A check of a password is a
 * job; requests that bring the same password meanwhile wait for the same job.
 */
#include "access/basic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <uv.h>

#include "access/basic_text.h"
#include "access/check_pool.h"
#include "access/failures.h"
#include "access/live_files.h"
#include "access/password_cache.h"
#include "access/password_table.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"
#include "options/option.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND_NS UINT64_C(1000000000)

/* Seconds until a client may find things better. */
#define RETRY_FAILURES 1
#define RETRY_CHECKS 5
#define RETRY_FILE 60

/* For names in a file that has no users: a hash that no password has. */
#define NO_USER "$2b$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE"

struct basic {
    struct way way;
    struct check_pool pool;
    struct log_sink *log;
    struct live_files files; /* password_file of the sections */
    struct password_cache cache;
    struct failures failures;
    uint64_t cache_ns;
    uint64_t burst; /* of failures */
};

/* One password that is checked. */
struct basic_job {
    struct check_job job;
    struct password_digest digest;
    struct failures_who who;
    bool is_budgeted;
    bool is_known; /* the file has the name */
    bool is_right; /* so is the password; set by the check */
    char name[HTPASSWD_NAME_MAX + 1];
    char hash[HASH_TEXT_MAX];
    struct basic_text text;
};

static void job_free(struct basic_job *job)
{
    OPENSSL_cleanse(job, sizeof(*job));
    free(job);
}

static struct basic_job *job_of(struct check_job *job)
{
    return CONTAINER_OF(job, struct basic_job, job);
}

static void free_job(struct check_job *job)
{
    job_free(job_of(job));
}

static struct basic *owner_of(const struct check_job *job)
{
    return CONTAINER_OF(job->pool, struct basic, pool);
}

/* --- the check and its outcome ------------------------------------------- */

static void check_password(struct check_job *check_job)
{
    struct basic_job *job = job_of(check_job);

    job->is_right = hash_check(job->text.password, job->hash) && job->is_known;
}

static void log_failure(const struct basic *basic, const struct basic_job *job)
{
    const struct access_check *check = job->job.waiting;

    LOG(basic->log, LOG_INFO, "sign-in-failed",
        "the name or the password is wrong", LOG_TEXT("user", job->text.user),
        LOG_TEXT_IF_ANY("peer", check ? check->peer : TEXT("")),
        LOG_TEXT_IF_ANY("prefix",
                        check ? text_of(check->section->prefix) : TEXT("")));
}

static void note_outcome(struct check_job *check_job, bool was_run)
{
    struct basic_job *job = job_of(check_job);
    struct basic *basic = owner_of(check_job);

    if (job->is_right) {
        password_cache_add(&basic->cache, &job->digest, uv_hrtime());
    } else if (was_run) {
        log_failure(basic, job);
        return;
    }
    if (job->is_budgeted) {
        failures_return(&basic->failures, job->who, basic->burst, uv_hrtime());
    }
}

static enum access_verdict decide(struct check_job *check_job,
                                  struct access_check *check)
{
    const struct basic_job *job = job_of(check_job);

    return job->is_right ? way_grant(check, job->text.user) : ACCESS_REFUSED;
}

/* --- the beginning of a check; the mutex is held -------------------------- */

/* A number that only this process can know. */
static uint64_t number_of(const struct password_digest *digest)
{
    uint64_t number;

    memcpy(&number, digest->bytes, sizeof(number));
    return number | 1;
}

/* Names that are not in the file take as long as those that are: each has the
 * hash of some user. */
static const char *decoy(const struct password_table *table, uint64_t number)
{
    return table->count > 0 ? table->entries[number % table->count].hash
                            : NO_USER;
}

/* The network of an IPv6 address, as clients choose the rest. */
static struct census_address network_of(struct census_address address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address.counted && memcmp(address.ip, mapped, sizeof(mapped)) != 0) {
        memset(address.ip + 8, 0, 8);
    }
    return address;
}

/* Fills in what the check depends on.  False: no memory. */
static bool identify(const struct basic *basic, struct basic_job *job,
                     const char *path, const struct password_table *table)
{
    const struct password_entry *entry =
        password_table_find(table, job->text.user);
    const char *const name[] = {"name", job->name};
    const char *const all[] = {"password", path, job->hash, job->name,
                               job->text.password};
    struct password_digest digest;

    memcpy(job->name, job->text.user.ptr, job->text.user.len);
    if (!password_cache_digest(&basic->cache, name, COUNT(name), &digest)) {
        return false;
    }
    job->is_known = entry != NULL;
    (void)snprintf(job->hash, sizeof(job->hash), "%s",
                   entry ? entry->hash : decoy(table, number_of(&digest)));
    return password_cache_digest(&basic->cache, all, COUNT(all), &job->digest);
}

/* Whose failure it would be.  False: no memory. */
static bool find_budgets(const struct basic *basic, struct basic_job *job,
                         const struct access_check *check)
{
    const struct census_address network = network_of(check->address);
    char text[2 * sizeof(network.ip) + 1] = "";
    const char *const who[] = {"who", text, job->name};
    struct password_digest address;
    struct password_digest name;

    for (size_t i = 0; i < sizeof(network.ip); i++) {
        text[2 * i] = (char)('a' + (network.ip[i] >> 4));
        text[2 * i + 1] = (char)('a' + (network.ip[i] & 15));
    }
    if (!password_cache_digest(&basic->cache, who, 2, &address) ||
        !password_cache_digest(&basic->cache, who, 3, &name)) {
        return false;
    }
    job->who = (struct failures_who){number_of(&address), number_of(&name)};
    return true;
}

static struct check_job *find_job(const struct basic *basic,
                                  const struct basic_job *like)
{
    struct check_job *job = basic->pool.jobs;

    while (job && (job_of(job)->is_known != like->is_known ||
                   CRYPTO_memcmp(&job_of(job)->digest, &like->digest,
                                 sizeof(like->digest)) != 0)) {
        job = job->next;
    }
    return job;
}

/* May the job run?  PENDING: yes. */
static enum access_verdict admit(struct basic *basic, struct basic_job *job,
                                 struct access_check *check, bool was_right)
{
    if (basic->pool.count >= basic->pool.max) {
        return way_deny(check, CAUSE_TOO_MANY_CHECKS, RETRY_CHECKS);
    }
    /* A password that was right before is not a guess. */
    job->is_budgeted = !was_right;
    if (!find_budgets(basic, job, check)) {
        return way_deny(check, CAUSE_OVERLOADED, 0);
    }
    if (job->is_budgeted &&
        !failures_take(&basic->failures, job->who, basic->burst, uv_hrtime())) {
        return way_deny(check, CAUSE_TOO_MANY_FAILURES, RETRY_FAILURES);
    }
    return ACCESS_PENDING;
}

/* Takes the job. */
static enum access_verdict start_job(struct basic *basic, struct basic_job *job,
                                     struct access_check *check, bool was_right)
{
    struct check_job *running = find_job(basic, job);
    enum access_verdict verdict;

    if (running) {
        job_free(job);
        check_job_join(running, check);
        return ACCESS_PENDING;
    }
    verdict = admit(basic, job, check, was_right);
    if (verdict != ACCESS_PENDING) {
        job_free(job);
        return verdict;
    }
    check_pool_start(&basic->pool, &job->job, check);
    return ACCESS_PENDING;
}

/* Takes the job. */
static enum access_verdict check_text(struct basic *basic,
                                      struct basic_job *job,
                                      struct access_check *check)
{
    const char *path = check->section->password_file;
    const struct password_table *table =
        live_files_table(&basic->files, path, basic->log);
    enum access_verdict verdict;
    uint64_t checked = 0;
    bool was_right;

    if (!table) {
        job_free(job);
        return way_deny(check, CAUSE_PASSWORDS_UNREADABLE, RETRY_FILE);
    }
    if (!identify(basic, job, path, table)) {
        job_free(job);
        return way_deny(check, CAUSE_OVERLOADED, 0);
    }
    was_right = job->is_known &&
                password_cache_find(&basic->cache, &job->digest, &checked);
    if (was_right && uv_hrtime() - checked < basic->cache_ns) {
        verdict = way_grant(check, job->text.user);
        job_free(job);
        return verdict;
    }
    return start_job(basic, job, check, was_right);
}

static struct basic *basic_of(struct way *way)
{
    return CONTAINER_OF(way, struct basic, way);
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    struct basic *basic = basic_of(way);
    struct basic_job *job;
    enum access_verdict verdict;

    job = calloc(1, sizeof(*job));
    if (!job) {
        return way_deny(check, CAUSE_OVERLOADED, 0);
    }
    if (!basic_text_read(value, &job->text)) {
        job_free(job);
        return ACCESS_REFUSED;
    }
    uv_mutex_lock(&basic->pool.mutex);
    verdict = check_text(basic, job, check);
    uv_mutex_unlock(&basic->pool.mutex);
    return verdict;
}

static void forget(struct way *way, struct access_check *check)
{
    check_pool_forget(&basic_of(way)->pool, check);
}

/* --- life ---------------------------------------------------------------- */

static const char *path_of(const struct config_upload *upload)
{
    return option_chosen(upload->access, CONFIG_ACCESS_BASIC)
               ? upload->password_file
               : NULL;
}

static void *parse(char *text, size_t size, const char *path,
                   struct report *report)
{
    return password_table_new(text, size, path, report);
}

static size_t count_users(const void *table)
{
    return ((const struct password_table *)table)->count;
}

static void free_table(void *table)
{
    password_table_free(table);
}

static const struct live_kind password_files = {
    .event = "passwords",
    .changed = "the password file has changed and is in force",
    .entries = "users",
    .maker = "bitsctl passwd",
    .path = path_of,
    .parse = parse,
    .count = count_users,
    .free = free_table,
};

static bool prepare(struct way *way, const struct config *config,
                    struct string_list *errors)
{
    struct basic *basic = basic_of(way);
    bool done;

    uv_mutex_lock(&basic->pool.mutex);
    done = live_files_prepare(&basic->files, config, errors);
    uv_mutex_unlock(&basic->pool.mutex);
    return done;
}

static void configure(struct way *way, const struct config *config)
{
    struct basic *basic = basic_of(way);

    uv_mutex_lock(&basic->pool.mutex);
    live_files_configure(&basic->files, config);
    basic->pool.max = config->server.max_password_checks;
    basic->cache_ns = config->server.password_cache_time * SECOND_NS;
    basic->burst = config->server.max_failed_sign_ins;
    uv_mutex_unlock(&basic->pool.mutex);
}

static void free_way(struct way *way)
{
    struct basic *basic = basic_of(way);

    check_pool_done(&basic->pool);
    password_cache_done(&basic->cache);
    live_files_done(&basic->files);
    free(basic);
}

struct way *basic_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_BASIC,
        .scheme = "Basic",
        .challenge = "Basic realm=\"bitsd\", charset=\"UTF-8\"",
        .needs_tls = true,
        .ask = ask,
        .forget = forget,
        .prepare = prepare,
        .configure = configure,
        .free = free_way,
    };
    static const struct check_pool_ops checks = {
        .run = check_password,
        .decide = decide,
        .ended = note_outcome,
        .free = free_job,
    };
    struct basic *basic = calloc(1, sizeof(*basic));

    if (!basic) {
        return NULL;
    }
    basic->way.ops = &ops;
    basic->log = log;
    basic->files.kind = &password_files;
    if (!check_pool_init(&basic->pool, &checks,
                         (unsigned)config->server.password_threads)) {
        free(basic);
        return NULL;
    }
    if (!password_cache_init(&basic->cache,
                             config->server.max_cached_passwords)) {
        free_way(&basic->way);
        return NULL;
    }
    return &basic->way;
}
