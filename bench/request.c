/*
 * bench/request.c: see request.h.
 */
#include "request.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/compiler.h"

#define BITS_COMMON                                                            \
    "Accept: */*\r\n"                                                          \
    "User-Agent: Microsoft BITS/7.8\r\n"                                       \
    "Host: 127.0.0.1\r\n"                                                      \
    "Connection: Keep-Alive\r\n"

#define PUT_COMMON                                                             \
    "Accept: */*\r\n"                                                          \
    "User-Agent: bench\r\n"                                                    \
    "Host: 127.0.0.1\r\n"

PRINTF_LIKE(2, 3)
static void write_head(struct client *client, const char *format, ...)
{
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(client->head, sizeof(client->head), format, arguments);
    va_end(arguments);
    client->head_sent = 0;
    client->head_len = n > 0 ? (size_t)n : 0;
}

static void write_create(struct client *client)
{
    write_head(client,
               "BITS_POST /%s-%" PRIu64 " HTTP/1.1\r\n"
               "BITS-Packet-Type: Create-Session\r\n"
               "BITS-Supported-Protocols: "
               "{7df0354d-249b-430f-820d-3d2a9bef4931}\r\n"
               "Content-Name: %s-%" PRIu64 "\r\n"
               "Content-Length: 0\r\n" BITS_COMMON "\r\n",
               client->load->options.name, client->number,
               client->load->options.name, client->number);
}

static void write_fragment(struct client *client)
{
    write_head(client,
               "BITS_POST /%s-%" PRIu64 " HTTP/1.1\r\n"
               "BITS-Packet-Type: Fragment\r\n"
               "BITS-Session-Id: %s\r\n"
               "Content-Name: %s-%" PRIu64 "\r\n"
               "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n"
               "Content-Length: %" PRIu64 "\r\n" BITS_COMMON "\r\n",
               client->load->options.name, client->number, client->session,
               client->load->options.name, client->number, client->body_at,
               client->body_at + client->body_left - 1,
               client->load->options.size, client->body_left);
}

static void write_put(struct client *client)
{
    if (client->load->options.fragment >= client->load->options.size) {
        write_head(client,
                   "PUT /%s-%" PRIu64 " HTTP/1.1\r\n"
                   "Content-Length: %" PRIu64 "\r\n" PUT_COMMON "\r\n",
                   client->load->options.name, client->number,
                   client->body_left);
        return;
    }
    write_head(client,
               "PUT /%s-%" PRIu64 " HTTP/1.1\r\n"
               "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n"
               "Content-Length: %" PRIu64 "\r\n" PUT_COMMON "\r\n",
               client->load->options.name, client->number, client->body_at,
               client->body_at + client->body_left - 1,
               client->load->options.size, client->body_left);
}

static void write_close(struct client *client)
{
    write_head(client,
               "BITS_POST /%s-%" PRIu64 " HTTP/1.1\r\n"
               "BITS-Packet-Type: Close-Session\r\n"
               "BITS-Session-Id: %s\r\n"
               "Content-Length: 0\r\n" BITS_COMMON "\r\n",
               client->load->options.name, client->number, client->session);
}

static void write_question(struct client *client)
{
    if (client->load->kind == LOAD_GET) {
        write_head(client, "GET /%s HTTP/1.1\r\n" PUT_COMMON "\r\n",
                   client->load->options.name);
        return;
    }
    write_head(client,
               "BITS_POST /%s HTTP/1.1\r\n"
               "BITS-Packet-Type: Ping\r\n"
               "Content-Length: 0\r\n" BITS_COMMON "\r\n",
               client->load->options.name);
}

void request_write(struct client *client)
{
    switch (client->step) {
    case CLIENT_CREATES:
        write_create(client);
        break;
    case CLIENT_SENDS:
        if (client->load->kind == LOAD_PUT) {
            write_put(client);
        } else {
            write_fragment(client);
        }
        break;
    case CLIENT_CLOSES:
        write_close(client);
        break;
    case CLIENT_ASKS:
        write_question(client);
        break;
    case CLIENT_RESTS:
    case CLIENT_ENDED:
        break;
    }
}
