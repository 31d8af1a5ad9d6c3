/*
 * forwarded_fuzz.c: any fields as those of proxies.
 *
 * Oracles: fields that only an untrusted client can have written change
 * nothing, however they look, if the proxy's own follow on lines of their own;
 * what is believed is an address, http or https, and a host.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/address_set.h"
#include "http1/head.h"
#include "server/http/forwarded.h"

#define START "GET / HTTP/1.1\r\nHost: h\r\n"
#define PROXY "X-Forwarded-For: 192.0.2.1\r\n"
#define STANDARD "Forwarded: for=192.0.2.1;proto=https;host=a.example\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact) {
        abort();
    }
}

static char network4[] = "10.0.0.0/8";
static char network6[] = "2001:db8::/32";
static char *networks[] = {network4, network6};
static const struct string_list trusted = {networks, 2};

/* Returns false if the fields with `behind` after them are not a head. */
static bool read_fields(const uint8_t *data, size_t size, const char *behind,
                        struct forwarded *ret_client)
{
    size_t length = sizeof(START) - 1 + size + strlen(behind) + 2;
    char *text = malloc(length);
    struct http1_head head;
    struct http1_offence offence;
    size_t used;
    char *end = text;
    bool done;

    require(text != NULL);
    end = mempcpy(end, START, sizeof(START) - 1);
    end = mempcpy(end, data, size);
    end = mempcpy(end, behind, strlen(behind));
    (void)mempcpy(end, "\r\n", 2);
    *ret_client = (struct forwarded){.scheme = TEXT("http"), .peer = "unix"};
    done = http1_head_parse((struct bits_text){text, length}, 0, &head, &used,
                            &offence) == HTTP1_DONE &&
           used == length;
    if (done) {
        (void)forwarded_read(&head, &trusted, ret_client);
        require(ret_client->host.len == 0 || http1_is_host(ret_client->host));
        ret_client->host = TEXT("");
    }
    free(text);
    return done;
}

static bool is_client(const struct forwarded *client)
{
    return strcmp(client->peer, "192.0.2.1") == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct forwarded client;

    if (size > 4096 || !read_fields(data, size, "", &client)) {
        return 0;
    }
    require(text_equal(client.scheme, TEXT("http")) ||
            text_equal(client.scheme, TEXT("https")));
    require(client.address.counted == (strcmp(client.peer, "unix") != 0));
    require(read_fields(data, size, PROXY, &client));
    require(is_client(&client) || !client.address.counted);
    require(read_fields(data, size, STANDARD, &client));
    require(is_client(&client) || !client.address.counted);
    require(!is_client(&client) || text_equal(client.scheme, TEXT("https")));
    return 0;
}
