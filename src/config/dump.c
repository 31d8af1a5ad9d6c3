/*
 * config/dump.c: config_dump().
 */
#include "config/load.h"
#include "config/source.h"

/* The path of the file, as a comment can hold it. */
static void print_path(const char *path, FILE *stream)
{
    for (; *path; path++) {
        bool control = (unsigned char)*path < 0x20 || *path == 0x7f;

        (void)fputc(control ? '?' : *path, stream);
    }
}

static void print_origin(const struct config *config,
                         struct config_origin origin, FILE *stream)
{
    switch (origin.kind) {
    case CONFIG_ORIGIN_DEFAULT:
        (void)fputs("default", stream);
        return;
    case CONFIG_ORIGIN_COMMAND:
        (void)fputs("command line", stream);
        return;
    case CONFIG_ORIGIN_DEFAULTS:
        (void)fputs(SECTION_DEFAULTS ", ", stream);
        break;
    case CONFIG_ORIGIN_FILE:
        break;
    }
    print_path(config->details->path, stream);
    (void)fprintf(stream, ":%u", origin.line);
}

/* What is not set cannot be written but as a comment. */
static void print_option(const struct config *config,
                         const struct option *option, const void *home,
                         struct config_origin origin, FILE *stream)
{
    if (option_is_set(option, home)) {
        (void)fprintf(stream, "    %s = ", option->name);
        option_print(option, home, stream);
        (void)fputs(" # ", stream);
    } else {
        (void)fprintf(stream, "    # %s is not set # ", option->name);
    }
    print_origin(config, origin, stream);
    (void)fputc('\n', stream);
}

static void print_section(const struct config *config, enum option_home kind,
                          const void *home,
                          const struct section_details *details, FILE *stream)
{
    (void)fputs("{\n", stream);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (options[i].home == kind) {
            print_option(config, &options[i], home, details->origins[i],
                         stream);
        }
    }
    (void)fputs("}\n", stream);
}

bool config_dump(const struct config *config, FILE *stream)
{
    (void)fputs(SECTION_SERVER " ", stream);
    print_section(config, OPTION_HOME_SERVER, &config->server,
                  &config->details->server, stream);
    for (size_t i = 0; i < config->upload_count; i++) {
        (void)fputs("\n" SECTION_UPLOAD " ", stream);
        option_print_text(config->uploads[i].prefix, stream);
        (void)fputc(' ', stream);
        print_section(config, OPTION_HOME_UPLOAD, &config->uploads[i],
                      &config->details->uploads[i], stream);
    }
    return fflush(stream) == 0 && !ferror(stream);
}
