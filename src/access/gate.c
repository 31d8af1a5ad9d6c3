/*
 * access/gate.c: see gate.h.
 */
#include "access/gate.h"

#include <stdlib.h>

#include "access/basic.h"
#include "access/bearer.h"
#include "access/certificate.h"
#include "access/header.h"
#include "access/invite.h"
#include "access/negotiate.h"
#include "access/permissions.h"
#include "access/way.h"
#include "base/compiler.h"
#include "base/text.h"
#include "cause/cause.h"
#include "http1/field.h"
#include "options/option.h"

/* In the order in which a request is compared with them, which is that of their
 * challenges. */
static struct way *(*const makers[])(struct log_sink *log,
                                     const struct config *config) = {
    certificate_new, header_new, invite_new,
    negotiate_new,   basic_new,  bearer_new,
};

#define WAY_COUNT (sizeof(makers) / sizeof(makers[0]))

_Static_assert(WAY_COUNT <= HTTP_CHALLENGES_MAX, "a challenge for each way");

struct gate {
    struct access access;
    struct way *ways[WAY_COUNT];
    struct permissions *permissions;
};

/* What a request brings to sign in with. */
struct credentials {
    struct bits_text authorization; /* the value; empty without the field */
    unsigned count;                 /* of those fields */
};

static struct credentials credentials_in(const struct http1_head *head)
{
    struct credentials credentials = {.authorization = {"", 0}};
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Authorization"))) {
            credentials.authorization = value;
            credentials.count++;
        }
    }
    return credentials;
}

static bool has_scheme(struct bits_text value, const char *scheme)
{
    struct bits_text wanted = text_of(scheme);

    return value.len >= wanted.len &&
           text_equal_nocase((struct bits_text){value.ptr, wanted.len},
                             wanted) &&
           (value.len == wanted.len || value.ptr[wanted.len] == ' ');
}

/* bitsd takes and asks for no secret that others could read on its way. */
static bool is_safe(const struct access_check *check)
{
    return check->section->basic_without_tls ||
           text_equal(check->facts.scheme, TEXT("https"));
}

static bool allows(const struct access_check *check, enum config_choice word)
{
    return option_chosen(check->section->access, word);
}

static bool claims(struct way *way, const struct access_check *check,
                   const struct credentials *credentials)
{
    if (!way->ops->scheme) {
        return way->ops->claims(way, check);
    }
    if (credentials->count > 0) {
        return has_scheme(credentials->authorization, way->ops->scheme);
    }
    return way->ops->claims && way->ops->claims(way, check);
}

static struct way *find_way(struct gate *gate, const struct access_check *check,
                            const struct credentials *credentials)
{
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (allows(check, gate->ways[i]->ops->word) &&
            claims(gate->ways[i], check, credentials)) {
            return gate->ways[i];
        }
    }
    return NULL;
}

/* Returns false if TLS is missing for one of them. */
static bool set_challenges(struct gate *gate, struct access_check *check)
{
    size_t count = 0;
    bool complete = true;

    for (size_t i = 0; i < WAY_COUNT; i++) {
        const struct way_ops *ops = gate->ways[i]->ops;

        if (!ops->challenge || !allows(check, ops->word)) {
            continue;
        }
        if (ops->needs_tls && !is_safe(check)) {
            complete = false;
        } else {
            check->challenges[count++] = ops->challenge;
        }
    }
    return complete;
}

static enum bits_cause missing_cause(const struct gate *gate,
                                     const struct access_check *check)
{
    for (size_t i = 0; i < WAY_COUNT; i++) {
        const struct way_ops *ops = gate->ways[i]->ops;

        if (ops->missing && allows(check, ops->word)) {
            return ops->missing;
        }
    }
    return CAUSE_SIGN_IN_MISSING;
}

/* The request has no credentials that the section understands.  A 401 must have
 * a challenge. */
static enum access_verdict challenge(const struct gate *gate,
                                     struct access_check *check, bool complete)
{
    if (check->challenges[0]) {
        return ACCESS_REFUSED;
    }
    return way_deny(
        check, complete ? missing_cause(gate, check) : CAUSE_SIGN_IN_NEEDS_TLS,
        0);
}

static enum access_verdict ask(struct access_check *check)
{
    struct gate *gate = CONTAINER_OF(check->access, struct gate, access);
    struct credentials credentials = credentials_in(check->head);
    struct way *way = find_way(gate, check, &credentials);
    bool complete = set_challenges(gate, check);
    bool asks = check->challenges[0] || !complete;

    if (!way && allows(check, CONFIG_ACCESS_ANONYMOUS) &&
        (credentials.count == 0 || !asks)) {
        return ACCESS_GRANTED;
    }
    if (!way || credentials.count > 1) {
        return challenge(gate, check, complete);
    }
    if (way->ops->needs_tls && !is_safe(check)) {
        return way_deny(check, CAUSE_SIGN_IN_NEEDS_TLS, 0);
    }
    check->way = way;
    return way->ops->ask(
        way, check, way->ops->scheme ? credentials.authorization : TEXT(""));
}

static enum access_verdict permit(struct access_check *check)
{
    struct gate *gate = CONTAINER_OF(check->access, struct gate, access);

    return permissions_permit(gate->permissions, check);
}

static void forget(struct access_check *check)
{
    check->way->ops->forget(check->way, check);
}

bool gate_prepare(struct gate *gate, const struct config *config,
                  struct string_list *errors)
{
    bool done = permissions_prepare(gate->permissions, config, errors);

    for (size_t i = 0; i < WAY_COUNT; i++) {
        struct way *way = gate->ways[i];

        if (way->ops->prepare && !way->ops->prepare(way, config, errors)) {
            done = false;
        }
    }
    return done;
}

void gate_configure(struct gate *gate, const struct config *config)
{
    permissions_configure(gate->permissions, config);
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (gate->ways[i]->ops->configure) {
            gate->ways[i]->ops->configure(gate->ways[i], config);
        }
    }
}

struct access *gate_access(struct gate *gate)
{
    return &gate->access;
}

struct gate *gate_new(struct log_sink *log, const struct config *config)
{
    static const struct access_ops ops = {
        .ask = ask, .permit = permit, .forget = forget};
    struct gate *gate = calloc(1, sizeof(*gate));

    if (!gate) {
        return NULL;
    }
    gate->access.ops = &ops;
    gate->permissions = permissions_new(log);
    if (!gate->permissions) {
        gate_free(gate);
        return NULL;
    }
    for (size_t i = 0; i < WAY_COUNT; i++) {
        gate->ways[i] = makers[i](log, config);
        if (!gate->ways[i]) {
            gate_free(gate);
            return NULL;
        }
    }
    return gate;
}

void gate_free(struct gate *gate)
{
    if (!gate) {
        return;
    }
    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (gate->ways[i]) {
            gate->ways[i]->ops->free(gate->ways[i]);
        }
    }
    permissions_free(gate->permissions);
    free(gate);
}
