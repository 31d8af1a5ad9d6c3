/*
 * bitsctl/ctl.c: see ctl.h.
 */
#include "bitsctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>

PRINTF_LIKE(1, 0)
static void print(const char *format, va_list arguments)
{
    (void)fputs("bitsctl: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
}

int ctl_say(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
    return status;
}

int ctl_usage(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
    (void)fputs("Try bitsctl --help.\n", stderr);
    return CTL_USAGE;
}
