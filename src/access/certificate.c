/*
 * access/certificate.c: see certificate.h.
 */
#include "access/certificate.h"

#include <stdlib.h>

#include "access/certificate_name.h"
#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"

struct certificate {
    struct way way;
    struct log_sink *log;
};

static bool claims(struct way *way, const struct access_check *check)
{
    (void)way;
    return check->facts.certificate != NULL;
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    const struct certificate *certificate =
        CONTAINER_OF(way, struct certificate, way);
    struct fault fault;

    (void)value;
    if (certificate_name(check->facts.certificate,
                         check->section->certificate_user, &check->user,
                         &fault)) {
        return ACCESS_GRANTED;
    }
    LOG(certificate->log, LOG_INFO, "certificate-name", fault.text,
        LOG_TEXT("section", text_of(check->section->prefix)),
        LOG_TEXT("peer", check->peer));
    return way_deny(check, CAUSE_CERTIFICATE_UNNAMED, 0);
}

static void free_way(struct way *way)
{
    free(CONTAINER_OF(way, struct certificate, way));
}

struct way *certificate_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_CERTIFICATE,
        .missing = CAUSE_CERTIFICATE_MISSING,
        .claims = claims,
        .ask = ask,
        .free = free_way,
    };
    struct certificate *certificate = calloc(1, sizeof(*certificate));

    (void)config;
    if (!certificate) {
        return NULL;
    }
    certificate->way.ops = &ops;
    certificate->log = log;
    return &certificate->way;
}
