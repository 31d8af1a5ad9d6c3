/*
 * server/http/forwarded.c: see forwarded.h.
 *
 * Each proxy adds its client behind the hops that it was sent.  So the last
 * hops are the ones to believe: each is read in turn, and one that is not a
 * trusted proxy makes those before it worthless.
 */
#include "server/http/forwarded.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "config/address_set.h"
#include "http1/field.h"

/* What the hops so far came to. */
struct search {
    const struct string_list *trusted;
    struct forwarded *client;
    struct forwarded proxy; /* that sent the request */
    bool has_hop;
    bool over_http;
    bool over_https;
    bool bad_scheme;
    struct bits_text host;
    const char *fault;
};

static void ignore(struct search *search, const char *words)
{
    if (!search->fault) {
        search->fault = words;
    }
}

/* --- hops ---------------------------------------------------------------- */

/* ":PORT" or nothing.  A port may have a made-up name [RFC 7239 6.3]. */
static bool read_port(struct bits_text text, unsigned *ret_port)
{
    uint64_t port = 0;

    if (text.len > 0 &&
        (!text_take_char(&text, ':') ||
         (!text_to_u64(text, &port) && !text_take_char(&text, '_')) ||
         port > UINT16_MAX)) {
        return false;
    }
    *ret_port = (unsigned)port;
    return true;
}

/* "[IPV6]", "IPV4", each with or without a port, or an IPv6 address. */
static bool read_node(struct bits_text text, uint8_t ret_ip[16],
                      unsigned *ret_port)
{
    struct bits_text address;

    *ret_port = 0;
    if (text_take_char(&text, '[')) {
        return text_take_until(&text, ']', &address) &&
               memchr(address.ptr, ':', address.len) &&
               config_ip_read(address, ret_ip) && read_port(text, ret_port);
    }
    if (config_ip_read(text, ret_ip)) {
        return true;
    }
    if (!text_take_until(&text, ':', &address)) {
        return false;
    }
    text.ptr--;
    text.len++;
    return config_ip_read(address, ret_ip) && read_port(text, ret_port);
}

/* What came before the present hop may be the client's own words. */
static void start_over(struct search *search)
{
    search->fault = NULL;
    search->over_http = false;
    search->over_https = false;
    search->bad_scheme = false;
    search->host = TEXT("");
}

static void set_client(struct search *search, const uint8_t ip[16],
                       unsigned port)
{
    struct forwarded *client = search->client;

    client->address.counted = true;
    memcpy(client->address.ip, ip, sizeof(client->address.ip));
    address_write_ip(ip, port, client->peer);
}

/* The proxy that wrote the hop is the last one that is known. */
static void lose(struct search *search)
{
    *search->client = search->proxy;
    search->has_hop = false;
    start_over(search);
}

/* An empty text: the proxy does not say whose request it forwards. */
static void add_hop(struct search *search, struct bits_text text,
                    const char *fault)
{
    uint8_t ip[16];
    unsigned port;

    if (text.len == 0 || text.ptr[0] == '_' ||
        text_equal_nocase(text, TEXT("unknown"))) {
        lose(search);
    } else if (!read_node(text, ip, &port)) {
        lose(search);
        ignore(search, fault);
    } else if (!config_networks_have(search->trusted, ip)) {
        set_client(search, ip, port);
        search->has_hop = true;
        start_over(search);
    } else if (!search->has_hop) {
        set_client(search, ip, port);
        search->has_hop = true;
    }
}

/* --- schemes and hosts --------------------------------------------------- */

static void add_scheme(struct search *search, struct bits_text text)
{
    if (text_equal_nocase(text, TEXT("https"))) {
        search->over_https = true;
    } else if (text_equal_nocase(text, TEXT("http"))) {
        search->over_http = true;
    } else {
        search->bad_scheme = true;
        ignore(search, "a proxy sent a scheme that is neither http nor https");
    }
}

/* The nearest proxy decides. */
static void add_host(struct search *search, struct bits_text text)
{
    if (http1_is_host(text)) {
        search->host = text;
    } else {
        search->host = TEXT("");
        ignore(search, "a proxy sent a host that is not a host and port");
    }
}

/* One hop without TLS suffices for others to read along. */
static void conclude(const struct search *search)
{
    struct forwarded *client = search->client;

    if (!search->bad_scheme && search->over_http) {
        client->scheme = TEXT("http");
    } else if (!search->bad_scheme && search->over_https) {
        client->scheme = TEXT("https");
    }
    client->host = search->host;
}

/* --- Forwarded ----------------------------------------------------------- */

struct element {
    bool has_any;
    struct bits_text client;
    struct bits_text scheme;
    struct bits_text host;
};

static bool ends_value(char c)
{
    return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '"';
}

/* Nothing that is read here needs an escape. */
static bool take_value(struct bits_text *line, struct bits_text *ret_value)
{
    if (text_take_char(line, '"')) {
        return text_take_until(line, '"', ret_value) && ret_value->len > 0 &&
               !memchr(ret_value->ptr, '\\', ret_value->len);
    }
    *ret_value = (struct bits_text){line->ptr, 0};
    while (line->len > 0 && !ends_value(line->ptr[0])) {
        ret_value->len++;
        line->ptr++;
        line->len--;
    }
    return ret_value->len > 0;
}

/* A parameter may be there once. */
static bool set_once(struct bits_text *text, struct bits_text value)
{
    bool is_first = text->len == 0;

    *text = value;
    return is_first;
}

static bool take_pair(struct bits_text *line, struct element *element)
{
    struct bits_text name;
    struct bits_text value;

    if (!text_take_until(line, '=', &name) || !text_is_visible(name) ||
        !take_value(line, &value)) {
        return false;
    }
    element->has_any = true;
    if (text_equal_nocase(name, TEXT("for"))) {
        return set_once(&element->client, value);
    }
    if (text_equal_nocase(name, TEXT("proto"))) {
        return set_once(&element->scheme, value);
    }
    if (text_equal_nocase(name, TEXT("host"))) {
        return set_once(&element->host, value);
    }
    return true;
}

static bool take_element(struct bits_text *line, struct element *ret_element)
{
    struct element element = {.has_any = false};

    do {
        *line = text_trim(*line);
        if (line->len > 0 && line->ptr[0] != ';' && line->ptr[0] != ',' &&
            !take_pair(line, &element)) {
            return false;
        }
        *line = text_trim(*line);
    } while (text_take_char(line, ';'));
    *ret_element = element;
    return true;
}

static void add_element(struct search *search, const struct element *element)
{
    if (!element->has_any) {
        return;
    }
    add_hop(search, element->client,
            "a proxy sent Forwarded with a client that is not an address");
    if (element->scheme.len > 0) {
        add_scheme(search, element->scheme);
    }
    if (element->host.len > 0) {
        add_host(search, element->host);
    }
}

/* Returns false if the line is malformed. */
static bool add_elements(struct search *search, struct bits_text line)
{
    struct element element;

    do {
        if (!take_element(&line, &element)) {
            return false;
        }
        add_element(search, &element);
    } while (text_take_char(&line, ','));
    return line.len == 0;
}

/* It is unknown where the last element of a malformed line begins. */
static void add_line(struct search *search, struct bits_text line)
{
    if (!add_elements(search, line)) {
        lose(search);
        ignore(search, "a proxy sent a malformed Forwarded");
    }
}

/* --- the head ------------------------------------------------------------ */

enum kind {
    KIND_OTHER,
    KIND_FORWARDED,
    KIND_FOR,
    KIND_PROTO,
    KIND_HOST,
};

static enum kind kind_of(struct bits_text name)
{
    if (text_equal_nocase(name, TEXT("Forwarded"))) {
        return KIND_FORWARDED;
    }
    if (text_equal_nocase(name, TEXT("X-Forwarded-For"))) {
        return KIND_FOR;
    }
    if (text_equal_nocase(name, TEXT("X-Forwarded-Proto"))) {
        return KIND_PROTO;
    }
    return text_equal_nocase(name, TEXT("X-Forwarded-Host")) ? KIND_HOST
                                                             : KIND_OTHER;
}

/* The client chooses what it sends of the kind that its proxy does not
 * write. */
static bool has_both_kinds(const struct http1_head *head)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;
    bool has_standard = false;
    bool has_custom = false;

    while (http1_next_field(&cursor, &name, &value)) {
        enum kind kind = kind_of(name);

        has_standard |= kind == KIND_FORWARDED;
        has_custom |= kind != KIND_FORWARDED && kind != KIND_OTHER;
    }
    return has_standard && has_custom;
}

static void add_hops(struct search *search, struct bits_text list)
{
    struct bits_text item;

    while (text_take_item(&list, &item)) {
        add_hop(search, item,
                "a proxy sent X-Forwarded-For with a value that is not an "
                "address");
    }
}

static void add_field(struct search *search, enum kind kind,
                      struct bits_text value)
{
    struct bits_text item;

    if (kind == KIND_FORWARDED) {
        add_line(search, value);
        return;
    }
    while (text_take_item(&value, &item)) {
        if (kind == KIND_PROTO) {
            add_scheme(search, item);
        } else if (kind == KIND_HOST) {
            add_host(search, item);
        }
    }
}

/* First X-Forwarded-For alone: -Proto and -Host do not say to which of its
 * hops they belong, so that no hop may clear them. */
static void add_fields(struct search *search, const struct http1_head *head)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;

    while (http1_next_field(&cursor, &name, &value)) {
        if (kind_of(name) == KIND_FOR) {
            add_hops(search, value);
        }
    }
    cursor = head->fields;
    while (http1_next_field(&cursor, &name, &value)) {
        add_field(search, kind_of(name), value);
    }
}

const char *forwarded_read(const struct http1_head *head,
                           const struct string_list *trusted,
                           struct forwarded *client)
{
    struct search search = {
        .trusted = trusted, .client = client, .proxy = *client};

    if (has_both_kinds(head)) {
        return "a proxy sent both Forwarded and X-Forwarded-*, and bitsd "
               "believes neither; make the proxy remove the one that it does "
               "not write";
    }
    add_fields(&search, head);
    conclude(&search);
    return search.fault;
}
