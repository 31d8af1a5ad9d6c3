/*
 * store/memory/delivered.h: the delivered files.
 *
 * Call all of these with the memory's mutex held.
 */
#ifndef STORE_MEMORY_DELIVERED_H
#define STORE_MEMORY_DELIVERED_H

#include "store/memory/inside.h"

struct memory_name {
    const char *prefix;
    const char *text;
};

struct memory_file {
    struct memory_name name; /* first member: the key */
    struct memory_bytes bytes;
    char texts[]; /* prefix and name */
};

/* Returns NULL if there is no such file. */
struct memory_file *memory_file_find(struct store_memory *memory,
                                     const char *prefix, const char *text);

/* Takes ownership of the bytes; replaces an existing file.  Returns false, and
 * changes nothing, if memory ran out. */
bool memory_file_set(struct store_memory *memory, const char *prefix,
                     const char *text, struct memory_bytes *bytes);

/* Removes all of them. */
void memory_files_clear(struct store_memory *memory);

#endif
