/*
 * server/census.c: see census.h.
 *
 * An address has an entry while it has a connection, so max_connections bounds
 * the table.
 */
#include "server/census.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Memory left behind by fewer connections than this is not worth returning. */
#define CROWD 256

struct census_entry {
    struct census_entry *next;
    uint8_t ip[16];
    uint64_t count;
};

struct census_address census_address_of(const struct sockaddr *socket_address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct census_address address = {.counted = false};

    if (socket_address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, socket_address, sizeof(v4));
        memcpy(address.ip, mapped, sizeof(mapped));
        memcpy(address.ip + sizeof(mapped), &v4.sin_addr, 4);
        address.counted = true;
    } else if (socket_address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, socket_address, sizeof(v6));
        memcpy(address.ip, &v6.sin6_addr, sizeof(address.ip));
        address.counted = true;
    }
    return address;
}

int census_init(struct census *census)
{
    memset(census, 0, sizeof(*census));
    return uv_mutex_init(&census->mutex);
}

void census_done(struct census *census)
{
    uv_mutex_destroy(&census->mutex);
}

/* FNV-1a needs no key: to fill one bucket on purpose, an attacker must own one
 * address per entry. */
static struct census_entry **bucket_of(struct census *census,
                                       const uint8_t ip[16])
{
    uint32_t hash = 2166136261u;

    for (int i = 0; i < 16; i++) {
        hash = (hash ^ ip[i]) * 16777619u;
    }
    return &census->buckets[hash % CENSUS_BUCKETS];
}

static struct census_entry **find(struct census *census, const uint8_t ip[16])
{
    struct census_entry **place = bucket_of(census, ip);

    while (*place && memcmp((*place)->ip, ip, sizeof((*place)->ip)) != 0) {
        place = &(*place)->next;
    }
    return place;
}

/* If memory ran out, the address is not counted. */
static uint64_t count_address(struct census *census, const uint8_t ip[16])
{
    struct census_entry **place = find(census, ip);

    if (!*place) {
        *place = calloc(1, sizeof(**place));
        if (!*place) {
            return 0;
        }
        memcpy((*place)->ip, ip, sizeof((*place)->ip));
    }
    return ++(*place)->count;
}

static enum census_verdict over(uint64_t excess, uint64_t overflow,
                                enum census_verdict verdict)
{
    return excess > overflow ? CENSUS_FLOODED : verdict;
}

enum census_verdict census_enter(struct census *census,
                                 const struct census_address *address,
                                 uint64_t max, uint64_t max_per_address)
{
    enum census_verdict verdict = CENSUS_WELCOME;
    uint64_t count = 0;

    uv_mutex_lock(&census->mutex);
    if (address->counted) {
        count = count_address(census, address->ip);
    }
    census->total++;
    if (census->total > census->most) {
        census->most = census->total;
    }
    if (count > max_per_address) {
        verdict = over(count - max_per_address, CENSUS_OVERFLOW_ADDRESS,
                       CENSUS_FULL_ADDRESS);
    } else if (census->total > max) {
        verdict = over(census->total - max, CENSUS_OVERFLOW, CENSUS_FULL);
    }
    uv_mutex_unlock(&census->mutex);
    return verdict;
}

static void discount_address(struct census *census, const uint8_t ip[16])
{
    struct census_entry **place = find(census, ip);
    struct census_entry *entry = *place;

    if (entry && --entry->count == 0) {
        *place = entry->next;
        free(entry);
    }
}

void census_leave(struct census *census, const struct census_address *address)
{
    uv_mutex_lock(&census->mutex);
    census->total--;
    if (address->counted) {
        discount_address(census, address->ip);
    }
    uv_mutex_unlock(&census->mutex);
}

bool census_has_emptied(struct census *census)
{
    bool emptied;

    uv_mutex_lock(&census->mutex);
    emptied = census->most >= CROWD && census->total < census->most / 2;
    if (emptied) {
        census->most = census->total;
    }
    uv_mutex_unlock(&census->mutex);
    return emptied;
}
