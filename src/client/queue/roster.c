/*
 * client/queue/roster.c: see roster.h.
 */
#include "client/queue/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options/list.h"

struct queue_entry *queue_roster_find(struct queue_roster *table,
                                      const char *id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->items[i].id, id) == 0) {
            return &table->items[i];
        }
    }
    return NULL;
}

/* A known job keeps its position. */
static struct queue_entry *insert(struct queue_roster *table,
                                  const struct queue_job *job)
{
    struct queue_entry *items =
        reallocarray(table->items, table->count + 1, sizeof(table->items[0]));
    size_t place = table->count;

    if (!items) {
        return NULL;
    }
    table->items = items;
    while (place > 0 && items[place - 1].added_at > job->added_at) {
        place--;
    }
    memmove(items + place + 1, items + place,
            (table->count - place) * sizeof(items[0]));
    table->count++;
    items[place] = (struct queue_entry){.added_at = job->added_at, .pipe = -1};
    memcpy(items[place].id, job->id, sizeof(items[place].id));
    return &items[place];
}

static void erase(struct queue_roster *table, struct queue_entry *entry)
{
    size_t place = (size_t)(entry - table->items);

    memmove(entry, entry + 1,
            (table->count - place - 1) * sizeof(table->items[0]));
    table->count--;
}

static bool has_work(const struct queue_job *job)
{
    switch (job->state) {
    case QUEUE_WAITING:
    case QUEUE_ENDING:
        return true;
    case QUEUE_DONE:
    case QUEUE_FAILED:
        return job->then_due;
    case QUEUE_PAUSED:
        break;
    }
    return false;
}

static void take_over(const struct queue_roster *table,
                      struct queue_entry *entry, const struct queue_job *job)
{
    entry->state = job->state;
    entry->for_network = job->for_network;
    entry->has_work = has_work(job);
    entry->due_at = job->state == QUEUE_WAITING ? job->next_try_at : 0;
    if (entry->for_network && entry->woken) {
        entry->due_at = 0;
    }
    if (table->round_at != 0 && job->state == QUEUE_WAITING &&
        (entry->tried || entry->due_at > table->round_at)) {
        entry->has_work = false;
    }
}

int queue_roster_refresh(struct queue_roster *table, const struct queue *queue,
                         const char *id)
{
    struct queue_entry *entry = queue_roster_find(table, id);
    struct queue_job job;
    int error = queue_load(queue, id, &job);

    if (error && entry && entry->pid != 0) {
        entry->has_work = false; /* its process notices by itself */
        return 0;
    }
    if (error && entry) {
        erase(table, entry);
    }
    if (error) {
        return error == ENOENT ? 0 : error;
    }
    entry = entry ? entry : insert(table, &job);
    if (entry) {
        take_over(table, entry, &job);
    }
    queue_job_done(&job);
    return entry ? 0 : ENOMEM;
}

int queue_roster_fill(struct queue_roster *table, const struct queue *queue,
                      void (*trouble)(void *context, const char *id, int error),
                      void *context)
{
    struct string_list ids;
    int error = queue_list(queue, &ids);

    if (error) {
        return error;
    }
    for (size_t i = 0; i < ids.count; i++) {
        int own = queue_roster_refresh(table, queue, ids.items[i]);

        if (own) {
            trouble(context, ids.items[i], own);
        }
    }
    string_list_done(&ids);
    return 0;
}

struct queue_entry *queue_roster_due(struct queue_roster *table, int64_t now)
{
    for (size_t i = 0; i < table->count; i++) {
        struct queue_entry *entry = &table->items[i];

        if (entry->has_work && entry->pid == 0 && entry->due_at <= now) {
            return entry;
        }
    }
    return NULL;
}

int64_t queue_roster_delay(const struct queue_roster *table, int64_t now)
{
    int64_t delay = -1;

    for (size_t i = 0; i < table->count; i++) {
        const struct queue_entry *entry = &table->items[i];
        int64_t own = entry->due_at > now ? entry->due_at - now : 0;

        if (entry->has_work && entry->pid == 0 && (delay < 0 || own < delay)) {
            delay = own;
        }
    }
    return delay;
}

bool queue_roster_is_idle(const struct queue_roster *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->items[i].has_work || table->items[i].pid != 0) {
            return false;
        }
    }
    return true;
}

size_t queue_roster_workers(const struct queue_roster *table)
{
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        count += table->items[i].pid != 0;
    }
    return count;
}

void queue_roster_wake(struct queue_roster *table)
{
    for (size_t i = 0; i < table->count; i++) {
        table->items[i].woken = true;
        if (table->items[i].for_network) {
            table->items[i].due_at = 0;
        }
    }
}

void queue_roster_done(struct queue_roster *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->items[i].pipe >= 0) {
            (void)close(table->items[i].pipe);
        }
    }
    free(table->items);
    *table = (struct queue_roster){.items = NULL};
}
