/*
 * bitsctl/prompt.h: a password from the terminal, or from standard input.
 */
#ifndef BITSCTL_PROMPT_H
#define BITSCTL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/* Reads a password: from the terminal twice and without echo if standard input
 * is one, else the first line of standard input.  At most size - 1 bytes.
 * False: the reason was printed. */
bool prompt_password(const char *user, char *ret_password, size_t size);

#endif
