/*
 * bits/commands/upload_run.c: the transfers of `bits upload`, some at a time,
 * and their common result.
 *
 * Each worker is a thread with an agent of its own: libcurl and the runner are
 * not shared (docs/decisions/0020).  The first worker uses the thread of
 * main(), so that a single one needs no other thread.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bits/commands/upload_command.h"
#include "bits/progress/total.h"
#include "client/http/agent.h"
#include "client/transfer/runner.h"

/* Combines several exit statuses. */
struct tally {
    size_t done;
    size_t failed;
    int status; /* common status of the failures, if they agree */
};

/* Shared by the workers. */
struct crew {
    const struct upload *upload;
    struct throttle throttle;
    struct progress_total total;
    pthread_mutex_t lock; /* guards the next two */
    size_t next;          /* index of the next job */
    struct tally tally;
};

struct worker {
    struct crew *crew;
    struct agent *agent; /* owned */
    struct progress_member member;
    pthread_t thread;
    bool started; /* false for the first one: no thread to join */
};

/* --- the end -------------------------------------------------------------- */

static void count(struct tally *tally, int status)
{
    if (status == CLIENT_DONE) {
        tally->done++;
        return;
    }
    if (tally->failed > 0 && tally->status != status) {
        status = CLIENT_SOME_FAILED;
    }
    tally->status = status;
    tally->failed++;
}

static int sum_up(struct crew *crew)
{
    const struct upload *upload = crew->upload;
    const struct tally *tally = &crew->tally;
    const struct stop *stop = upload->line->stop;

    if (stop->asked && tally->done < upload->jobs.count) {
        return CLIENT_BY_SIGNAL + stop->signal;
    }
    if (tally->failed == 0) {
        return CLIENT_DONE;
    }
    if (upload->jobs.count > 1) {
        say_error(upload->line->say, "%zu of %zu files were not sent",
                  upload->jobs.count - tally->done, upload->jobs.count);
        progress_total_say_summary(&crew->total);
    }
    return tally->done > 0 ? CLIENT_SOME_FAILED : tally->status;
}

/* --- one worker ----------------------------------------------------------- */

/* Returns NULL if no job is left, if none can succeed, or if a stop was
 * requested. */
static const struct job *take(struct crew *crew)
{
    const struct jobs *jobs = &crew->upload->jobs;
    const struct job *job = NULL;

    (void)pthread_mutex_lock(&crew->lock);
    if (crew->next < jobs->count && !crew->upload->line->stop->asked &&
        !progress_total_is_hopeless(&crew->total)) {
        job = &jobs->items[crew->next++];
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return job;
}

static void put_back(struct crew *crew, const struct runner_end *end)
{
    (void)pthread_mutex_lock(&crew->lock);
    count(&crew->tally, (int)end->exit);
    (void)pthread_mutex_unlock(&crew->lock);
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct crew *crew = worker->crew;
    const struct settings *settings = &crew->upload->settings;
    const struct runner runner = {
        .agent = worker->agent,
        .folder = crew->upload->home.fd,
        .stop = crew->upload->line->stop,
        .watcher = &worker->member.watcher,
    };
    const struct job *job;
    struct runner_end end;

    while ((job = take(crew)) != NULL) {
        const struct runner_job runner_job = {
            .path = job->path,
            .place = job->place,
            .url = job->url,
            .name = job->name,
            .settings = settings,
            .retry = runner_retry(&bits_retry_foreground, settings),
            .foreground = true,
        };

        runner_upload(&runner, &runner_job, &end);
        put_back(crew, &end);
    }
    /* Some servers serve one connection at a time: an idle one would block the
     * other workers. */
    worker->agent = agent_free(worker->agent);
    return NULL;
}

/* --- all of them ---------------------------------------------------------- */

/* Starts the threads with signals blocked: the thread of main() handles them.
 * If fewer threads start, they do the same work. */
static void start(struct worker *workers, size_t workers_count)
{
    sigset_t blocked;
    sigset_t signals;

    (void)sigfillset(&blocked);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, &signals);
    for (size_t i = 1; i < workers_count; i++) {
        workers[i].started =
            pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

static void finish(struct worker *workers, size_t workers_count)
{
    for (size_t i = 1; i < workers_count; i++) {
        if (workers[i].started) {
            (void)pthread_join(workers[i].thread, NULL);
        }
    }
}

/* All jobs go to one host.  Prints an error and returns false on failure. */
static bool equip(struct worker *worker, struct crew *crew)
{
    const struct upload *upload = crew->upload;
    struct fault fault;

    *worker = (struct worker){.crew = crew};
    progress_member_init(&worker->member, &crew->total);
    worker->agent =
        agent_new(&upload->settings, upload->url, upload->line->stop, &fault);
    if (!worker->agent) {
        say_error(upload->line->say, "%s", fault.text);
        return false;
    }
    agent_share_throttle(worker->agent, &crew->throttle);
    return true;
}

static int run(struct crew *crew, struct worker *workers, size_t workers_count)
{
    for (size_t i = 0; i < workers_count; i++) {
        if (!equip(&workers[i], crew)) {
            return CLIENT_USAGE;
        }
    }
    start(workers, workers_count);
    (void)work(&workers[0]);
    finish(workers, workers_count);
    progress_total_sum_up(&crew->total, crew->upload->jobs.count - crew->next);
    return sum_up(crew);
}

/* --- preparation --------------------------------------------------------- */

/* Files for one URL are sent in order, one after the other. */
static size_t workers_for(const struct upload *upload)
{
    size_t wished = (size_t)upload->settings.jobs;
    size_t jobs = upload->jobs.count;

    if (jobs < 2 || wished < 2 || jobs_share_a_url(&upload->jobs)) {
        return 1;
    }
    return wished < jobs ? wished : jobs;
}

/* For the live line. */
static uint64_t size_of_all(const struct upload *upload)
{
    uint64_t size = 0;
    struct stat info;

    for (size_t i = 0; i < upload->jobs.count; i++) {
        if (stat(upload->jobs.items[i].path, &info) == 0 &&
            S_ISREG(info.st_mode)) {
            size += (uint64_t)info.st_size;
        }
    }
    return size;
}

int upload_run(const struct upload *upload)
{
    struct crew crew = {.upload = upload};
    size_t workers_count = workers_for(upload);
    struct worker *workers = calloc(workers_count, sizeof(workers[0]));
    bool looks = upload->jobs.count > 1 && upload->line->say->terminal;
    int status;

    if (!workers) {
        say_error(upload->line->say, "out of memory");
        return CLIENT_LOCAL;
    }
    throttle_init(&crew.throttle, upload->settings.limit_rate);
    (void)pthread_mutex_init(&crew.lock, NULL);
    progress_total_init(&crew.total, upload->line->say, workers_count,
                        upload->jobs.count, looks ? size_of_all(upload) : 0);
    status = run(&crew, workers, workers_count);
    for (size_t i = 0; i < workers_count; i++) {
        (void)agent_free(workers[i].agent);
    }
    progress_total_done(&crew.total);
    (void)pthread_mutex_destroy(&crew.lock);
    throttle_done(&crew.throttle);
    free(workers);
    return status;
}
