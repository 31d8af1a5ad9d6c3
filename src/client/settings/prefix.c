/*
 * client/settings/prefix.c: settings_url_is_below().
 */
#include <string.h>

#include "base/text.h"
#include "client/settings/settings.h"

/* The parts of a URL; all borrowed. */
struct parts {
    struct bits_text scheme;
    struct bits_text host;
    struct bits_text port; /* empty: the scheme's default */
    struct bits_text path; /* without slashes at its start and its end */
};

static struct bits_text until_any(struct bits_text text, const char *ends)
{
    size_t len = 0;

    while (len < text.len && !strchr(ends, text.ptr[len])) {
        len++;
    }
    return (struct bits_text){text.ptr, len};
}

static struct bits_text behind(struct bits_text text, size_t count)
{
    return (struct bits_text){text.ptr + count, text.len - count};
}

/* "host:port" or "[address]:port" */
static void split_authority(struct bits_text authority, struct parts *parts)
{
    size_t name = 0;

    if (authority.len > 0 && authority.ptr[0] == '[') {
        name = until_any(authority, "]").len;
    }
    name += until_any(behind(authority, name), ":").len;
    parts->host = (struct bits_text){authority.ptr, name};
    parts->port = behind(authority, name);
    if (parts->port.len > 0) {
        parts->port = behind(parts->port, 1);
    }
    if ((text_equal_nocase(parts->scheme, TEXT("http")) &&
         text_equal(parts->port, TEXT("80"))) ||
        (text_equal_nocase(parts->scheme, TEXT("https")) &&
         text_equal(parts->port, TEXT("443")))) {
        parts->port.len = 0;
    }
}

static bool split(const char *url, struct parts *parts)
{
    struct bits_text rest = text_of(url);
    struct bits_text authority;

    if (!text_take_until(&rest, ':', &parts->scheme) ||
        !text_take_char(&rest, '/') || !text_take_char(&rest, '/')) {
        return false;
    }
    authority = until_any(rest, "/?#");
    split_authority(authority, parts);
    rest = behind(rest, authority.len);
    (void)text_take_char(&rest, '/');
    if (rest.len > 0 && rest.ptr[rest.len - 1] == '/') {
        rest.len--;
    }
    parts->path = rest;
    return true;
}

bool settings_url_is_below(const char *url, const char *prefix)
{
    struct parts whole;
    struct parts part;

    if (!split(url, &whole) || !split(prefix, &part) ||
        !text_equal_nocase(whole.scheme, part.scheme) ||
        !text_equal_nocase(whole.host, part.host) ||
        !text_equal(whole.port, part.port) || whole.path.len < part.path.len ||
        !text_equal((struct bits_text){whole.path.ptr, part.path.len},
                    part.path)) {
        return false;
    }
    return part.path.len == 0 || whole.path.len == part.path.len ||
           strchr("/?", whole.path.ptr[part.path.len]) != NULL;
}
