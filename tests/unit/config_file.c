/*
 * See config_file.h.
 */
#include "config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FILE_NAME "bitsd.conf"

/* The tests run in the folder, so that no path needs to be remembered. */
int config_file_setup(void **state)
{
    char folder[] = "/tmp/config-test-XXXXXX";

    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

int config_file_teardown(void **state)
{
    char *folder = getcwd(NULL, 0);
    int failed = !folder;

    (void)state;
    (void)unlink(FILE_NAME);
    failed |= folder && rmdir(folder) != 0;
    free(folder);
    return failed;
}

void config_file_write(const void *text, size_t size)
{
    FILE *file = fopen(FILE_NAME, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

const char *config_file_path(void)
{
    return FILE_NAME;
}

char *config_file_join(struct string_list *errors)
{
    const size_t path_len = strlen(FILE_NAME);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(stream);
    for (size_t i = 0; i < errors->count; i++) {
        const char *line = errors->items[i];
        size_t skipped =
            strncmp(line, FILE_NAME ":", path_len + 1) == 0 ? path_len : 0;

        (void)fprintf(stream, "%s%s\n", skipped > 0 ? "@" : "", line + skipped);
    }
    assert_int_equal(fclose(stream), 0);
    string_list_done(errors);
    return text;
}

struct config *config_file_load(const char *text,
                                const struct config_overrides *overrides,
                                char **ret_errors)
{
    struct string_list errors = {0};
    struct config *config;

    config_file_write(text, strlen(text));
    config = config_load(FILE_NAME, overrides, &errors);
    *ret_errors = config_file_join(&errors);
    return config;
}

struct config *config_file_load_sound(const char *text)
{
    char *errors;
    struct config *config = config_file_load(text, NULL, &errors);

    assert_string_equal(errors, "");
    assert_non_null(config);
    free(errors);
    return config;
}
