/*
 * What the tests of the configuration share: real files in a folder of their
 * own, and all errors as one text.
 */
#ifndef TESTS_UNIT_CONFIG_FILE_H
#define TESTS_UNIT_CONFIG_FILE_H

#include <stddef.h>

#include "config/config.h"

/* Group set-up and tear-down: makes and removes the folder. */
int config_file_setup(void **state);
int config_file_teardown(void **state);

/* Writes the file anew. */
void config_file_write(const void *text, size_t size);

const char *config_file_path(void);

/* Writes and loads.  The errors, one line each, with '@' for the path, are
 * in *ret_errors; the caller frees them. */
struct config *config_file_load(const char *text,
                                const struct config_overrides *overrides,
                                char **ret_errors);

/* The same for a file that is expected to be sound. */
struct config *config_file_load_sound(const char *text);

/* The errors as above, and releases them. */
char *config_file_join(struct string_list *errors);

#endif
