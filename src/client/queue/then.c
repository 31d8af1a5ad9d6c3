/*
 * client/queue/then.c: see then.h.
 */
#include "client/queue/then.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/exit.h"

/* The exit status that shells use. */
#define EXIT_NOT_RUN 127

static bool set_number(const char *name, uint64_t value)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    return setenv(name, text, 1) == 0;
}

static bool set_code(const char *name, uint32_t code)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "0x%08" PRIX32, code);
    return setenv(name, text, 1) == 0;
}

static bool set_facts(const struct queue_job *job)
{
    const char *reply = job->settings.reply ? job->settings.reply : "";

    return setenv("BITS_ID", job->id, 1) == 0 &&
           setenv("BITS_FILE", job->path, 1) == 0 &&
           setenv("BITS_URL", job->url, 1) == 0 &&
           set_number("BITS_SIZE", job->size) &&
           set_number("BITS_EXIT", job->exit) &&
           set_number("BITS_STATUS", job->status) &&
           set_code("BITS_CODE", job->hresult) &&
           setenv("BITS_WORDS", job->fault.text, 1) == 0 &&
           setenv("BITS_REPLY", reply, 1) == 0;
}

/* Empty standard input; output goes to standard error, like our own
 * messages. */
static bool set_streams(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    return null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
           dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

_Noreturn static void execute(const struct queue_job *job)
{
    (void)signal(SIGPIPE, SIG_DFL);
    if (chdir(job->folder) != 0 && chdir("/") != 0) {
        _exit(EXIT_NOT_RUN);
    }
    if (set_streams() && set_facts(job)) {
        (void)execl("/bin/sh", "sh", "-c", job->settings.then, (char *)NULL);
    }
    _exit(EXIT_NOT_RUN);
}

int queue_then(const struct queue_job *job)
{
    int status = 0;
    pid_t pid = fork();
    pid_t ended;

    if (pid == 0) {
        execute(job);
    }
    do {
        ended = pid > 0 ? waitpid(pid, &status, 0) : pid;
    } while (ended < 0 && pid > 0 && errno == EINTR);
    if (ended < 0) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status)
                             : (int)CLIENT_BY_SIGNAL + WTERMSIG(status);
}
