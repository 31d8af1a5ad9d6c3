/*
 * protocol/transfer_url.c: see transfer_url.h. openbits/target.h splits URLs.
 */
#include "protocol/transfer_url.h"

#include <string.h>

#include <openbits/target.h>

#include "base/text.h"

struct origin {
    struct bits_text scheme;
    struct bits_text host; /* without brackets */
    struct bits_text port; /* empty: the scheme's default */
};

struct writer {
    char *room;
    size_t size;
    bool full;
};

static void put(struct writer *writer, struct bits_text text)
{
    if (text.len >= BITS_URL_ROOM - writer->size) {
        writer->full = true;
    } else if (text.len > 0) {
        memcpy(writer->room + writer->size, text.ptr, text.len);
        writer->size += text.len;
    }
}

/* Empty if it did not fit. */
static struct bits_text written(struct writer *writer)
{
    if (writer->full) {
        writer->size = 0;
    }
    writer->room[writer->size] = '\0';
    return (struct bits_text){writer->room, writer->size};
}

static struct bits_text without_user(struct bits_text authority)
{
    struct bits_text before;

    while (text_take_until(&authority, '@', &before)) {
    }
    return authority;
}

static bool read_origin(const struct bits_target *target,
                        struct origin *ret_origin)
{
    struct bits_text rest = without_user(target->authority);
    struct origin origin = {.scheme = target->scheme};
    uint64_t port;

    if (text_take_char(&rest, '[')) {
        if (!text_take_until(&rest, ']', &origin.host)) {
            return false;
        }
        if (rest.len > 0 && !text_take_char(&rest, ':')) {
            return false;
        }
        origin.port = rest;
    } else if (text_take_until(&rest, ':', &origin.host)) {
        origin.port = rest;
    } else {
        origin.host = rest;
    }
    if (origin.port.len > 0 &&
        (!text_to_u64(origin.port, &port) || port > UINT16_MAX)) {
        return false;
    }
    *ret_origin = origin;
    return url_is_host(origin.host);
}

static bool parse(struct bits_text url, struct bits_target *ret_target,
                  struct origin *ret_origin)
{
    return bits_target_parse(url, ret_target) && ret_target->scheme.len > 0 &&
           read_origin(ret_target, ret_origin);
}

/* At least two colons: a single one separates a port. */
static bool is_ipv6(struct bits_text host)
{
    return host.len > 0 &&
           memchr(host.ptr, ':', host.len) != memrchr(host.ptr, ':', host.len);
}

bool url_is_host(struct bits_text text)
{
    bool ipv6 = is_ipv6(text);

    if (text.len == 0 || text.len > BITS_HOST_ID_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text_lower(text.ptr[i]);
        bool name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
        bool address = text_hex_digit(c) >= 0 || c == ':' || c == '.';

        if (ipv6 ? !address : !name) {
            return false;
        }
    }
    return true;
}

bool url_is_usable(struct bits_text url)
{
    struct bits_target target;
    struct origin origin;

    return url.len <= BITS_URL_MAX && parse(url, &target, &origin);
}

struct bits_text url_with_host(struct bits_text url, struct bits_text host,
                               char room[BITS_URL_ROOM])
{
    struct writer writer = {.room = room};
    struct bits_target target;
    struct origin origin;

    if (!parse(url, &target, &origin)) {
        return written(&writer);
    }
    put(&writer, target.scheme);
    put(&writer, TEXT("://"));
    put(&writer, is_ipv6(host) ? TEXT("[") : TEXT(""));
    put(&writer, host);
    put(&writer, is_ipv6(host) ? TEXT("]") : TEXT(""));
    if (origin.port.len > 0) {
        put(&writer, TEXT(":"));
        put(&writer, origin.port);
    }
    put(&writer, target.path);
    if (target.has_query) {
        put(&writer, TEXT("?"));
        put(&writer, target.query);
    }
    return written(&writer);
}

/* One byte of a reply URL.  Returns false if a URL cannot hold it, even
 * escaped. */
static bool put_reply_byte(struct writer *writer, char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned value = (unsigned char)byte;
    const char escaped[] = {'%', digits[value >> 4], digits[value & 15]};

    if (value < 0x20 || value == 0x7f) {
        return false;
    }
    if (byte == '\\') {
        put(writer, TEXT("/"));
    } else if (byte == ' ' || byte == '{' || byte == '}' || value > 0x7f) {
        put(writer, (struct bits_text){escaped, sizeof(escaped)});
    } else {
        put(writer, (struct bits_text){&byte, 1});
    }
    return true;
}

static bool is_slash(struct bits_text text, size_t index)
{
    return index < text.len &&
           (text.ptr[index] == '/' || text.ptr[index] == '\\');
}

/* A colon before any slash or question mark ends a scheme. */
static bool has_scheme(struct bits_text reply)
{
    for (size_t i = 0; i < reply.len && !is_slash(reply, i); i++) {
        if (reply.ptr[i] == ':' || reply.ptr[i] == '?') {
            return reply.ptr[i] == ':';
        }
    }
    return false;
}

/* The part that precedes a relative reference. */
static void put_base(struct writer *writer, const struct bits_target *target,
                     struct bits_text reply)
{
    const char *slash = memrchr(target->path.ptr, '/', target->path.len);

    if (has_scheme(reply)) {
        return;
    }
    put(writer, target->scheme);
    put(writer, TEXT(":"));
    if (is_slash(reply, 0) && is_slash(reply, 1)) {
        return;
    }
    put(writer, TEXT("//"));
    put(writer, without_user(target->authority));
    if (!is_slash(reply, 0) && slash) {
        put(writer, (struct bits_text){target->path.ptr,
                                       (size_t)(slash - target->path.ptr) + 1});
    }
}

/* Returns false for a step from https to http. */
static bool may_be_fetched(struct bits_text url, struct bits_text from)
{
    struct bits_target target;
    struct bits_target base;
    struct origin origin;
    struct origin base_origin;

    return parse(url, &target, &origin) && parse(from, &base, &base_origin) &&
           (text_equal_nocase(origin.scheme, base_origin.scheme) ||
            text_equal_nocase(origin.scheme, TEXT("https")));
}

struct bits_text url_of_reply(struct bits_text url, struct bits_text reply,
                              char room[BITS_URL_ROOM])
{
    struct writer writer = {.room = room};
    struct bits_target target;
    struct bits_text resolved;

    if (reply.len == 0 || !bits_target_parse(url, &target)) {
        return written(&writer);
    }
    put_base(&writer, &target, reply);
    for (size_t i = 0; i < reply.len; i++) {
        if (!put_reply_byte(&writer, reply.ptr[i])) {
            writer.full = true;
        }
    }
    resolved = written(&writer);
    if (!may_be_fetched(resolved, url)) {
        writer.full = true;
        resolved = written(&writer);
    }
    return resolved;
}

static uint64_t port_of(const struct origin *origin)
{
    uint64_t port;

    if (text_to_u64(origin->port, &port)) {
        return port;
    }
    return text_equal_nocase(origin->scheme, TEXT("https")) ? 443 : 80;
}

bool url_same_origin(struct bits_text a, struct bits_text b)
{
    struct bits_target target;
    struct origin left;
    struct origin right;

    return parse(a, &target, &left) && parse(b, &target, &right) &&
           text_equal_nocase(left.scheme, right.scheme) &&
           text_equal_nocase(left.host, right.host) &&
           port_of(&left) == port_of(&right);
}

struct bits_text url_host(struct bits_text url)
{
    struct bits_target target;
    struct origin origin;

    if (!parse(url, &target, &origin)) {
        return (struct bits_text){NULL, 0};
    }
    return origin.host;
}
