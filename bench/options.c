/*
 * bench/options.c: see options.h.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static uint64_t *number_of(struct options *options, struct bits_text name)
{
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {
        {"port", &options->port},
        {"tls", &options->tls},
        {"connections", &options->connections},
        {"count", &options->count},
        {"size", &options->size},
        {"fragment", &options->fragment},
        {"cut", &options->cut},
        {"interval", &options->interval_us},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (text_equal(name, text_of(numbers[i].name))) {
            return numbers[i].value;
        }
    }
    return NULL;
}

static bool take(struct options *options, const char *argument)
{
    struct bits_text value = text_of(argument);
    struct bits_text name;
    uint64_t *number;

    if (!text_take_until(&value, '=', &name)) {
        return false;
    }
    if (text_equal(name, TEXT("name"))) {
        options->name = value.ptr;
        return true;
    }
    if (text_equal(name, TEXT("folder"))) {
        options->folder = value.ptr;
        return true;
    }
    number = number_of(options, name);
    return number && text_to_u64(value, number);
}

bool options_read(struct options *options, int argc, char **argv)
{
    *options =
        (struct options){.connections = 1, .name = "file", .folder = "."};
    for (int i = 0; i < argc; i++) {
        if (!take(options, argv[i])) {
            (void)fprintf(stderr, "bench: what is %s?\n", argv[i]);
            return false;
        }
    }
    if (options->connections == 0 || strlen(options->name) > 64) {
        (void)fputs("bench: no connections, or too long a name\n", stderr);
        return false;
    }
    if (options->fragment == 0) {
        options->fragment = options->size;
    }
    if (options->cut > 0 && options->cut <= options->fragment) {
        (void)fputs("bench: cut within a fragment, none would ever end\n",
                    stderr);
        return false;
    }
    return true;
}
