/*
 * client/queue/queue.c: the files of the jobs; see queue.h. locks.c has the
 * locks, ended.c the jobs that ended.
 */
#include "client/queue/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/text.h"
#include "client/cleanup.h"
#include "client/queue/locks.h"
#include "options/list.h"
#include "os/file.h"
#include "os/random.h"

#define FILE_MAX_LEN (QUEUE_ID_LEN + 8)
#define JOB_ENDING ".json"
#define FRESH_ENDING ".new"
#define CHANGES_LOCK "changes.lock"

/* A larger file is not one of ours. */
#define TEXT_LIMIT ((size_t)1024 * 1024)

/* Attempts to find an unused random id. */
#define DRAWS 16

bool queue_open(struct queue *queue, struct fault *ret_fault)
{
    return home_open(&queue->home, "queue", ret_fault);
}

void queue_close(struct queue *queue)
{
    home_done(&queue->home);
}

/* --- names ---------------------------------------------------------------- */

bool queue_is_id(const char *text)
{
    size_t len = strspn(text, "0123456789abcdef");

    return len == QUEUE_ID_LEN && text[len] == '\0';
}

bool queue_id_of_file(const char *name, char ret_id[QUEUE_ID_LEN + 1])
{
    if (strlen(name) != QUEUE_ID_LEN + strlen(JOB_ENDING) ||
        strcmp(name + QUEUE_ID_LEN, JOB_ENDING) != 0) {
        return false;
    }
    memcpy(ret_id, name, QUEUE_ID_LEN);
    ret_id[QUEUE_ID_LEN] = '\0';
    return queue_is_id(ret_id);
}

static void name_of(const char *id, const char *ending, char name[FILE_MAX_LEN])
{
    (void)snprintf(name, FILE_MAX_LEN, "%.*s%s", QUEUE_ID_LEN, id, ending);
}

/* The lock for all changes, held for a moment only. */
static int hold_changes(const struct queue *queue)
{
    int fd;

    do {
        fd = queue_lock_file(queue, CHANGES_LOCK);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* --- reading -------------------------------------------------------------- */

static int read_object(const struct queue *queue, const char *name,
                       json_t **ret_object)
{
    CLEANUP(close_file)
    int fd = os_open_regular(queue->home.fd, name, O_RDONLY | O_NOFOLLOW);
    uint64_t length;
    int error;

    if (fd < 0) {
        return errno == ENXIO || errno == EISDIR ? EILSEQ : errno;
    }
    error = os_file_length(fd, &length);
    if (error) {
        return error;
    }
    *ret_object = length > TEXT_LIMIT ? NULL : json_loadfd(fd, 0, NULL);
    return *ret_object ? 0 : EILSEQ;
}

int queue_load(const struct queue *queue, const char *id,
               struct queue_job *ret_job)
{
    char name[FILE_MAX_LEN];
    json_t *object = NULL;
    int error;

    name_of(id, JOB_ENDING, name);
    error = read_object(queue, name, &object);
    if (error) {
        return error;
    }
    queue_job_init(ret_job);
    (void)snprintf(ret_job->id, sizeof(ret_job->id), "%.*s", QUEUE_ID_LEN, id);
    if (!queue_job_from_json(ret_job, object)) {
        queue_job_done(ret_job);
        error = EILSEQ;
    }
    json_decref(object);
    return error;
}

int queue_list(const struct queue *queue, struct string_list *ret_ids)
{
    int fd = openat(queue->home.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    char id[QUEUE_ID_LEN + 1];
    struct dirent *entry;
    int error = 0;

    *ret_ids = (struct string_list){0};
    if (!folder) {
        return errno;
    }
    errno = 0;
    while (!error && (entry = readdir(folder))) {
        if (queue_id_of_file(entry->d_name, id) &&
            !string_list_add(ret_ids, id)) {
            error = ENOMEM;
        }
    }
    error = error ? error : errno;
    (void)closedir(folder);
    if (error) {
        string_list_done(ret_ids);
    }
    return error;
}

/* --- writing -------------------------------------------------------------- */

static int write_fresh(const struct queue *queue, const char *name,
                       const char *text)
{
    (void)unlinkat(queue->home.fd, name, 0); /* left by a process that died */
    return os_write_text(queue->home.fd, name, text);
}

/* The caller holds the folder's lock. */
static int save(const struct queue *queue, const struct queue_job *job)
{
    CLEANUP(free_string) char *text = NULL;
    json_t *object = queue_job_to_json(job);
    char fresh[FILE_MAX_LEN];
    char name[FILE_MAX_LEN];
    int error;

    text = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
    json_decref(object);
    if (!text) {
        return ENOMEM;
    }
    name_of(job->id, FRESH_ENDING, fresh);
    name_of(job->id, JOB_ENDING, name);
    error = write_fresh(queue, fresh, text);
    if (error) {
        return error;
    }
    if (renameat(queue->home.fd, fresh, queue->home.fd, name) != 0 ||
        fsync(queue->home.fd) != 0) {
        return errno;
    }
    return 0;
}

static bool exists(const struct queue *queue, const char *id)
{
    char name[FILE_MAX_LEN];

    name_of(id, JOB_ENDING, name);
    return faccessat(queue->home.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool draw_id(const struct queue *queue, char id[QUEUE_ID_LEN + 1])
{
    uint32_t number;

    for (int i = 0; i < DRAWS && os_random(&number, sizeof(number)); i++) {
        (void)snprintf(id, QUEUE_ID_LEN + 1, "%08" PRIx32, number);
        if (!exists(queue, id)) {
            return true;
        }
    }
    return false;
}

int queue_add(const struct queue *queue, struct queue_job *job)
{
    CLEANUP(close_file) int lock = hold_changes(queue);

    if (lock < 0) {
        return errno;
    }
    return draw_id(queue, job->id) ? save(queue, job) : EAGAIN;
}

int queue_change(const struct queue *queue, const char *id,
                 bool (*change)(struct queue_job *job, void *context),
                 void *context)
{
    CLEANUP(close_file) int lock = hold_changes(queue);
    struct queue_job job;
    int error;

    if (lock < 0) {
        return errno;
    }
    error = queue_load(queue, id, &job);
    if (error) {
        return error;
    }
    if (change(&job, context)) {
        error = save(queue, &job);
    }
    queue_job_done(&job);
    return error;
}

int queue_remove(const struct queue *queue, const char *id)
{
    CLEANUP(close_file) int lock = hold_changes(queue);
    char name[FILE_MAX_LEN];

    if (lock < 0) {
        return errno;
    }
    name_of(id, JOB_ENDING, name);
    if (unlinkat(queue->home.fd, name, 0) != 0) {
        return errno;
    }
    name_of(id, QUEUE_LOCK_ENDING, name);
    (void)unlinkat(queue->home.fd, name, 0);
    return fsync(queue->home.fd) == 0 ? 0 : errno;
}
