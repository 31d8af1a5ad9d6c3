/*
 * bitsctl/prompt.c: see prompt.h.
 */
#include "bitsctl/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "bitsctl/ctl.h"

static bool fail(const char *words)
{
    (void)ctl_say(CTL_FAILED, "%s", words);
    return false;
}

/* Reads byte by byte, so that nothing behind the line is taken and no buffer
 * keeps it. */
static bool read_line(char *line, size_t size)
{
    size_t length = 0;
    ssize_t n;
    char c;

    for (;;) {
        n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 || (n == 0 && length == 0)) {
            return fail("no password on standard input");
        }
        if (n == 0 || c == '\n') {
            line[length] = '\0';
            return true;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            return fail("the password has a control character; nothing was "
                        "changed");
        }
        if (length + 1 >= size) {
            return fail("the password is too long: bcrypt takes 72 bytes");
        }
        line[length++] = c;
    }
}

static bool ask(const char *what, const char *user, char *line, size_t size)
{
    bool done;

    (void)fprintf(stderr, "%s for %s: ", what, user);
    done = read_line(line, size);
    (void)fputc('\n', stderr);
    return done;
}

static bool ask_twice(const char *user, char *password, size_t size)
{
    char again[128];
    bool same;

    if (size > sizeof(again) || !ask("Password", user, password, size) ||
        !ask("The same again", user, again, size)) {
        return false;
    }
    same = strcmp(password, again) == 0;
    OPENSSL_cleanse(again, sizeof(again));
    return same || fail("the two passwords differ; nothing was changed");
}

/* Signals wait, and Ctrl-C is a control character, so that the terminal never
 * stays without echo. */
static bool ask_terminal(const char *user, char *password, size_t size)
{
    struct termios before;
    struct termios silent;
    sigset_t all;
    sigset_t mask;
    bool done;

    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return fail("cannot switch off the echo of the terminal");
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &mask);
    done = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0
               ? ask_twice(user, password, size)
               : fail("cannot switch off the echo of the terminal");
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    return done;
}

bool prompt_password(const char *user, char *ret_password, size_t size)
{
    bool done = isatty(STDIN_FILENO) ? ask_terminal(user, ret_password, size)
                                     : read_line(ret_password, size);

    return done && (ret_password[0] != '\0' ||
                    fail("the password is empty; nothing was changed"));
}
