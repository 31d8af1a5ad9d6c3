/*
 * base/fault.c: see fault.h.
 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fault_set(struct fault *fault, const char *format, ...)
{
    static const char cut[] = "...";
    struct fault whole;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(whole.text, sizeof(whole.text), format, arguments);
    va_end(arguments);
    if (length < 0) {
        whole.text[0] = '\0';
    } else if ((size_t)length >= sizeof(whole.text)) {
        memcpy(whole.text + sizeof(whole.text) - sizeof(cut), cut, sizeof(cut));
    }
    *fault = whole;
    return false;
}
