/*
 * bench/durable.c: see durable.h.
 *
 * Each thread: create in a staging folder, write, fdatasync, fsync the staging
 * folder, rename, fsync the target folder; then the next.
 */
#include "durable.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pattern.h"
#include "samples.h"

struct durable {
    const struct options *options;
    struct pattern pattern;
    int staging;
    int target;
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t errors;
    pthread_mutex_t mutex; /* of samples */
    struct samples samples;
};

static bool write_file(struct durable *durable, const char *name,
                       uint64_t number)
{
    size_t size = (size_t)durable->options->size;
    int fd = openat(durable->staging, name,
                    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    bool ok = fd >= 0 &&
              pwrite(fd, pattern_at(&durable->pattern, number, 0), size, 0) ==
                  (ssize_t)size &&
              fdatasync(fd) == 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

static bool deliver(struct durable *durable, uint64_t number)
{
    char name[96];

    (void)snprintf(name, sizeof(name), "%s-%" PRIu64, durable->options->name,
                   number);
    return write_file(durable, name, number) && fsync(durable->staging) == 0 &&
           renameat(durable->staging, name, durable->target, name) == 0 &&
           fsync(durable->target) == 0;
}

static void *work(void *context)
{
    struct durable *durable = context;
    uint64_t number;

    while ((number = atomic_fetch_add(&durable->next, 1)) <
           durable->options->count) {
        uint64_t start = samples_now();

        if (!deliver(durable, number)) {
            atomic_fetch_add(&durable->errors, 1);
        }
        start = samples_now() - start;
        (void)pthread_mutex_lock(&durable->mutex);
        samples_add(&durable->samples, start);
        (void)pthread_mutex_unlock(&durable->mutex);
    }
    return NULL;
}

static bool run_threads(struct durable *durable)
{
    size_t count = (size_t)durable->options->connections;
    pthread_t *threads = calloc(count, sizeof(*threads));
    size_t started = 0;

    while (threads && started < count &&
           pthread_create(&threads[started], NULL, work, durable) == 0) {
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    free(threads);
    return started == count;
}

static bool open_folders(struct durable *durable)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

    durable->target = open(durable->options->folder, flags);
    if (durable->target < 0) {
        return false;
    }
    (void)mkdirat(durable->target, ".staging", 0700);
    durable->staging = openat(durable->target, ".staging", flags);
    return durable->staging >= 0;
}

static void report(struct durable *durable, double seconds)
{
    samples_sort(&durable->samples);
    (void)printf("{\"done\": %zu, \"seconds\": %.6f, \"p50_us\": %.1f"
                 ", \"p99_us\": %.1f}\n",
                 durable->samples.count, seconds,
                 samples_at(&durable->samples, 500),
                 samples_at(&durable->samples, 990));
}

int durable_run(const struct options *options)
{
    struct durable durable = {.options = options,
                              .mutex = PTHREAD_MUTEX_INITIALIZER};
    uint64_t start;

    if (options->size > PATTERN_PIECE || !pattern_init(&durable.pattern) ||
        !open_folders(&durable)) {
        perror("bare: cannot begin");
        return 1;
    }
    start = samples_now();
    if (!run_threads(&durable)) {
        (void)fputs("bare: no threads\n", stderr);
        return 1;
    }
    report(&durable, (double)(samples_now() - start) / 1e9);
    samples_done(&durable.samples);
    pattern_done(&durable.pattern);
    return atomic_load(&durable.errors) == 0 ? 0 : 1;
}
