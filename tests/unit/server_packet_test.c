/*
 * The URL of a request, which proxies may know better:
 * server/uploads/http_packet.h.
 */
#include "server/uploads/http_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct row {
    const char *target;
    const char *host;      /* of the head */
    const char *forwarded; /* host */
    const char *scheme;
    const char *url;
};

static const struct row rows[] = {
    {"/a", "h:1", "", "http", "http://h:1/a"},
    {"/a", "", "", "http", "http://127.0.0.1:80/a"},
    {"/a?b", "h:1", "files.example", "https", "https://files.example/a?b"},
    {"/a", "", "files.example", "http", "http://files.example/a"},
    {"http://other/a", "h:1", "files.example", "https", "http://other/a"},
};

static void check(const struct row *row)
{
    const struct http1_head head = {.method = TEXT(BITS_METHOD),
                                    .target = text_of(row->target),
                                    .fields = TEXT(""),
                                    .host = text_of(row->host)};
    const struct packet_origin origin = {
        .client = {.scheme = text_of(row->scheme),
                   .host = text_of(row->forwarded),
                   .peer = "192.0.2.1"},
        .authority = "127.0.0.1:80",
    };
    struct packet *packet = packet_new(&origin, &head);

    assert_non_null(packet);
    assert_null(packet_read(packet, &origin, &head));
    assert_true(text_equal(packet->request.url, text_of(row->url)));
    assert_true(text_equal(packet->request.peer, TEXT("192.0.2.1")));
    free(packet);
}

static void the_url_has_the_host_that_the_client_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check(&rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_url_has_the_host_that_the_client_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
