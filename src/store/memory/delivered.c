/*
 * store/memory/delivered.c: see delivered.h.
 */
#include "store/memory/delivered.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    const struct memory_name *one = a;
    const struct memory_name *other = b;
    int order = strcmp(one->prefix, other->prefix);

    return order ? order : strcmp(one->text, other->text);
}

struct memory_file *memory_file_find(struct store_memory *memory,
                                     const char *prefix, const char *text)
{
    const struct memory_name name = {.prefix = prefix, .text = text};
    struct memory_file *const *found =
        tfind(&name, &memory->files, compare_names);

    return found ? *found : NULL;
}

static struct memory_file *add(struct store_memory *memory, const char *prefix,
                               const char *text)
{
    size_t prefix_size = strlen(prefix) + 1;
    size_t text_size = strlen(text) + 1;
    struct memory_file *file =
        calloc(1, sizeof(*file) + prefix_size + text_size);

    if (!file) {
        return NULL;
    }
    memcpy(file->texts, prefix, prefix_size);
    memcpy(file->texts + prefix_size, text, text_size);
    file->name.prefix = file->texts;
    file->name.text = file->texts + prefix_size;
    if (!tsearch(file, &memory->files, compare_names)) {
        free(file);
        return NULL;
    }
    memory->delivered++;
    return file;
}

bool memory_file_set(struct store_memory *memory, const char *prefix,
                     const char *text, struct memory_bytes *bytes)
{
    struct memory_file *file = memory_file_find(memory, prefix, text);

    if (!file) {
        file = add(memory, prefix, text);
    }
    if (!file) {
        return false;
    }
    memory->used -= file->bytes.size;
    free(file->bytes.data);
    file->bytes = *bytes;
    memory->used += file->bytes.size;
    *bytes = (struct memory_bytes){.data = NULL};
    return true;
}

static void file_remove(struct store_memory *memory, struct memory_file *file)
{
    (void)tdelete(file, &memory->files, compare_names);
    memory->used -= file->bytes.size;
    memory->delivered--;
    free(file->bytes.data);
    free(file);
}

void memory_files_clear(struct store_memory *memory)
{
    while (memory->files) {
        file_remove(memory, *(struct memory_file **)memory->files);
    }
}

/* --- for the owner of the memory ----------------------------------------- */

bool store_memory_get(struct store_memory *memory, const char *prefix,
                      const char *name, char **ret_data, uint64_t *ret_size)
{
    struct memory_file *file;
    char *copy = NULL;

    uv_mutex_lock(&memory->mutex);
    file = memory_file_find(memory, prefix, name);
    if (file) {
        copy = malloc((size_t)file->bytes.size + 1);
    }
    if (copy) {
        *ret_size = file->bytes.size;
        if (file->bytes.size > 0) {
            memcpy(copy, file->bytes.data, (size_t)file->bytes.size);
        }
        copy[file->bytes.size] = '\0';
    }
    uv_mutex_unlock(&memory->mutex);
    *ret_data = copy;
    return copy != NULL;
}

bool store_memory_put(struct store_memory *memory, const char *prefix,
                      const char *name, struct bits_text data)
{
    struct memory_bytes bytes = {
        .data = malloc(data.len + 1), .size = data.len, .room = data.len};
    bool done = false;

    if (bytes.data) {
        if (data.len > 0) {
            memcpy(bytes.data, data.ptr, data.len);
        }
        uv_mutex_lock(&memory->mutex);
        done = memory_file_set(memory, prefix, name, &bytes);
        uv_mutex_unlock(&memory->mutex);
    }
    free(bytes.data);
    return done;
}

bool store_memory_remove(struct store_memory *memory, const char *prefix,
                         const char *name)
{
    struct memory_file *file;

    uv_mutex_lock(&memory->mutex);
    file = memory_file_find(memory, prefix, name);
    if (file) {
        file_remove(memory, file);
    }
    uv_mutex_unlock(&memory->mutex);
    return file != NULL;
}

struct store_memory_use store_memory_measure(struct store_memory *memory)
{
    struct store_memory_use use;

    uv_mutex_lock(&memory->mutex);
    use = (struct store_memory_use){.delivered = memory->delivered,
                                    .unfinished = memory->unfinished,
                                    .bytes = memory->used};
    uv_mutex_unlock(&memory->mutex);
    return use;
}
