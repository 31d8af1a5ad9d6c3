/*
 * client/files/jobs.c: see jobs.h.
 */
#include "client/files/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/files/url_names.h"

#define STANDARD_INPUT "-"

struct collector {
    struct jobs *jobs;
    const struct jobs_order *order;
    struct fault *fault;
};

static bool has_standard_input(const struct jobs_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        if (strcmp(order->files[i], STANDARD_INPUT) == 0) {
            return true;
        }
    }
    return false;
}

static const char *conflict_of_input(const struct jobs_order *order)
{
    const struct settings *settings = order->settings;

    if (order->count > 1) {
        return "standard input is sent alone";
    }
    if (settings->recursive || settings->growing || settings->once ||
        settings->remove_source) {
        return "--recursive, --growing, --once and --remove-source are for "
               "files, not for standard input";
    }
    if (url_wants_name(order->url) && !settings->name) {
        return "standard input has no name; give --name, or a URL that does "
               "not end in a slash";
    }
    return NULL;
}

const char *jobs_conflict(const struct jobs_order *order)
{
    const struct settings *settings = order->settings;
    bool is_many = order->count > 1 || settings->recursive;

    if (settings->growing && settings->remove_source) {
        return "a file that is still growing must not be removed: leave out "
               "--growing or --remove-source";
    }
    if (has_standard_input(order)) {
        return conflict_of_input(order);
    }
    if (is_many && !url_wants_name(order->url)) {
        return "several files need a URL that ends in a slash, so that each "
               "has its own name there";
    }
    if (is_many && settings->name) {
        return "--name is for one file";
    }
    if (is_many && settings->reply) {
        return "--reply is for one file";
    }
    return NULL;
}

/* --- one file ------------------------------------------------------------- */

static const char *last_segment(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The real path of the folder and the file's own name.  So every spelling of a
 * path gives the same result, and a link remains a link.  Returns NULL if there
 * is no such folder. */
static char *absolute(const char *path)
{
    CLEANUP(free_string) char *folder = NULL;
    CLEANUP(free_string) char *real = NULL;
    const char *name = last_segment(path);
    char *whole;

    folder = name == path ? strdup(".") : strndup(path, (size_t)(name - path));
    real = folder ? realpath(folder, NULL) : NULL;
    if (!real || asprintf(&whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
                          name) < 0) {
        return NULL;
    }
    return whole;
}

static void job_done(struct job *job)
{
    free(job->path);
    free(job->url);
    free(job->name);
    free(job->relative);
}

/* Takes ownership of the job's path, also on failure. */
static bool add(struct jobs *jobs, struct job job, const char *relative,
                const char *url)
{
    struct job *items =
        realloc(jobs->items, (jobs->count + 1) * sizeof(jobs->items[0]));

    jobs->items = items ? items : jobs->items;
    job.url =
        url_wants_name(url) ? url_append_name(url, relative) : url_clean(url);
    job.name = strdup(last_segment(relative));
    job.relative = strdup(relative);
    if (!items || !job.path || !job.url || !job.name || !job.relative) {
        job_done(&job);
        return false;
    }
    jobs->items[jobs->count++] = job;
    return true;
}

bool jobs_add(struct jobs *jobs, const char *path, const char *relative,
              const char *url)
{
    struct job job = {.path = absolute(path)};

    /* If the folder does not exist the path stays as it is; opening it reports
     * the error. */
    job.path = job.path ? job.path : strdup(path);
    job.place = (struct source_place){AT_FDCWD, job.path};
    return add(jobs, job, relative, url);
}

static int compare_urls(const void *a, const void *b)
{
    const char *const *first = a;
    const char *const *second = b;

    return strcmp(*first, *second);
}

bool jobs_share_a_url(const struct jobs *jobs)
{
    const char **urls = calloc(jobs->count + 1, sizeof(urls[0]));
    bool shared = !urls; /* several URLs are compared below */

    for (size_t i = 0; urls && i < jobs->count; i++) {
        urls[i] = jobs->items[i].url;
    }
    if (urls) {
        qsort(urls, jobs->count, sizeof(urls[0]), compare_urls);
    }
    for (size_t i = 1; urls && i < jobs->count && !shared; i++) {
        shared = strcmp(urls[i - 1], urls[i]) == 0;
    }
    free(urls);
    return shared;
}

void jobs_done(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        job_done(&jobs->items[i]);
    }
    for (size_t i = 0; i < jobs->folder_count; i++) {
        (void)close(jobs->folders[i]);
    }
    free(jobs->folders);
    free(jobs->items);
    *jobs = (struct jobs){NULL};
}

/* --- folders -------------------------------------------------------------- */

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* The part before a name below the folder: the folder's own name, except for
 * "." and "..". */
static const char *below(const char *path, size_t root_len)
{
    size_t start = root_len;

    while (start > 0 && path[start - 1] == '/') {
        start--;
    }
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    if (strncmp(path + start, "./", 2) == 0 ||
        strncmp(path + start, "../", 3) == 0) {
        start = root_len;
    }
    start += strspn(path + start, "/");
    return path + start;
}

static bool say_fault(const struct collector *collector, const char *path,
                      int error)
{
    return fault_set(collector->fault, "%s: %s", path, strerror(error));
}

/* The current folder of the walk.  Files are opened below this descriptor, so
 * that a link that replaces one of them is not followed. */
struct walk {
    int folder;
    char *real;       /* its real path */
    size_t named_len; /* length of the name that the user gave */
};

static bool add_file(const struct collector *collector, const FTSENT *entry,
                     const struct walk *walk)
{
    const char *name = entry->fts_path + walk->named_len;
    struct job job = {0};

    name += strspn(name, "/");
    if (asprintf(&job.path, "%s/%s",
                 strcmp(walk->real, "/") == 0 ? "" : walk->real, name) < 0) {
        return false;
    }
    job.place = (struct source_place){
        walk->folder, job.path + strlen(job.path) - strlen(name)};
    return add(collector->jobs, job, below(entry->fts_path, walk->named_len),
               collector->order->url);
}

static bool visit(const struct collector *collector, const FTSENT *entry,
                  const struct walk *walk)
{
    switch (entry->fts_info) {
    case FTS_F:
        return add_file(collector, entry, walk) ||
               say_fault(collector, entry->fts_path, ENOMEM);
    case FTS_D:
    case FTS_DP:
        return true;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return say_fault(collector, entry->fts_path, entry->fts_errno);
    default:
        collector->order->skipped(collector->order->context, entry->fts_path);
        return true;
    }
}

static bool visit_all(const struct collector *collector, char *path,
                      const struct walk *walk)
{
    char *paths[] = {path, NULL};
    /* Follows links that the user named, and none below. */
    FTS *tree =
        fts_open(paths, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    const FTSENT *entry;
    bool good = true;

    if (!tree) {
        return say_fault(collector, path, errno);
    }
    errno = 0;
    while (good && (entry = fts_read(tree)) != NULL) {
        good = visit(collector, entry, walk);
    }
    if (good && errno != 0) {
        good = say_fault(collector, path, errno);
    }
    (void)fts_close(tree);
    return good;
}

/* Returns -1 with errno on failure. */
static int open_folder(struct jobs *jobs, const char *path)
{
    int *folders =
        realloc(jobs->folders, (jobs->folder_count + 1) * sizeof(folders[0]));
    int fd;

    if (!folders) {
        errno = ENOMEM;
        return -1;
    }
    jobs->folders = folders;
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        folders[jobs->folder_count++] = fd;
    }
    return fd;
}

static bool collect_folder(const struct collector *collector, char *path)
{
    CLEANUP(free_string) char *real = realpath(path, NULL);
    const struct walk walk = {
        .folder = open_folder(collector->jobs, path),
        .real = real,
        .named_len = strlen(path),
    };

    if (!real || walk.folder < 0) {
        return say_fault(collector, path, errno);
    }
    return visit_all(collector, path, &walk);
}

static bool collect(const struct collector *collector, char *path)
{
    const char *name = collector->order->settings->name;
    struct stat info;

    if (collector->order->settings->recursive && stat(path, &info) == 0 &&
        S_ISDIR(info.st_mode)) {
        return collect_folder(collector, path);
    }
    return jobs_add(collector->jobs, path, name ? name : last_segment(path),
                    collector->order->url) ||
           say_fault(collector, path, ENOMEM);
}

bool jobs_collect(struct jobs *jobs, const struct jobs_order *order,
                  struct fault *ret_fault)
{
    const struct collector collector = {jobs, order, ret_fault};

    *jobs = (struct jobs){NULL};
    for (size_t i = 0; i < order->count; i++) {
        if (!collect(&collector, order->files[i])) {
            jobs_done(jobs);
            return false;
        }
    }
    return true;
}
