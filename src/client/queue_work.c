/*
 * client/queue_work.c: see queue_work.h.
 */
#include "client/queue_work.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The job's process.  The parent's stop shares its descriptor with ours, so
 * that no signal may arrive before we have one of our own. */
_Noreturn static void work(const struct queue_run *run, const char *id,
                           pid_t parent, const sigset_t *signals)
{
    bool done = false;

    stop_done(run->stop);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (stop_init(run->stop) && getppid() == parent) {
        (void)sigprocmask(SIG_SETMASK, signals, NULL);
        done = run->work(run->context, id);
    }
    (void)fflush(NULL);
    _exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool queue_work_start(const struct queue_run *run, struct queue_entry *entry)
{
    pid_t parent = getpid();
    sigset_t blocked;
    sigset_t signals;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    (void)sigfillset(&blocked);
    (void)sigprocmask(SIG_SETMASK, &blocked, &signals);
    entry->pid = fork();
    if (entry->pid == 0) {
        (void)close(ends[0]);
        work(run, entry->id, parent, &signals);
    }
    (void)sigprocmask(SIG_SETMASK, &signals, NULL);
    (void)close(ends[1]);
    if (entry->pid < 0) {
        entry->pid = 0;
        (void)close(ends[0]);
        errno = EAGAIN;
        return false;
    }
    entry->pipe = ends[0];
    entry->asked = false;
    entry->woken = false;
    return true;
}

void queue_work_end(const struct queue_entry *entry)
{
    (void)kill(entry->pid, SIGTERM);
}

bool queue_work_reap(struct queue_entry *entry)
{
    int status = 0;
    pid_t pid;

    do {
        pid = waitpid(entry->pid, &status, 0);
    } while (pid < 0 && errno == EINTR);
    (void)close(entry->pipe);
    entry->pipe = -1;
    entry->pid = 0;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}
