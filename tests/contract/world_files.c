/*
 * tests/contract/world_files.c: what lies below a world's root; see world.h.
 */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(struct world *world, const char *name, char *path,
                    size_t size)
{
    (void)snprintf(path, size, "%s/%s", world->root, name);
}

void world_write(struct world *world, const char *name, const char *text)
{
    char path[512];
    int fd;

    path_of(world, name, path, sizeof(path));
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

void world_mkdir(struct world *world, const char *name)
{
    char path[512];

    path_of(world, name, path, sizeof(path));
    assert_int_equal(mkdir(path, 0755), 0);
}

bool world_exists(struct world *world, const char *name)
{
    char path[512];
    struct stat info;

    path_of(world, name, path, sizeof(path));
    return lstat(path, &info) == 0;
}

void world_remove(struct world *world, const char *name)
{
    char path[512];

    path_of(world, name, path, sizeof(path));
    assert_int_equal(remove(path), 0);
}

static char *read_file(struct world *world, const char *name, size_t *ret_size)
{
    char path[512];
    struct stat info;
    char *bytes;
    int fd;

    path_of(world, name, path, sizeof(path));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail_msg("%s: %s", path, strerror(errno));
    }
    assert_int_equal(fstat(fd, &info), 0);
    *ret_size = (size_t)info.st_size;
    bytes = malloc(*ret_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, *ret_size), (ssize_t)*ret_size);
    (void)close(fd);
    bytes[*ret_size] = '\0';
    return bytes;
}

void world_assert_file(struct world *world, const char *name, uint64_t total)
{
    size_t size;
    char *bytes = read_file(world, name, &size);

    assert_int_equal(size, total);
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)bytes[i] != world_byte(i)) {
            fail_msg("%s: byte %zu differs", name, i);
        }
    }
    free(bytes);
}

void world_assert_text(struct world *world, const char *name, const char *text)
{
    size_t size;
    char *bytes = read_file(world, name, &size);

    assert_string_equal(bytes, text);
    free(bytes);
}

size_t world_count_files(struct world *world, const char *name)
{
    char path[512];
    struct dirent *entry;
    size_t count = 0;
    DIR *stream;

    path_of(world, name, path, sizeof(path));
    stream = opendir(path);
    assert_non_null(stream);
    while ((entry = readdir(stream))) {
        count += entry->d_type == DT_REG;
    }
    (void)closedir(stream);
    return count;
}

size_t world_count_staged(struct world *world)
{
    size_t count = 0;
    char name[16];

    for (unsigned i = 0; i < 256; i++) {
        (void)snprintf(name, sizeof(name), ".bitsd/%02x", i);
        count += world_count_files(world, name);
    }
    return count;
}

void world_staged_path(struct world *world, struct bits_guid id, char *path,
                       size_t size)
{
    char text[BITS_GUID_TEXT_LEN + 1];

    bits_guid_format(&id, text);
    (void)snprintf(path, size, "%s/.bitsd/%02x/%.36s", world->root, id.bytes[4],
                   text + 1);
}
