/*
 * server/address.h: socket addresses as text.
 */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stdbool.h>

#include <sys/socket.h>

/* Holds "[IPV6]:PORT" and its end. */
#define ADDRESS_TEXT_MAX 64

/* "127.0.0.1:8080", "[::1]:8080".  False: no address of IP; the text is
 * "unix". */
bool address_write(const struct sockaddr *address, char text[ADDRESS_TEXT_MAX]);

#endif
