/*
 * base/fault.c: see fault.h.
 */
#include "base/fault.h"

#include <stdio.h>
#include <string.h>

bool fault_vset(struct fault *fault, const char *format, va_list arguments)
{
    static const char cut[] = "...";
    struct fault whole;
    int length = vsnprintf(whole.text, sizeof(whole.text), format, arguments);

    if (length < 0) {
        whole.text[0] = '\0';
    } else if ((size_t)length >= sizeof(whole.text)) {
        memcpy(whole.text + sizeof(whole.text) - sizeof(cut), cut, sizeof(cut));
    }
    memcpy(fault->text, whole.text, strlen(whole.text) + 1);
    return false;
}

bool fault_set(struct fault *fault, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fault_vset(fault, format, arguments);
    va_end(arguments);
    return false;
}
