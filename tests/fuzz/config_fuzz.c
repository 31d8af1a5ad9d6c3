/*
 * config_fuzz.c: any text as bitsd.conf and as a configuration of bits.
 *
 * Oracles: a file is loaded or its faults are named with its path, never
 * neither; what is dumped loads again and says the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/settings/settings.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory, and the path under which it can be opened. */
struct file {
    int fd;
    char path[32];
};

struct dump {
    char *text;
    size_t size;
};

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static struct file new_file(const void *data, size_t size)
{
    struct file file = {.fd = memfd_create("bitsd.conf", MFD_CLOEXEC)};

    require(file.fd >= 0);
    require(write(file.fd, data, size) == (ssize_t)size);
    snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
    return file;
}

static void check_errors(const struct string_list *errors, const char *path)
{
    require(errors->count > 0);
    for (size_t i = 0; i < errors->count; i++) {
        const char *line = errors->items[i];

        require(strncmp(line, path, strlen(path)) == 0);
        for (; *line; line++) {
            require((unsigned char)*line >= 0x20 && *line != 0x7f);
        }
    }
}

static struct config *load(const void *data, size_t size)
{
    struct file file = new_file(data, size);
    struct string_list errors = {0};
    struct config *config = config_load(file.path, NULL, &errors);

    if (config) {
        require(errors.count == 0);
        require(config->upload_count > 0);
    } else {
        check_errors(&errors, file.path);
    }
    string_list_done(&errors);
    close(file.fd);
    return config;
}

static struct dump dump_config(struct config *config)
{
    struct dump dump = {0};
    FILE *stream = open_memstream(&dump.text, &dump.size);

    require(stream != NULL);
    require(config_dump(config, stream));
    fclose(stream);
    config_unref(config);
    return dump;
}

/* The length of a line without the comment that says where its value came
 * from, which differs in another file. */
static size_t without_origin(const char *line, size_t len)
{
    for (size_t i = len; i >= 3; i--) {
        if (memcmp(line + i - 3, " # ", 3) == 0) {
            return i - 3;
        }
    }
    return len;
}

static void require_same(const struct dump *a, const struct dump *b)
{
    const char *at = a->text;
    const char *other = b->text;

    while (*at) {
        size_t len = strcspn(at, "\n");
        size_t other_len = strcspn(other, "\n");
        size_t said = without_origin(at, len);

        require(said == without_origin(other, other_len));
        require(memcmp(at, other, said) == 0);
        require(at[len] == other[other_len]);
        at += len + (at[len] == '\n');
        other += other_len + (other[other_len] == '\n');
    }
    require(*other == '\0');
}

static void load_settings(const void *data, size_t size)
{
    struct file file = new_file(data, size);
    struct string_list errors = {0};
    struct settings settings;

    settings_init(&settings);
    if (settings_read_file(&settings, file.path, "https://h/a/b", &errors)) {
        require(errors.count == 0);
    } else {
        check_errors(&errors, file.path);
    }
    settings_done(&settings);
    string_list_done(&errors);
    close(file.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = load(data, size);

    if (config) {
        struct dump first = dump_config(config);
        struct dump second;

        config = load(first.text, first.size);
        require(config != NULL);
        second = dump_config(config);
        require_same(&first, &second);
        free(first.text);
        free(second.text);
    }
    load_settings(data, size);
    return 0;
}
