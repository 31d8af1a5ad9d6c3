/*
 * Whom a request comes from, if proxies forward it: server/http/forwarded.h.
 */
#include "server/http/forwarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/address_set.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define XFF "X-Forwarded-For: "
#define XFP "X-Forwarded-Proto: "
#define XFH "X-Forwarded-Host: "
#define FWD "Forwarded: "
#define END "\r\n"

/* The proxy that sends is 10.0.0.1; 10.0.0.0/8 and 2001:db8:1::/48 are
 * trusted.  What a row leaves out is the proxy, http, no host, no fault. */
struct row {
    const char *fields;
    const char *peer;
    const char *scheme;
    const char *host;
    bool faulty;
};

static const struct row rows[] = {
    {""},
    {XFF "192.0.2.1" END, "192.0.2.1"},
    {"x-forwarded-for:192.0.2.1" END, "192.0.2.1"},
    {XFF "192.0.2.1:4711" END, "192.0.2.1:4711"},
    {XFF "2001:db8::1" END, "[2001:db8::1]"},
    {XFF "[2001:db8::1]" END, "[2001:db8::1]"},
    {XFF "[2001:db8::1]:65535" END, "[2001:db8::1]:65535"},
    {XFF "::ffff:192.0.2.1" END, "192.0.2.1"},

    /* the nearest that is not trusted */
    {XFF "192.0.2.9, 192.0.2.1" END, "192.0.2.1"},
    {XFF "192.0.2.9, 192.0.2.1, 10.0.0.2" END, "192.0.2.1"},
    {XFF "192.0.2.9, 192.0.2.1" END XFF "2001:db8:1::7" END, "192.0.2.1"},
    {XFF "10.0.0.9, 192.0.2.1" END, "192.0.2.1"},
    {XFF "192.0.2.1" END XFF "192.0.2.2" END, "192.0.2.2"},
    /* all of them are: the farthest */
    {XFF "10.0.0.3, 10.0.0.2" END, "10.0.0.3"},
    {XFF "10.0.0.1" END, "10.0.0.1"},

    /* what a client wrote before its proxy */
    {XFF "nonsense, 192.0.2.1" END, "192.0.2.1"},
    {XFF ",,\t, 192.0.2.1 ," END, "192.0.2.1"},
    {XFF END},
    /* a hop that counts is malformed: the proxy that wrote it */
    {XFF "192.0.2.1, nonsense" END, .faulty = true},
    {XFF "192.0.2.1, nonsense, 10.0.0.2" END, "10.0.0.2", .faulty = true},
    {XFF "192.0.2.1, 256.0.0.1" END, .faulty = true},
    {XFF "192.0.2.1:65536" END, .faulty = true},
    {XFF "192.0.2.1:" END, .faulty = true},
    {XFF "192.0.2.1:80x" END, .faulty = true},
    {XFF "[192.0.2.1]" END, .faulty = true},
    {XFF "[2001:db8::1" END, .faulty = true},
    {XFF "[2001:db8::1]80" END, .faulty = true},
    {XFF "\"192.0.2.1\"" END, .faulty = true},
    {XFF "192.0.2.1 192.0.2.2" END, .faulty = true},
    {XFF "192.0.2.1, unknown" END},
    {XFF "192.0.2.1, unknown, 10.0.0.2, 10.0.0.3" END, "10.0.0.2"},
    {XFF "192.0.2.1, _hidden" END},

    /* https only if every hop says so */
    {XFP "https" END, .scheme = "https"},
    {XFP "HTTPS" END, .scheme = "https"},
    {XFP "http" END},
    {XFP "https, http" END},
    {XFP "http, https" END},
    {XFP "https, https" END, .scheme = "https"},
    {XFP "https" END XFP "http" END},
    {XFP "wss" END, .faulty = true},
    {XFP "https, wss" END, .faulty = true},
    {XFP "https" END XFF "192.0.2.1" END, "192.0.2.1", "https"},
    {XFP "https" END XFF "nonsense" END, .scheme = "https", .faulty = true},

    /* the nearest proxy's host */
    {XFH "files.example" END, .host = "files.example"},
    {XFH "files.example:8443" END, .host = "files.example:8443"},
    {XFH "a.example, b.example" END, .host = "b.example"},
    {XFH "a/b" END, .faulty = true},
    {XFH "a.example, b@c" END, .faulty = true},
    {XFH "a/b, b.example" END, .host = "b.example", .faulty = true},

    /* RFC 7239 */
    {FWD "for=192.0.2.1" END, "192.0.2.1"},
    {FWD "FOR=192.0.2.1;Proto=https;HOST=files.example" END, "192.0.2.1",
     "https", "files.example"},
    {FWD "by=10.0.0.1; for=\"[2001:db8::1]:80\" ;proto=\"https\"" END,
     "[2001:db8::1]:80", "https"},
    {FWD "for=\"192.0.2.1:_port\"" END, "192.0.2.1"},
    {FWD "for=192.0.2.9;proto=https, for=192.0.2.1" END, "192.0.2.1"},
    {FWD "for=192.0.2.9;proto=https, for=192.0.2.1;proto=http" END,
     "192.0.2.1"},
    {FWD
     "for=192.0.2.1;proto=https;host=a, for=10.0.0.2;proto=https;host=b" END,
     "192.0.2.1", "https", "b"},
    {FWD "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http" END, "192.0.2.1"},
    {FWD "for=192.0.2.1;proto=http, for=10.0.0.2;proto=https" END, "192.0.2.1"},
    {FWD "for=192.0.2.1" END FWD "for=192.0.2.2" END, "192.0.2.2"},
    {FWD "for=10.0.0.3;proto=https" END, "10.0.0.3", "https"},
    {FWD "for=unknown;proto=https" END, .scheme = "https"},
    {FWD "for=_a1;proto=https" END, .scheme = "https"},
    {FWD "proto=https" END, .scheme = "https"},
    {FWD "for=192.0.2.9;proto=https, proto=http" END},
    {FWD ";;for=192.0.2.1; ;,, ," END, "192.0.2.1"},
    {FWD "for=192.0.2.1;x=\"a,b;c=d\"" END, "192.0.2.1"},
    {FWD END},
    /* an open quote must not hide the proxy's own element */
    {FWD "for=\"192.0.2.9, for=192.0.2.1" END, .faulty = true},
    {FWD "for=192.0.2.9;x=\", for=\"192.0.2.1\"" END, .faulty = true},
    {FWD "for=192.0.2.9;x=\"" END FWD "for=192.0.2.1" END, "192.0.2.1"},
    {FWD "for=192.0.2.1;for=192.0.2.2" END, .faulty = true},
    {FWD "for=192.0.2.1;proto=https;proto=https" END, .faulty = true},
    {FWD "for=" END, .faulty = true},
    {FWD "for" END, .faulty = true},
    {FWD "for =192.0.2.1" END, .faulty = true},
    {FWD "for=\"192.0.2.1\\\"\"" END, .faulty = true},
    {FWD "for=nonsense" END, .faulty = true},
    {FWD "for=192.0.2.1 proto=https" END, .faulty = true},

    /* both kinds: the client may have written either */
    {FWD "for=192.0.2.9;proto=https" END XFF "192.0.2.1" END, .faulty = true},
    {FWD "for=192.0.2.9" END XFP "https" END, .faulty = true},
    {FWD "for=192.0.2.1" END "X-Forwarded-Server: a" END, "192.0.2.1"},
};

static void start(struct forwarded *client)
{
    *client = (struct forwarded){.scheme = TEXT("http")};
    assert_true(config_ip_read(TEXT("10.0.0.1"), client->address.ip));
    client->address.counted = true;
    (void)snprintf(client->peer, sizeof(client->peer), "10.0.0.1:50000");
}

static void check(const struct row *row, const struct string_list *trusted)
{
    const struct http1_head head = {.fields = text_of(row->fields)};
    struct forwarded client;
    struct forwarded proxy;
    const char *fault;
    uint8_t ip[16];

    start(&client);
    proxy = client;
    fault = forwarded_read(&head, trusted, &client);
    if ((fault != NULL) != row->faulty ||
        strcmp(client.peer, row->peer ? row->peer : proxy.peer) != 0 ||
        !text_equal(client.scheme,
                    text_of(row->scheme ? row->scheme : "http")) ||
        !text_equal(client.host, text_of(row->host ? row->host : ""))) {
        print_error("%s: %s %.*s %.*s %s\n", row->fields, client.peer,
                    (int)client.scheme.len, client.scheme.ptr,
                    (int)client.host.len, client.host.ptr, fault ? fault : "");
        fail();
    }
    assert_true(client.address.counted);
    if (row->peer && config_ip_read(text_of(row->peer), ip)) {
        assert_memory_equal(client.address.ip, ip, sizeof(ip));
    }
    if (!row->peer) {
        assert_memory_equal(client.address.ip, proxy.address.ip, sizeof(ip));
    }
}

static void finds_the_nearest_client_that_is_not_a_proxy(void **state)
{
    struct string_list trusted = {0};

    (void)state;
    assert_true(string_list_add(&trusted, "10.0.0.0/8"));
    assert_true(string_list_add(&trusted, "2001:db8:1::/48"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(&rows[i], &trusted);
    }
    string_list_done(&trusted);
}

static void a_proxy_on_a_unix_socket_names_a_client(void **state)
{
    const struct http1_head head = {.fields = TEXT(XFF "192.0.2.1" END)};
    struct forwarded client = {.scheme = TEXT("http"), .peer = "unix"};
    struct string_list trusted = {0};

    (void)state;
    assert_true(string_list_add(&trusted, "unix"));
    assert_null(forwarded_read(&head, &trusted, &client));
    assert_true(client.address.counted);
    assert_string_equal(client.peer, "192.0.2.1");
    string_list_done(&trusted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_nearest_client_that_is_not_a_proxy),
        cmocka_unit_test(a_proxy_on_a_unix_socket_names_a_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
