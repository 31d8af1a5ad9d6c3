/*
 * config/dump.c: config_dump().
 */
#include "config/load.h"

/* Prints the path of the file in a form that a comment can hold. */
static void print_path(const char *path, FILE *stream)
{
    for (; *path; path++) {
        bool control = (unsigned char)*path < 0x20 || *path == 0x7f;

        (void)fputc(control ? '?' : *path, stream);
    }
}

static void print_origin(const struct config *config,
                         const struct config_origin *origin, FILE *stream)
{
    if (!origin->item) {
        (void)fputs("default", stream);
    } else if (origin->item->line == 0) {
        (void)fputs("command line", stream);
    } else {
        if (origin->section->kind ==
            &config_sections[CONFIG_SECTION_DEFAULTS]) {
            (void)fprintf(stream, "%s, ", origin->section->kind->name);
        }
        print_path(config->details->path, stream);
        (void)fprintf(stream, ":%u", origin->item->line);
    }
}

/* An option that is not set appears as a comment only. */
static void print_option(const struct option_row *option, const void *home,
                         FILE *stream)
{
    if (option_is_set(option, home)) {
        (void)fprintf(stream, "    %s = ", option->name);
        option_print(option, home, stream);
    } else {
        (void)fprintf(stream, "    # %s is not set", option->name);
    }
    (void)fputs(" # ", stream);
}

static void print_section(const struct config *config, enum config_home kind,
                          const void *home,
                          const struct section_details *details, FILE *stream)
{
    (void)fputs("{\n", stream);
    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        if (config_options[i].home == kind) {
            print_option(&config_options[i].option, home, stream);
            print_origin(config, &details->origins[i], stream);
            (void)fputc('\n', stream);
        }
    }
    (void)fputs("}\n", stream);
}

bool config_dump(const struct config *config, FILE *stream)
{
    (void)fprintf(stream, "%s ", config_sections[CONFIG_SECTION_SERVER].name);
    print_section(config, CONFIG_HOME_SERVER, &config->server,
                  &config->details->server, stream);
    for (size_t i = 0; i < config->upload_count; i++) {
        (void)fprintf(stream, "\n%s ",
                      config_sections[CONFIG_SECTION_UPLOAD].name);
        option_print_text(config->uploads[i].prefix, stream);
        (void)fputc(' ', stream);
        print_section(config, CONFIG_HOME_UPLOAD, &config->uploads[i],
                      &config->details->uploads[i], stream);
    }
    return fflush(stream) == 0 && !ferror(stream);
}
