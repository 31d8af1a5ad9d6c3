/*
 * upload/naming.c: see naming.h.
 */
#include "upload/naming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/glob.h"
#include "base/text.h"
#include "upload/windows_name.h"

static const char *leaf_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

/* The text in another form of Unicode, from malloc(). */
static enum bits_cause transform(const char *text, utf8proc_option_t form,
                                 char **ret_text)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t size = utf8proc_map(
        (const utf8proc_uint8_t *)text, 0, &made,
        UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | form);

    if (size == UTF8PROC_ERROR_NOMEM) {
        return CAUSE_OVERLOADED;
    }
    if (size < 0) {
        return CAUSE_NAME_NOT_UTF8;
    }
    *ret_text = (char *)made;
    return BITS_CAUSE_OK;
}

/* The text without differences of case; as it is if it is not UTF-8. */
static enum bits_cause fold(const char *text, char **ret_text)
{
    enum bits_cause cause = transform(text, UTF8PROC_CASEFOLD, ret_text);

    if (cause == CAUSE_NAME_NOT_UTF8) {
        *ret_text = strdup(text);
        cause = *ret_text ? BITS_CAUSE_OK : CAUSE_OVERLOADED;
    }
    return cause;
}

static enum bits_cause match(const char *pattern, const char *folded)
{
    char *text;
    enum bits_cause cause = fold(pattern, &text);

    if (cause == BITS_CAUSE_OK) {
        cause = glob_matches(text_of(text), text_of(folded))
                    ? BITS_CAUSE_OK
                    : CAUSE_NAME_NOT_ALLOWED;
        free(text);
    }
    return cause;
}

static enum bits_cause check_allowed(const struct string_list *patterns,
                                     const char *name)
{
    enum bits_cause cause = BITS_CAUSE_OK;
    char *folded;

    if (patterns->count == 0) {
        return BITS_CAUSE_OK;
    }
    cause = fold(leaf_of(name), &folded);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    cause = CAUSE_NAME_NOT_ALLOWED;
    for (size_t i = 0; cause == CAUSE_NAME_NOT_ALLOWED && i < patterns->count;
         i++) {
        cause = match(patterns->items[i], folded);
    }
    free(folded);
    return cause;
}

static enum bits_cause check_segment(const struct config_upload *section,
                                     struct bits_text segment,
                                     char ret_fault[NAMING_FAULT_MAX])
{
    if (segment.len > section->max_name_length) {
        (void)snprintf(ret_fault, NAMING_FAULT_MAX, "%zu bytes, %u allowed",
                       segment.len, (unsigned)section->max_name_length);
        return CAUSE_NAME_TOO_LONG;
    }
    return section->names == CONFIG_NAMES_WINDOWS_SAFE
               ? windows_name_check(segment, ret_fault)
               : BITS_CAUSE_OK;
}

static enum bits_cause check_segments(const struct config_upload *section,
                                      const char *name,
                                      char ret_fault[NAMING_FAULT_MAX])
{
    enum bits_cause cause = BITS_CAUSE_OK;
    struct bits_text rest = text_of(name);
    struct bits_text segment;

    while (cause == BITS_CAUSE_OK && text_take_until(&rest, '/', &segment)) {
        cause = check_segment(section, segment, ret_fault);
    }
    return cause == BITS_CAUSE_OK ? check_segment(section, rest, ret_fault)
                                  : cause;
}

static enum bits_cause write_destination(const struct config_upload *section,
                                         const char *name,
                                         char **ret_destination)
{
    if (section->names == CONFIG_NAMES_WINDOWS_SAFE) {
        return transform(name, (utf8proc_option_t)0, ret_destination);
    }
    *ret_destination = strdup(name);
    return *ret_destination ? BITS_CAUSE_OK : CAUSE_OVERLOADED;
}

enum bits_cause naming_find(const struct config_upload *section,
                            const char *name, char **ret_destination,
                            char ret_fault[NAMING_FAULT_MAX])
{
    char *destination = NULL;
    enum bits_cause cause = write_destination(section, name, &destination);

    ret_fault[0] = '\0';
    if (cause == BITS_CAUSE_OK) {
        cause = check_segments(section, destination, ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = check_allowed(&section->allowed_names, name);
    }
    if (cause != BITS_CAUSE_OK) {
        free(destination);
        return cause;
    }
    *ret_destination = destination;
    return BITS_CAUSE_OK;
}
