/*
 * config/form.c: see form.h.
 */
#include "config/form.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"

#define HOST_MAX 300
#define LABEL_MAX 63

static bool read_ip(struct bits_text text, int family, uint8_t ip[16])
{
    char terminated[INET6_ADDRSTRLEN];

    if (text.len >= sizeof(terminated)) {
        return false;
    }
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    return inet_pton(family, terminated, ip) == 1;
}

static bool read_host(struct bits_text host, struct config_address *address)
{
    if (text_equal(host, TEXT("*"))) {
        address->family = CONFIG_ADDRESS_ALL;
        return true;
    }
    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        address->family = CONFIG_ADDRESS_IPV6;
        return read_ip((struct bits_text){host.ptr + 1, host.len - 2}, AF_INET6,
                       address->ip);
    }
    address->family = CONFIG_ADDRESS_IPV4;
    return read_ip(host, AF_INET, address->ip);
}

static bool read_unix(const char *path, struct config_address *address)
{
    address->family = CONFIG_ADDRESS_UNIX;
    address->path = path;
    return path[0] == '/' &&
           strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

/* Takes the word, with a blank in front of it, from the end. */
static bool take_word(struct bits_text *text, struct bits_text word)
{
    size_t length = word.len + 1;

    if (text->len < length || text->ptr[text->len - length] != ' ' ||
        memcmp(text->ptr + text->len - word.len, word.ptr, word.len) != 0) {
        return false;
    }
    text->len -= length;
    return true;
}

/* "", " tls" or " tls certificate" at the end.  False: another order. */
static bool take_words(struct bits_text *text, struct config_address *address)
{
    address->certificate = take_word(text, TEXT("certificate"));
    address->tls = take_word(text, TEXT("tls"));
    return address->tls || !address->certificate;
}

bool config_address_read(const char *text, struct config_address *ret_address)
{
    static const char scheme[] = "unix:";
    struct config_address address = {0};
    const char *colon = strrchr(text, ':');
    struct bits_text behind;
    uint64_t port;

    if (strncmp(text, scheme, sizeof(scheme) - 1) == 0) {
        if (!read_unix(text + sizeof(scheme) - 1, &address)) {
            return false;
        }
        *ret_address = address;
        return true;
    }
    if (!colon) {
        return false;
    }
    behind = text_of(colon + 1);
    if (!take_words(&behind, &address) || !text_to_u64(behind, &port) ||
        port > UINT16_MAX) {
        return false;
    }
    address.port = (uint16_t)port;
    if (!read_host((struct bits_text){text, (size_t)(colon - text)},
                   &address)) {
        return false;
    }
    *ret_address = address;
    return true;
}

/* Returns true for 0.0.0.0 and [::]. */
static bool is_any(const struct config_address *address)
{
    static const uint8_t any[16];

    return memcmp(address->ip, any, sizeof(any)) == 0;
}

static bool hosts_overlap(const struct config_address *a,
                          const struct config_address *b)
{
    if (a->family == CONFIG_ADDRESS_ALL || b->family == CONFIG_ADDRESS_ALL) {
        return true;
    }
    return a->family == b->family &&
           (is_any(a) || is_any(b) || memcmp(a->ip, b->ip, sizeof(a->ip)) == 0);
}

bool config_address_overlaps(const struct config_address *a,
                             const struct config_address *b)
{
    if (a->family == CONFIG_ADDRESS_UNIX || b->family == CONFIG_ADDRESS_UNIX) {
        return a->family == b->family && config_path_is_same(a->path, b->path);
    }
    return a->port != 0 && a->port == b->port && hosts_overlap(a, b);
}

bool config_address_is_local(const struct config_address *address)
{
    static const uint8_t loopback[16] = {[15] = 1};
    static const uint8_t mapped[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};

    switch (address->family) {
    case CONFIG_ADDRESS_ALL:
        return false;
    case CONFIG_ADDRESS_IPV4:
        return address->ip[0] == 127;
    case CONFIG_ADDRESS_IPV6:
        return memcmp(address->ip, loopback, sizeof(loopback)) == 0 ||
               memcmp(address->ip, mapped, sizeof(mapped)) == 0;
    case CONFIG_ADDRESS_UNIX:
        break;
    }
    return true;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') ||
           (text_lower(c) >= 'a' && text_lower(c) <= 'z');
}

/* Letters, digits, '-' and '_', the latter two not at the ends. */
static bool label_is_sound(struct bits_text label)
{
    if (label.len == 0 || label.len > LABEL_MAX || !is_alnum(label.ptr[0]) ||
        !is_alnum(label.ptr[label.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];

        if (!is_alnum(c) && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}

bool config_host_is_sound(const char *text)
{
    struct bits_text rest = text_of(text);
    struct bits_text label;
    uint8_t ip[16];
    uint64_t number;

    if (rest.len > HOST_MAX) {
        return false;
    }
    if (read_ip(rest, AF_INET, ip) || read_ip(rest, AF_INET6, ip)) {
        return true;
    }
    while (text_take_until(&rest, '.', &label)) {
        if (!label_is_sound(label)) {
            return false;
        }
    }
    /* A numeric last label means a mistyped address. */
    return label_is_sound(rest) && !text_to_u64(rest, &number);
}

/* Takes the next segment of an absolute path.  Returns false at its end. */
static bool take_segment(struct bits_text *path, struct bits_text *ret_segment)
{
    if (!text_take_char(path, '/')) {
        return false;
    }
    *ret_segment = (struct bits_text){path->ptr, 0};
    while (path->len > 0 && path->ptr[0] != '/') {
        ret_segment->len++;
        path->ptr++;
        path->len--;
    }
    return true;
}

static bool is_dots(struct bits_text segment)
{
    return text_equal(segment, TEXT(".")) || text_equal(segment, TEXT(".."));
}

const char *config_prefix_fault(const char *text)
{
    struct bits_text path = text_of(text);
    struct bits_text segment;

    if (text[0] != '/') {
        return "a prefix begins with '/'";
    }
    if (path.len > 1 && text[path.len - 1] == '/') {
        return "a prefix has no '/' at its end; take it away";
    }
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            return "a prefix has no control characters";
        }
    }
    while (path.len > 1 && take_segment(&path, &segment)) {
        if (segment.len == 0) {
            return "a prefix has no '//'; write one '/'";
        }
        if (is_dots(segment)) {
            return "a prefix has no segment '.' or '..'; write it without";
        }
    }
    return NULL;
}

static bool next_name(struct bits_text *path, struct bits_text *ret_name)
{
    while (take_segment(path, ret_name)) {
        if (ret_name->len > 0 && !text_equal(*ret_name, TEXT("."))) {
            return true;
        }
    }
    *ret_name = (struct bits_text){NULL, 0};
    return false;
}

bool config_path_is_same(const char *a, const char *b)
{
    struct bits_text rest_a = text_of(a);
    struct bits_text rest_b = text_of(b);
    struct bits_text name_a;
    struct bits_text name_b;
    bool more;

    do {
        more = next_name(&rest_a, &name_a);
        if (next_name(&rest_b, &name_b) != more ||
            !text_equal(name_a, name_b)) {
            return false;
        }
    } while (more);
    return true;
}
