/*
 * client/transfer/network.c: see network.h.
 */
#include "client/transfer/network.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

int network_open(void)
{
    const struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_ROUTE);

    if (fd >= 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool has_news(struct nlmsghdr *message, size_t size)
{
    for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
        if (message->nlmsg_type == RTM_NEWADDR ||
            message->nlmsg_type == RTM_NEWROUTE) {
            return true;
        }
    }
    return false;
}

bool network_came(int fd)
{
    _Alignas(struct nlmsghdr) char room[16384];
    bool came = false;
    ssize_t n;

    while ((n = recv(fd, room, sizeof(room), MSG_DONTWAIT)) > 0) {
        came = has_news((struct nlmsghdr *)(void *)room, (size_t)n) || came;
    }
    return came;
}
