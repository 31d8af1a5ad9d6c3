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

void address_write_ip(const uint8_t ip[16], unsigned port,
                      char text[ADDRESS_TEXT_MAX])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is_v4 = memcmp(ip, mapped, sizeof(mapped)) == 0;
    char address[INET6_ADDRSTRLEN] = "";
    char behind[8] = "";

    if (is_v4) {
        (void)inet_ntop(AF_INET, ip + sizeof(mapped), address, sizeof(address));
    } else {
        (void)inet_ntop(AF_INET6, ip, address, sizeof(address));
    }
    if (port > 0) {
        (void)snprintf(behind, sizeof(behind), ":%u", port % 65536);
    }
    (void)snprintf(text, ADDRESS_TEXT_MAX, is_v4 ? "%s%s" : "[%s]%s", address,
                   behind);
}
