/*
 * server/address.c: see address.h.
 */
#include "server/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool address_write(const struct sockaddr *address, char text[ADDRESS_TEXT_MAX])
{
    char ip[INET6_ADDRSTRLEN] = "";
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        (void)inet_ntop(AF_INET, &v4.sin_addr, ip, sizeof(ip));
        (void)snprintf(text, ADDRESS_TEXT_MAX, "%s:%u", ip, ntohs(v4.sin_port));
        return true;
    }
    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof(v6));
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, ip, sizeof(ip));
        (void)snprintf(text, ADDRESS_TEXT_MAX, "[%s]:%u", ip,
                       ntohs(v6.sin6_port));
        return true;
    }
    (void)snprintf(text, ADDRESS_TEXT_MAX, "unix");
    return false;
}
