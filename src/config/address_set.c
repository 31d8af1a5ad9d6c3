/*
 * config/address_set.c: see network.h.
 */
#include "config/address_set.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

#define IPV6_BITS 128
#define IPV4_BITS 32

static bool read_family(struct bits_text text, int family, uint8_t *ret_ip)
{
    char terminated[INET6_ADDRSTRLEN];

    if (text.len >= sizeof(terminated)) {
        return false;
    }
    memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    return strlen(terminated) == text.len &&
           inet_pton(family, terminated, ret_ip) == 1;
}

bool config_ip_read(struct bits_text text, uint8_t ret_ip[16])
{
    uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff};

    if (read_family(text, AF_INET, mapped + 12)) {
        memcpy(ret_ip, mapped, sizeof(mapped));
        return true;
    }
    return read_family(text, AF_INET6, ret_ip);
}

static bool bit_of(const uint8_t ip[16], unsigned index)
{
    return (ip[index / 8] >> (7 - index % 8) & 1) != 0;
}

static bool has_rest(const struct config_network *network)
{
    for (unsigned i = network->bits; i < IPV6_BITS; i++) {
        if (bit_of(network->ip, i)) {
            return true;
        }
    }
    return false;
}

static bool read_bits(struct bits_text text, unsigned most, unsigned *ret_bits)
{
    uint64_t bits;

    if (!text_to_u64(text, &bits) || bits > most) {
        return false;
    }
    *ret_bits = IPV6_BITS - most + (unsigned)bits;
    return true;
}

bool config_network_read(const char *text, struct config_network *ret_network)
{
    struct config_network network = {.bits = IPV6_BITS};
    struct bits_text rest = text_of(text);
    struct bits_text address = rest;
    unsigned most = strchr(text, ':') ? IPV6_BITS : IPV4_BITS;

    if (strcmp(text, "unix") == 0) {
        *ret_network = (struct config_network){.is_unix = true};
        return true;
    }
    if (text_take_until(&rest, '/', &address) &&
        !read_bits(rest, most, &network.bits)) {
        return false;
    }
    if (!config_ip_read(address, network.ip) || has_rest(&network)) {
        return false;
    }
    *ret_network = network;
    return true;
}

static bool has(const struct config_network *network, const uint8_t *ip)
{
    if (network->is_unix || !ip) {
        return network->is_unix && !ip;
    }
    for (unsigned i = 0; i < network->bits; i++) {
        if (bit_of(network->ip, i) != bit_of(ip, i)) {
            return false;
        }
    }
    return true;
}

bool config_networks_have(const struct string_list *networks, const uint8_t *ip)
{
    struct config_network network;

    for (size_t i = 0; i < networks->count; i++) {
        if (config_network_read(networks->items[i], &network) &&
            has(&network, ip)) {
            return true;
        }
    }
    return false;
}
