/*
 * access/negotiate.c: see negotiate.h.
 *
 * While a check runs, its worker owns the sign-in: the connection waits and
 * does not read it.  The mutex of the pool guards the keys.
 */
#include "access/negotiate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <uv.h>

#include "access/base64.h"
#include "access/check_pool.h"
#include "access/kerberos.h"
#include "access/ntlm.h"
#include "access/principal.h"
#include "access/sign_in.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"
#include "http1/field.h"
#include "options/option.h"

#define SCHEME "Negotiate"

/* A check takes less than a millisecond of a processor, and waits for nothing
 * but the keytab. */
#define THREADS 2

#define SECOND_NS UINT64_C(1000000000)

/* Seconds until a client may find things better. */
#define RETRY_CHECKS 5

/* The tag of DER with which a token begins a sign-in (RFC 2743 3.1). */
#define TAG_FIRST_TOKEN 0x60

struct negotiate {
    struct way way;
    struct log_sink *log;
    struct check_pool pool;
    struct kerberos *keys;     /* in force; NULL: none yet */
    struct kerberos *prepared; /* NULL: none; main thread only */
};

/* One token that is checked. */
struct negotiate_job {
    struct check_job job;
    struct kerberos *keys;   /* a reference */
    struct sign_in *sign_in; /* a reference */
    bool is_shared;          /* no further token can belong to it */
    struct kerberos_step step;
    enum kerberos_result result;
    char token[]; /* then the end point */
};

static struct negotiate *negotiate_of(struct way *way)
{
    return CONTAINER_OF(way, struct negotiate, way);
}

static struct negotiate_job *job_of(struct check_job *job)
{
    return CONTAINER_OF(job, struct negotiate_job, job);
}

/* --- requests ------------------------------------------------------------ */

/* A proxy may send the requests of several clients over one connection. */
static bool is_shared(const struct access_check *check)
{
    struct bits_text cursor = check->head->fields;
    struct bits_text name;
    struct bits_text value;

    if (check->is_proxied) {
        return true;
    }
    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Via")) ||
            text_equal_nocase(name, TEXT("Forwarded")) ||
            text_has_prefix_nocase(name, TEXT("X-Forwarded-"))) {
            return true;
        }
    }
    return false;
}

/* The connection's client has signed in, and sends this request itself. */
static bool claims(struct way *way, const struct access_check *check)
{
    const struct sign_in *sign_in = sign_in_of(*check->memo);

    (void)way;
    return sign_in && sign_in->principal && uv_hrtime() < sign_in->until &&
           !is_shared(check);
}

static void log_failure(const struct negotiate *negotiate,
                        const struct access_check *check, const char *words,
                        const char *detail)
{
    LOG(negotiate->log, LOG_INFO, "sign-in-failed", words,
        LOG_TEXT_IF_ANY("detail", text_of(detail)),
        LOG_TEXT_IF_ANY("peer", check ? check->peer : TEXT("")),
        LOG_TEXT_IF_ANY("prefix",
                        check ? text_of(check->section->prefix) : TEXT("")));
}

/* Grants or denies what a principal asks for. */
static enum access_verdict admit(const struct negotiate *negotiate,
                                 struct access_check *check,
                                 const char *principal)
{
    struct bits_text user;
    const char *fault =
        principal_user(principal, &check->section->realms, &user);

    if (!fault) {
        return way_grant(check, user);
    }
    log_failure(negotiate, check, fault, principal);
    return way_deny(check, CAUSE_PRINCIPAL_REFUSED, 0);
}

/* --- the check and its outcome ------------------------------------------- */

static void check_token(struct check_job *check_job)
{
    struct negotiate_job *job = job_of(check_job);

    job->result =
        kerberos_accept(job->keys, &job->sign_in->context, &job->step);
    if (job->result == KERBEROS_CONTINUES && job->is_shared) {
        job->result = KERBEROS_FAILED;
        (void)fault_set(&job->step.fault,
                        "a sign-in through a proxy has one step only");
    }
}

/* The principal becomes that of the sign-in. */
static void complete(struct negotiate_job *job)
{
    struct sign_in *sign_in = job->sign_in;

    sign_in->principal = job->step.principal;
    sign_in->until = uv_hrtime() + job->step.seconds * SECOND_NS;
    job->step.principal = NULL;
}

static void note_outcome(struct check_job *check_job, bool was_run)
{
    struct negotiate_job *job = job_of(check_job);

    if (!was_run) {
        return;
    }
    if (job->result == KERBEROS_DONE) {
        complete(job);
    } else if (job->result == KERBEROS_FAILED) {
        log_failure(CONTAINER_OF(check_job->pool, struct negotiate, pool),
                    check_job->waiting, "the Kerberos sign-in is not valid",
                    job->step.fault.text);
    }
    if (job->result != KERBEROS_CONTINUES) {
        kerberos_context_done(&job->sign_in->context);
    }
}

/* The value of WWW-Authenticate with a token.  NULL: no memory. */
static char *write_reply(const char *token, size_t size)
{
    size_t begin = sizeof(SCHEME); /* and a blank */
    char *text = malloc(begin + (size + 2) / 3 * 4 + 1);

    if (text) {
        memcpy(text, SCHEME " ", begin);
        (void)EVP_EncodeBlock((unsigned char *)text + begin,
                              (const unsigned char *)token, (int)size);
    }
    return text;
}

static enum access_verdict decide(struct check_job *check_job,
                                  struct access_check *check)
{
    const struct negotiate_job *job = job_of(check_job);
    const struct negotiate *negotiate =
        CONTAINER_OF(check_job->pool, struct negotiate, pool);

    if (job->result == KERBEROS_FAILED) {
        return ACCESS_REFUSED;
    }
    if (job->step.reply) {
        check->reply = write_reply(job->step.reply, job->step.reply_size);
        if (!check->reply) {
            return way_deny(check, CAUSE_OVERLOADED, 0);
        }
    }
    if (job->result == KERBEROS_CONTINUES) {
        check->challenges[0] = NULL;
        return ACCESS_REFUSED;
    }
    return admit(negotiate, check, job->sign_in->principal);
}

static void free_job(struct check_job *check_job)
{
    struct negotiate_job *job = job_of(check_job);

    kerberos_step_done(&job->step);
    kerberos_unref(job->keys);
    if (job->sign_in) {
        sign_in_unref(job->sign_in);
    }
    free(job);
}

/* --- the beginning of a check -------------------------------------------- */

static bool is_first(const struct kerberos_step *step)
{
    return step->token_size > 0 &&
           (unsigned char)step->token[0] == TAG_FIRST_TOKEN;
}

/* The sign-in that the token belongs to: one that has begun, or a new one.
 * NULL: no memory. */
static struct sign_in *find_sign_in(struct access_check *check,
                                    const struct negotiate_job *job)
{
    struct sign_in *sign_in = sign_in_of(*check->memo);

    if (sign_in && sign_in->context.handle && !job->is_shared &&
        !is_first(&job->step)) {
        return sign_in_ref(sign_in);
    }
    sign_in = sign_in_new();
    sign_in_remember(check->memo, job->is_shared ? NULL : sign_in);
    return sign_in;
}

/* Over TLS a client may bind its token to the server's end of it, so that
 * another server cannot pass the token on. */
static void bind_to(struct negotiate_job *job, struct bits_text end_point,
                    char *room)
{
    if (end_point.len > 0) {
        memcpy(room, end_point.ptr, end_point.len);
        job->step.end_point = room;
        job->step.end_point_size = end_point.len;
    }
}

/* Reads the value of Authorization.  NULL: no memory.  A token that is not
 * base64 is empty. */
static struct negotiate_job *make_job(const struct access_check *check,
                                      struct bits_text value)
{
    struct bits_text coded = text_trim((struct bits_text){
        value.ptr + strlen(SCHEME), value.len - strlen(SCHEME)});
    struct negotiate_job *job =
        calloc(1, sizeof(*job) + coded.len + check->facts.end_point.len);

    if (job) {
        job->is_shared = is_shared(check);
        job->step.token = job->token;
        bind_to(job, check->facts.end_point, job->token + coded.len);
        if (!base64_decode(coded, job->token, coded.len,
                           &job->step.token_size)) {
            job->step.token_size = 0;
        }
    }
    return job;
}

/* Returns why a token cannot be checked, or NULL. */
static const char *find_fault(const struct kerberos_step *step)
{
    if (step->token_size == 0) {
        return "the token of Negotiate is not base64";
    }
    return ntlm_is_token((struct bits_text){step->token, step->token_size})
               ? "the client has no Kerberos ticket and offers NTLM, which "
                 "bitsd does not accept; make HTTP/HOST known to the domain "
                 "(setspn) for the HOST in its URL, or let it use "
                 "authscheme=\"Basic\" over https"
               : NULL;
}

/* Takes the job. */
static enum access_verdict start_job(struct negotiate *negotiate,
                                     struct negotiate_job *job,
                                     struct access_check *check)
{
    bool has_room;

    uv_mutex_lock(&negotiate->pool.mutex);
    has_room = negotiate->pool.count < negotiate->pool.max;
    if (has_room) {
        job->keys = kerberos_ref(negotiate->keys);
        check_pool_start(&negotiate->pool, &job->job, check);
    }
    uv_mutex_unlock(&negotiate->pool.mutex);
    if (!has_room) {
        free_job(&job->job);
        return way_deny(check, CAUSE_TOO_MANY_TICKETS, RETRY_CHECKS);
    }
    return ACCESS_PENDING;
}

static enum access_verdict check_value(struct negotiate *negotiate,
                                       struct access_check *check,
                                       struct bits_text value)
{
    struct negotiate_job *job = make_job(check, value);
    const char *fault = job ? find_fault(&job->step) : NULL;

    if (fault) {
        log_failure(negotiate, check, fault, "");
        sign_in_remember(check->memo, NULL);
        free_job(&job->job);
        return ACCESS_REFUSED;
    }
    if (job) {
        job->sign_in = find_sign_in(check, job);
    }
    if (!job || !job->sign_in) {
        if (job) {
            free_job(&job->job);
        }
        return way_deny(check, CAUSE_OVERLOADED, 0);
    }
    return start_job(negotiate, job, check);
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    struct negotiate *negotiate = negotiate_of(way);

    return value.len > 0
               ? check_value(negotiate, check, value)
               : admit(negotiate, check, sign_in_of(*check->memo)->principal);
}

static void forget(struct way *way, struct access_check *check)
{
    check_pool_forget(&negotiate_of(way)->pool, check);
}

/* --- life ---------------------------------------------------------------- */

static bool is_needed(const struct config *config)
{
    for (size_t i = 0; i < config->upload_count; i++) {
        if (option_chosen(config->uploads[i].access, CONFIG_ACCESS_NEGOTIATE)) {
            return true;
        }
    }
    return false;
}

static struct kerberos *open_keys(const struct config *config,
                                  struct fault *ret_fault)
{
    const char *path = config->server.keytab;
    struct kerberos *keys = kerberos_open(path, ret_fault);
    char place[CONFIG_PLACE_MAX];

    if (!keys) {
        config_write_place(config, NULL, "keytab", place);
        (void)fault_set(ret_fault, "%s: keytab %s: %s", place, path,
                        ret_fault->text);
    }
    return keys;
}

static bool prepare(struct way *way, const struct config *config,
                    struct string_list *errors)
{
    struct negotiate *negotiate = negotiate_of(way);
    struct fault fault;

    kerberos_unref(negotiate->prepared);
    negotiate->prepared = NULL;
    if (!is_needed(config)) {
        return true;
    }
    negotiate->prepared = open_keys(config, &fault);
    if (!negotiate->prepared) {
        (void)string_list_add(errors, fault.text);
    }
    return negotiate->prepared != NULL;
}

/* Keys that are not needed any more are kept for requests that still run. */
static void configure(struct way *way, const struct config *config)
{
    struct negotiate *negotiate = negotiate_of(way);

    uv_mutex_lock(&negotiate->pool.mutex);
    if (negotiate->prepared) {
        kerberos_unref(negotiate->keys);
        negotiate->keys = negotiate->prepared;
        negotiate->prepared = NULL;
    }
    negotiate->pool.max = config->server.max_negotiate_checks;
    uv_mutex_unlock(&negotiate->pool.mutex);
}

static void free_way(struct way *way)
{
    struct negotiate *negotiate = negotiate_of(way);

    check_pool_done(&negotiate->pool);
    kerberos_unref(negotiate->keys);
    kerberos_unref(negotiate->prepared);
    free(negotiate);
}

struct way *negotiate_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_NEGOTIATE,
        .scheme = SCHEME,
        .challenge = SCHEME,
        .claims = claims,
        .ask = ask,
        .forget = forget,
        .prepare = prepare,
        .configure = configure,
        .free = free_way,
    };
    static const struct check_pool_ops checks = {
        .run = check_token,
        .decide = decide,
        .ended = note_outcome,
        .free = free_job,
    };
    struct negotiate *negotiate = calloc(1, sizeof(*negotiate));

    (void)config;
    if (!negotiate) {
        return NULL;
    }
    negotiate->way.ops = &ops;
    negotiate->log = log;
    if (!check_pool_init(&negotiate->pool, &checks, THREADS)) {
        free(negotiate);
        return NULL;
    }
    return &negotiate->way;
}
