/*
 * os/random.h: unpredictable bytes.
 */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills the buffer.  Returns false if the kernel fails. */
bool os_random(void *bytes, size_t size);

#endif
