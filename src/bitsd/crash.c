/*
 * bitsd/crash.c: see crash.h.
 */
#include "bitsd/crash.h"

#include <signal.h>
#include <stddef.h>

static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};

#define CRASHES (sizeof(crashes) / sizeof(crashes[0]))

/* Static, because a signal handler gets no argument.  Set before the handler is
 * installed. */
static const struct logger *watched;
static struct sigaction before[CRASHES];

/* A fault recurs after the return, and abort() raises its signal again.  A
 * signal that another process sent must be raised here. */
static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    (void)logger_settle(watched, LOGGER_PATIENCE_MS);
    for (size_t i = 0; i < CRASHES; i++) {
        (void)sigaction(crashes[i], &before[i], NULL);
    }
    if (info->si_code <= 0) {
        (void)raise(number);
    }
}

void crash_watch(const struct logger *logger)
{
    struct sigaction action = {.sa_sigaction = on_crash,
                               .sa_flags = SA_SIGINFO};

    watched = logger;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CRASHES; i++) {
        (void)sigaction(crashes[i], &action, &before[i]);
    }
}
