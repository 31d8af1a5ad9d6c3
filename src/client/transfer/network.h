/*
 * client/transfer/network.h: notices when an address or a route comes.
 */
#ifndef CLIENT_TRANSFER_NETWORK_H
#define CLIENT_TRANSFER_NETWORK_H

#include <stdbool.h>

/* A descriptor that becomes readable when something changes; the caller closes
 * it.  -1: this machine does not tell. */
int network_open(void);

/* Takes what is there.  True: an address or a route came. */
bool network_came(int fd);

#endif
