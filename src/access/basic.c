/*
 * access/basic.c: see basic.h.
 *
 * One mutex guards everything that is quick: the files, the cache, the budgets
 * of failures and the list of checks.  A check of a password is a job; requests
 * that bring the same password meanwhile wait for the same job.
 */
#include "access/basic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <uv.h>

#include "access/basic_text.h"
#include "access/failures.h"
#include "access/live_files.h"
#include "access/password_cache.h"
#include "access/password_table.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"
#include "options/option.h"
#include "os/workers.h"

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
    uv_mutex_t mutex;
    struct log_sink *log;
    struct workers *workers;
    struct live_files files; /* password_file of the sections */
    struct password_cache cache;
    struct failures failures;
    struct basic_job *jobs;
    uint64_t job_count;
    uint64_t max_jobs;
    uint64_t cache_ns;
    uint64_t burst; /* of failures */
};

/* One password that is checked. */
struct basic_job {
    struct worker_job job;
    struct basic *basic;
    struct basic_job *next; /* in the list; guarded by the mutex, as are */
    struct access_check *waiting; /* the requests that wait for it */
    struct password_digest digest;
    struct failures_who who;
    bool is_budgeted;
    bool is_known; /* the file has the name */
    char name[HTPASSWD_NAME_MAX + 1];
    char hash[HASH_TEXT_MAX];
    struct basic_text text;
};

static void job_free(struct basic_job *job)
{
    OPENSSL_cleanse(job, sizeof(*job));
    free(job);
}

/* --- the outcome of a check ---------------------------------------------- */

static void log_failure(const struct basic *basic, const struct basic_job *job)
{
    const struct access_check *check = job->waiting;

    LOG(basic->log, LOG_INFO, "sign-in-failed",
        "the name or the password is wrong", LOG_TEXT("user", job->text.user),
        LOG_TEXT_IF_ANY("peer", check ? check->peer : TEXT("")),
        LOG_TEXT_IF_ANY("prefix",
                        check ? text_of(check->section->prefix) : TEXT("")));
}

static void remove_job(struct basic *basic, const struct basic_job *job)
{
    struct basic_job **link = &basic->jobs;

    while (*link != job) {
        link = &(*link)->next;
    }
    *link = job->next;
    basic->job_count--;
}

/* A request may be released as soon as it was told. */
static void tell_all(const struct basic_job *job, bool is_right)
{
    struct access_check *check = job->waiting;

    while (check) {
        struct access_check *next = check->next;

        check->state = NULL;
        check->verdict =
            is_right ? way_grant(check, job->text.user) : ACCESS_REFUSED;
        check->decided(check);
        check = next;
    }
}

static void return_budget(struct basic *basic, const struct basic_job *job)
{
    if (job->is_budgeted) {
        failures_return(&basic->failures, job->who, basic->burst, uv_hrtime());
    }
}

/* Removes a job whose requests have all been released: a server that stops
 * would otherwise check every password that still waits. */
static bool give_up(struct basic *basic, const struct basic_job *job)
{
    bool is_needed;

    uv_mutex_lock(&basic->mutex);
    is_needed = job->waiting != NULL;
    if (!is_needed) {
        remove_job(basic, job);
        return_budget(basic, job);
    }
    uv_mutex_unlock(&basic->mutex);
    return !is_needed;
}

static void check_password(struct basic *basic, struct basic_job *job)
{
    bool is_right = hash_check(job->text.password, job->hash) && job->is_known;

    uv_mutex_lock(&basic->mutex);
    remove_job(basic, job);
    if (is_right) {
        password_cache_add(&basic->cache, &job->digest, uv_hrtime());
        return_budget(basic, job);
    } else {
        log_failure(basic, job);
    }
    tell_all(job, is_right);
    uv_mutex_unlock(&basic->mutex);
}

static void run_job(struct worker_job *worker_job)
{
    struct basic_job *job = CONTAINER_OF(worker_job, struct basic_job, job);

    if (!give_up(job->basic, job)) {
        check_password(job->basic, job);
    }
    job_free(job);
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

static struct basic_job *find_job(const struct basic *basic,
                                  const struct basic_job *like)
{
    struct basic_job *job = basic->jobs;

    while (job && (job->is_known != like->is_known ||
                   CRYPTO_memcmp(&job->digest, &like->digest,
                                 sizeof(job->digest)) != 0)) {
        job = job->next;
    }
    return job;
}

static enum access_verdict wait_for(struct basic_job *job,
                                    struct access_check *check)
{
    check->state = job;
    check->next = job->waiting;
    job->waiting = check;
    return ACCESS_PENDING;
}

/* May the job run?  PENDING: yes. */
static enum access_verdict admit(struct basic *basic, struct basic_job *job,
                                 struct access_check *check, bool was_right)
{
    if (basic->job_count >= basic->max_jobs) {
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
    struct basic_job *running = find_job(basic, job);
    enum access_verdict verdict;

    if (running) {
        job_free(job);
        return wait_for(running, check);
    }
    verdict = admit(basic, job, check, was_right);
    if (verdict != ACCESS_PENDING) {
        job_free(job);
        return verdict;
    }
    job->basic = basic;
    job->job.run = run_job;
    job->next = basic->jobs;
    basic->jobs = job;
    basic->job_count++;
    (void)wait_for(job, check);
    workers_submit(basic->workers, &job->job);
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
    uv_mutex_lock(&basic->mutex);
    verdict = check_text(basic, job, check);
    uv_mutex_unlock(&basic->mutex);
    return verdict;
}

static void forget(struct way *way, struct access_check *check)
{
    struct basic *basic = basic_of(way);
    struct basic_job *job;

    uv_mutex_lock(&basic->mutex);
    job = check->state;
    if (job) {
        struct access_check **link = &job->waiting;

        while (*link != check) {
            link = &(*link)->next;
        }
        *link = check->next;
    }
    uv_mutex_unlock(&basic->mutex);
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

    uv_mutex_lock(&basic->mutex);
    done = live_files_prepare(&basic->files, config, errors);
    uv_mutex_unlock(&basic->mutex);
    return done;
}

static void configure(struct way *way, const struct config *config)
{
    struct basic *basic = basic_of(way);

    uv_mutex_lock(&basic->mutex);
    live_files_configure(&basic->files, config);
    basic->max_jobs = config->server.max_password_checks;
    basic->cache_ns = config->server.password_cache_time * SECOND_NS;
    basic->burst = config->server.max_failed_sign_ins;
    uv_mutex_unlock(&basic->mutex);
}

static void free_way(struct way *way)
{
    struct basic *basic = basic_of(way);

    workers_free(basic->workers);
    password_cache_done(&basic->cache);
    live_files_done(&basic->files);
    uv_mutex_destroy(&basic->mutex);
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
    struct basic *basic = calloc(1, sizeof(*basic));

    if (!basic) {
        return NULL;
    }
    basic->way.ops = &ops;
    basic->log = log;
    basic->files.kind = &password_files;
    if (uv_mutex_init(&basic->mutex) != 0) {
        free(basic);
        return NULL;
    }
    basic->workers = workers_new((unsigned)config->server.password_threads);
    if (!password_cache_init(&basic->cache,
                             config->server.max_cached_passwords) ||
        !basic->workers) {
        free_way(&basic->way);
        return NULL;
    }
    return &basic->way;
}
