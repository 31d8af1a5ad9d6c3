/*
 * access/header.c: see header.h.
 */
#include "access/header.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "base/compiler.h"
#include "base/log.h"
#include "base/text.h"
#include "cause/cause.h"
#include "http1/field.h"

/* A longer name is refused. */
#define NAME_MAX_BYTES 255

#define MINUTE_NS UINT64_C(60000000000)

/* Addresses that forged a header lately; a new one takes the place of the
 * one that was there. */
#define FORGERS 256

struct forger {
    struct census_address address;
    uint64_t silent; /* until then */
};

struct header_way {
    struct way way;
    struct log_sink *log;
    uv_mutex_t mutex;
    struct forger forgers[FORGERS]; /* guarded by mutex */
};

/* The last value, and how often the field is there. */
static unsigned find_name(const struct access_check *check,
                          struct bits_text *ret_name)
{
    const struct bits_text wanted = text_of(check->section->user_header);
    struct bits_text cursor = check->head->fields;
    struct bits_text name;
    struct bits_text value;
    unsigned count = 0;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, wanted)) {
            *ret_name = value;
            count++;
        }
    }
    return count;
}

/* A proxy that adds to what its client sent would make a list.  The names of
 * invitations have a colon, those of passwords cannot have one. */
static bool is_sound(struct bits_text name)
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (c < 0x20 || c == 0x7f || c == ',' || c == ':') {
            return false;
        }
    }
    return true;
}

static struct forger *find_forger(struct header_way *header,
                                  const struct census_address *address)
{
    unsigned hash = address->counted;

    for (size_t i = 0; i < sizeof(address->ip); i++) {
        hash = hash * 31 + address->ip[i];
    }
    return &header->forgers[hash % FORGERS];
}

/* Once a minute for each address. */
static bool may_log(struct header_way *header,
                    const struct census_address *address)
{
    struct forger *forger = find_forger(header, address);
    uint64_t now = uv_hrtime();
    bool may;

    uv_mutex_lock(&header->mutex);
    may = now >= forger->silent ||
          forger->address.counted != address->counted ||
          memcmp(forger->address.ip, address->ip, sizeof(address->ip)) != 0;
    if (may) {
        *forger = (struct forger){*address, now + MINUTE_NS};
    }
    uv_mutex_unlock(&header->mutex);
    return may;
}

static bool claims(struct way *way, const struct access_check *check)
{
    struct bits_text name;

    (void)way;
    return find_name(check, &name) > 0;
}

static enum access_verdict ask(struct way *way, struct access_check *check,
                               struct bits_text value)
{
    struct header_way *header = CONTAINER_OF(way, struct header_way, way);
    struct bits_text name = TEXT("");

    (void)value;
    if (!check->is_proxied) {
        if (may_log(header, &check->address)) {
            LOG(header->log, LOG_WARNING, "user-header",
                "a client that is not in trusted_proxies sent user_header",
                LOG_TEXT("peer", check->peer),
                LOG_TEXT("prefix", text_of(check->section->prefix)));
        }
        return way_deny(check, CAUSE_USER_HEADER_FORGED, 0);
    }
    if (find_name(check, &name) != 1 || !is_sound(name)) {
        return way_deny(check, CAUSE_USER_HEADER_MALFORMED, 0);
    }
    return way_grant(check, name);
}

static void free_way(struct way *way)
{
    struct header_way *header = CONTAINER_OF(way, struct header_way, way);

    uv_mutex_destroy(&header->mutex);
    free(header);
}

struct way *header_new(struct log_sink *log, const struct config *config)
{
    static const struct way_ops ops = {
        .word = CONFIG_ACCESS_HEADER,
        .claims = claims,
        .ask = ask,
        .free = free_way,
    };
    struct header_way *header = calloc(1, sizeof(*header));

    (void)config;
    if (!header || uv_mutex_init(&header->mutex) != 0) {
        free(header);
        return NULL;
    }
    header->way.ops = &ops;
    header->log = log;
    return &header->way;
}
