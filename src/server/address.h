/*
 * server/address.h: socket addresses as text.
 */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/socket.h>

/* Room for "[IPV6]:PORT", terminated. */
#define ADDRESS_TEXT_MAX 64

/* "127.0.0.1:8080", "[::1]:8080".  Returns false for an address that is not an
 * IP address; the text is "unix" then. */
bool address_write(const struct sockaddr *address, char text[ADDRESS_TEXT_MAX]);

/* The same for an address in the form of census.h; port 0: without a port,
 * "[::1]". */
void address_write_ip(const uint8_t ip[16], unsigned port,
                      char text[ADDRESS_TEXT_MAX]);

#endif
