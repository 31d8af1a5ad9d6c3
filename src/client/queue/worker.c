/*
 * client/queue/worker.c: see worker.h.
 */
#include "client/queue/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sent when a job is done. */
#define DONE 'd'

/* --- the process ---------------------------------------------------------- */

/* Reports that the last job is done and waits for the next one.  Returns false
 * if no job follows, or if a signal asked the process to end. */
static bool await(const struct stop *stop, int line, char id[QUEUE_ID_LEN + 1])
{
    struct pollfd fds[] = {{.fd = line, .events = POLLIN},
                           {.fd = stop->fd, .events = POLLIN}};
    const char done = DONE;

    if (send(line, &done, 1, MSG_NOSIGNAL) != 1) {
        return false;
    }
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
        continue;
    }
    id[QUEUE_ID_LEN] = '\0';
    return !stop->asked && recv(line, id, QUEUE_ID_LEN, 0) == QUEUE_ID_LEN;
}

/* Runs one job after the other.  A stop requested by the job itself ends with
 * it; a stop requested by a signal ends the process. */
static bool work_on(const struct queue_runner *run, int line,
                    char id[QUEUE_ID_LEN + 1])
{
    bool done;

    do {
        done = run->work(run->context, id);
        if (!done || run->stop->signal != 0) {
            return done;
        }
        stop_clear(run->stop);
    } while (await(run->stop, line, id));
    return true;
}

/* The parent's stop shares its descriptor with ours, so signals stay blocked
 * until this process has a stop of its own. */
_Noreturn static void work(const struct queue_runner *run, const char *first,
                           int line, pid_t parent, const sigset_t *signals)
{
    char id[QUEUE_ID_LEN + 1];
    bool done = false;

    memcpy(id, first, sizeof(id));
    stop_done(run->stop);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (stop_init(run->stop) && getppid() == parent) {
        (void)sigprocmask(SIG_SETMASK, signals, NULL);
        run->begin(run->context);
        done = work_on(run, line, id);
        run->end(run->context);
    }
    (void)fflush(NULL);
    _exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- its parent ----------------------------------------------------------- */

static void take_over(struct queue_entry *entry, pid_t pid, int line)
{
    entry->pid = pid;
    entry->pipe = line;
    entry->asked = false;
    entry->woken = false;
    entry->tried = true;
}

bool queue_worker_start(const struct queue_runner *run,
                        struct queue_entry *entry)
{
    pid_t parent = getpid();
    sigset_t blocked;
    sigset_t signals;
    pid_t pid;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return false;
    }
    (void)sigfillset(&blocked);
    (void)sigprocmask(SIG_SETMASK, &blocked, &signals);
    pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        work(run, entry->id, ends[1], parent, &signals);
    }
    (void)sigprocmask(SIG_SETMASK, &signals, NULL);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        errno = EAGAIN;
        return false;
    }
    take_over(entry, pid, ends[0]);
    return true;
}

void queue_worker_end(const struct queue_entry *entry)
{
    (void)kill(entry->pid, SIGTERM);
}

bool queue_worker_release(struct queue_entry *entry,
                          struct queue_entry *ret_free)
{
    char word;

    if (recv(entry->pipe, &word, 1, 0) != 1 || word != DONE) {
        return false;
    }
    *ret_free = *entry;
    entry->pid = 0;
    entry->pipe = -1;
    return true;
}

bool queue_worker_pass(struct queue_entry *free, struct queue_entry *next)
{
    if (send(free->pipe, next->id, QUEUE_ID_LEN, MSG_NOSIGNAL) !=
        QUEUE_ID_LEN) {
        return false;
    }
    take_over(next, free->pid, free->pipe);
    return true;
}

/* Processes started later have a copy of our end of the socket. */
bool queue_worker_reap(struct queue_entry *entry)
{
    int status = 0;
    pid_t pid;

    (void)shutdown(entry->pipe, SHUT_RDWR);

    do {
        pid = waitpid(entry->pid, &status, 0);
    } while (pid < 0 && errno == EINTR);
    (void)close(entry->pipe);
    entry->pipe = -1;
    entry->pid = 0;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}
