/*
 * upload/naming.c: see naming.h.
 */
#include "upload/naming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <utf8proc.h>

#include "base/glob.h"
#include "base/handle.h"
#include "base/text.h"
#include "config/store_as.h"
#include "os/clock.h"
#include "upload/places.h"
#include "upload/safe_value.h"
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

/* --- store_as ------------------------------------------------------------- */

/* A computer's name ends in a $.  It is left out where no other user is let in:
 * else the user PC1 and the computer PC1$ would have one folder, and a user who
 * may create accounts could choose a name that takes the folder of another. */
static struct bits_text user_of(const struct naming *naming)
{
    const struct string_list *users = &naming->section->users;
    struct bits_text user = naming->user;

    for (size_t i = 0; i < users->count; i++) {
        size_t size = strlen(users->items[i]);

        if (users->items[i][0] == '@' || users->items[i][size - 1] != '$') {
            return user;
        }
    }
    if (users->count > 0 && user.len > 1 && user.ptr[user.len - 1] == '$') {
        user.len--;
    }
    return user;
}

/* "192.0.2.1:80" is 192.0.2.1, "[2001:db8::1]:80" is 2001-db8--1. */
static bool write_peer(FILE *stream, struct bits_text peer)
{
    struct bits_text address = peer;
    char text[64];

    while (address.len > 0 && address.ptr[address.len - 1] != ':' &&
           address.ptr[address.len - 1] != ']') {
        address.len--;
    }
    if (address.len == 0) {
        address = peer;
    } else if (address.ptr[address.len - 1] == ':') {
        address.len--;
    }
    if (text_take_char(&address, '[')) {
        address.len -= address.len > 0;
    }
    if (address.len >= sizeof(text)) {
        return false;
    }
    for (size_t i = 0; i < address.len; i++) {
        text[i] = address.ptr[i] == ':' ? '-' : address.ptr[i];
    }
    return safe_value_write(stream, (struct bits_text){text, address.len});
}

static bool write_date(FILE *stream, int64_t now)
{
    time_t seconds = (time_t)now;
    struct tm day;

    return gmtime_r(&seconds, &day) &&
           fprintf(stream, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1,
                   day.tm_mday) > 0;
}

static bool write_handle(FILE *stream, const struct bits_guid *id)
{
    char handle[HANDLE_LEN + 1];

    if (!id) {
        return false;
    }
    handle_of(id, handle);
    return fputs(handle, stream) >= 0;
}

static bool write_piece(FILE *stream, const struct naming *naming,
                        const struct store_as_piece *piece)
{
    switch (piece->kind) {
    case STORE_AS_TEXT:
        return fwrite(piece->text.ptr, 1, piece->text.len, stream) ==
               piece->text.len;
    case STORE_AS_PATH:
        return fputs(naming->name, stream) >= 0;
    case STORE_AS_NAME:
        return fputs(leaf_of(naming->name), stream) >= 0;
    case STORE_AS_USER:
        return safe_value_write(stream, user_of(naming));
    case STORE_AS_PEER:
        return write_peer(stream, naming->peer);
    case STORE_AS_DATE:
        return write_date(stream, naming->now);
    case STORE_AS_HANDLE:
        return write_handle(stream, naming->id);
    }
    return false;
}

/* From malloc(); NULL: no memory, or a value is missing that the configuration
 * does not allow to be missing. */
static char *expand(const struct naming *naming)
{
    struct bits_text rest = text_of(naming->section->store_as);
    struct store_as_piece piece;
    char *made = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&made, &size);
    bool done = stream != NULL;

    while (done && store_as_next(&rest, &piece)) {
        done = write_piece(stream, naming, &piece);
    }
    if (stream && fclose(stream) != 0) {
        done = false;
    }
    if (!done) {
        free(made);
        made = NULL;
    }
    return made;
}

uint64_t naming_own_folders(const struct config_upload *section)
{
    return section->store_as ? store_as_folders(section->store_as) : 0;
}

/* --- the destination ------------------------------------------------------ */

/* NFC after store_as: text of both may make one character. */
static enum bits_cause write_destination(const struct naming *naming,
                                         char **ret_destination)
{
    char *made =
        naming->section->store_as ? expand(naming) : strdup(naming->name);
    enum bits_cause cause = BITS_CAUSE_OK;

    if (!made) {
        return CAUSE_OVERLOADED;
    }
    if (naming->section->names == CONFIG_NAMES_ANY) {
        *ret_destination = made;
        return BITS_CAUSE_OK;
    }
    cause = transform(made, (utf8proc_option_t)0, ret_destination);
    free(made);
    return cause;
}

struct naming naming_of(const struct upload_request *request, const char *name,
                        const struct bits_guid *id)
{
    return (struct naming){
        .section = request->rule->config,
        .name = name,
        .user = request->user_for_names.len > 0 ? request->user_for_names
                                                : request->user,
        .peer = request->peer,
        .id = id,
        .now = (int64_t)(os_wall_ms() / 1000),
    };
}

enum bits_cause naming_find(const struct naming *naming, char **ret_destination,
                            char ret_fault[NAMING_FAULT_MAX])
{
    const struct config_upload *section = naming->section;
    char *destination = NULL;
    enum bits_cause cause = write_destination(naming, &destination);

    ret_fault[0] = '\0';
    if (cause == BITS_CAUSE_OK) {
        cause = check_segments(section, destination, ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = check_allowed(&section->allowed_names, naming->name);
    }
    if (cause != BITS_CAUSE_OK) {
        free(destination);
        return cause;
    }
    *ret_destination = destination;
    return BITS_CAUSE_OK;
}
