/*
 * store/memory/delivered.h: the delivered files.
 *
 * The memory's mutex is held in all of these.
 */
#ifndef STORE_MEMORY_DELIVERED_H
#define STORE_MEMORY_DELIVERED_H

#include "store/memory/inside.h"

struct memory_name {
    const char *prefix;
    const char *text;
};

struct memory_file {
    struct memory_name name; /* first: the key */
    struct memory_bytes bytes;
    char texts[]; /* of the name */
};

/* NULL: there is none. */
struct memory_file *memory_file_find(struct store_memory *memory,
                                     const char *prefix, const char *text);

/* Takes the bytes over, replacing those of a file that is there.  False: no
 * memory; nothing has changed. */
bool memory_file_set(struct store_memory *memory, const char *prefix,
                     const char *text, struct memory_bytes *bytes);

/* Removes all of them. */
void memory_files_clear(struct store_memory *memory);

#endif
