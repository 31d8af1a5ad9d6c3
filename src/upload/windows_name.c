/*
 * upload/windows_name.c: see windows_name.h.
 *
 * Which names are those of devices: Microsoft, "Naming Files, Paths, and
 * Namespaces".  Windows ignores an extension and blanks in front of it.
 */
#include "upload/windows_name.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "base/text.h"

/* --- characters ---------------------------------------------------------- */

/* Beyond those that bits_target_name() refuses. */
static bool is_forbidden(utf8proc_int32_t character)
{
    return (character < 0x80 && strchr("<>:\"|?*\\", character)) ||
           utf8proc_category(character) == UTF8PROC_CATEGORY_CC;
}

/* Characters that change the order of others, and those that take no room: two
 * names that look the same would be different ones. */
static bool is_invisible(utf8proc_int32_t character)
{
    utf8proc_category_t category = utf8proc_category(character);

    return category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP ||
           utf8proc_get_property(character)->ignorable;
}

static enum bits_cause check_character(utf8proc_int32_t character,
                                       char ret_fault[NAMING_FAULT_MAX])
{
    enum bits_cause cause = is_forbidden(character)   ? CAUSE_NAME_CHARACTER
                            : is_invisible(character) ? CAUSE_NAME_INVISIBLE
                                                      : BITS_CAUSE_OK;

    if (cause != BITS_CAUSE_OK) {
        (void)snprintf(ret_fault, NAMING_FAULT_MAX, "U+%04X",
                       (unsigned)character);
    }
    return cause;
}

static enum bits_cause check_characters(struct bits_text name,
                                        char ret_fault[NAMING_FAULT_MAX])
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name.ptr;
    utf8proc_ssize_t left = (utf8proc_ssize_t)name.len;
    enum bits_cause cause = BITS_CAUSE_OK;

    while (left > 0 && cause == BITS_CAUSE_OK) {
        utf8proc_int32_t character;
        utf8proc_ssize_t size = utf8proc_iterate(at, left, &character);

        if (size <= 0) {
            return CAUSE_NAME_NOT_UTF8;
        }
        cause = check_character(character, ret_fault);
        at += size;
        left -= size;
    }
    return cause;
}

bool windows_name_shows(struct bits_text text)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.ptr;
    utf8proc_ssize_t left = (utf8proc_ssize_t)text.len;

    while (left > 0) {
        utf8proc_int32_t character;
        utf8proc_ssize_t size = utf8proc_iterate(at, left, &character);

        if (size <= 0 || is_invisible(character) ||
            utf8proc_category(character) == UTF8PROC_CATEGORY_CC) {
            return false;
        }
        at += size;
        left -= size;
    }
    return true;
}

/* The last character of a text that is UTF-8. */
static utf8proc_int32_t last_of(struct bits_text name)
{
    const char *at = name.ptr + name.len - 1;
    utf8proc_int32_t character = 0;

    while (at > name.ptr && ((unsigned char)*at & 0xc0) == 0x80) {
        at--;
    }
    (void)utf8proc_iterate((const utf8proc_uint8_t *)at,
                           name.ptr + name.len - at, &character);
    return character;
}

static bool ends_badly(struct bits_text name)
{
    utf8proc_int32_t last = last_of(name);

    return last == '.' || utf8proc_category(last) == UTF8PROC_CATEGORY_ZS;
}

/* --- devices ------------------------------------------------------------- */

static struct bits_text without_extension(struct bits_text name)
{
    struct bits_text stem = name;
    struct bits_text rest = name;

    if (text_take_until(&rest, '.', &stem)) {
        return text_trim(stem);
    }
    return text_trim(name);
}

/* The digits of a port, which may be raised ones of Latin-1. */
static bool is_port_number(struct bits_text text)
{
    static const struct bits_text raised[] = {
        TEXT_INIT("\xc2\xb9"), TEXT_INIT("\xc2\xb2"), TEXT_INIT("\xc2\xb3")};

    for (size_t i = 0; i < sizeof(raised) / sizeof(raised[0]); i++) {
        if (text_equal(text, raised[i])) {
            return true;
        }
    }
    return text.len == 1 && text.ptr[0] >= '0' && text.ptr[0] <= '9';
}

static bool is_port(struct bits_text stem)
{
    if (!text_has_prefix_nocase(stem, TEXT("COM")) &&
        !text_has_prefix_nocase(stem, TEXT("LPT"))) {
        return false;
    }
    return is_port_number((struct bits_text){stem.ptr + 3, stem.len - 3});
}

static bool is_device(struct bits_text stem)
{
    static const struct bits_text devices[] = {
        TEXT_INIT("CON"), TEXT_INIT("PRN"),    TEXT_INIT("AUX"),
        TEXT_INIT("NUL"), TEXT_INIT("CONIN$"), TEXT_INIT("CONOUT$")};

    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (text_equal_nocase(stem, devices[i])) {
            return true;
        }
    }
    return is_port(stem);
}

enum bits_cause windows_name_check(struct bits_text name,
                                   char ret_fault[NAMING_FAULT_MAX])
{
    struct bits_text stem = without_extension(name);
    enum bits_cause cause = check_characters(name, ret_fault);

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (name.ptr[0] == '.') {
        return CAUSE_NAME_BEGINNING;
    }
    if (ends_badly(name)) {
        return CAUSE_NAME_ENDING;
    }
    if (is_device(stem)) {
        (void)snprintf(ret_fault, NAMING_FAULT_MAX, "%.*s", (int)stem.len,
                       stem.ptr);
        return CAUSE_NAME_DEVICE;
    }
    return BITS_CAUSE_OK;
}
