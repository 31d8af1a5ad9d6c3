/*
 * os/random.h: bytes that cannot be guessed.
 */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills the room.  False: the kernel gives none. */
bool os_random(void *bytes, size_t size);

#endif
