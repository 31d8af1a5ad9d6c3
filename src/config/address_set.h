/*
 * config/address_set.h: addresses and networks in the file, such as those of
 * trusted_proxies.
 *
 * Pure: no look-ups.
 */
#ifndef CONFIG_ADDRESS_SET_H
#define CONFIG_ADDRESS_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/text.h>

#include "options/list.h"

struct config_network {
    bool is_unix;   /* clients of unix sockets, which have no address */
    uint8_t ip[16]; /* IPv4 in its IPv6-mapped form */
    unsigned bits;  /* of ip that count */
};

/* "ADDRESS", "ADDRESS/BITS" or "unix".  Returns false for anything else, and
 * for a network with a bit set behind its BITS. */
bool config_network_read(const char *text, struct config_network *ret_network);

/* An IPv4 or IPv6 address without brackets, into the form of struct
 * config_network. */
bool config_ip_read(struct bits_text text, uint8_t ret_ip[16]);

/* Returns true if a network of the list has the address; NULL: of a unix
 * socket. */
bool config_networks_have(const struct string_list *networks,
                          const uint8_t *ip);

#endif
