/*
 * base/fault.h: why a call failed, as a sentence for people.
 *
 * A function whose failure needs words takes a `struct fault *ret_fault` of the
 * caller and writes it if and only if it fails.  The code that prints the text
 * puts the name of the thing in front.  The text may quote a peer or a user:
 * the code that shows it escapes it.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/compiler.h"

#define FAULT_TEXT_MAX 640

struct fault {
    char text[FAULT_TEXT_MAX]; /* terminated, no full stop, no line end */
};

/* Writes the text; a text that is too long ends in "...".  An argument may be
 * the fault's own text.  Returns false, so that a failing function can return
 * it. */
PRINTF_LIKE(2, 3)
bool fault_set(struct fault *fault, const char *format, ...);

/* The same with a va_list. */
PRINTF_LIKE(2, 0)
bool fault_vset(struct fault *fault, const char *format, va_list arguments);

#endif
