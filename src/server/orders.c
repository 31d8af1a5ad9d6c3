/*
 * server/orders.c: see orders.h.
 */
#include "server/orders.h"

#include "config/config.h"

int orders_init(struct orders *orders, struct config *config, size_t loops)
{
    int r = uv_mutex_init(&orders->mutex);

    if (r >= 0) {
        orders->config = config_ref(config);
        orders->listening = loops;
        orders->running = loops;
    }
    return r;
}

void orders_done(struct orders *orders)
{
    config_unref(orders->config);
    uv_mutex_destroy(&orders->mutex);
}

bool orders_read(struct orders *orders, unsigned *serial,
                 struct config **config, enum server_phase *phase)
{
    struct config *old = *config;

    if (__atomic_load_n(&orders->serial, __ATOMIC_ACQUIRE) == *serial) {
        return false;
    }
    uv_mutex_lock(&orders->mutex);
    *serial = orders->serial;
    *config = config_ref(orders->config);
    *phase = orders->phase;
    uv_mutex_unlock(&orders->mutex);
    config_unref(old);
    return true;
}

static bool is_last(struct orders *orders, size_t *count)
{
    bool last;

    uv_mutex_lock(&orders->mutex);
    last = --*count == 0;
    uv_mutex_unlock(&orders->mutex);
    return last;
}

bool orders_end_listening(struct orders *orders)
{
    return is_last(orders, &orders->listening);
}

bool orders_end_running(struct orders *orders)
{
    return is_last(orders, &orders->running);
}
