/*
 * client/transfer/network.h: notices new addresses and routes.
 */
#ifndef CLIENT_TRANSFER_NETWORK_H
#define CLIENT_TRANSFER_NETWORK_H

#include <stdbool.h>

/* Returns a descriptor that becomes readable when something changes; the caller
 * closes it.  Returns -1 if the system does not report changes. */
int network_open(void);

/* Reads pending changes.  Returns true if an address or a route was added. */
bool network_came(int fd);

#endif
