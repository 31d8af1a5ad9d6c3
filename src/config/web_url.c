/*
 * config/web_url.c: see web_url.h.
 */
#include "config/web_url.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool take_word(struct bits_text *text, struct bits_text word)
{
    if (!text_has_prefix_nocase(*text, word)) {
        return false;
    }
    text->ptr += word.len;
    text->len -= word.len;
    return true;
}

static bool is_host_byte(char c)
{
    char lower = text_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-' || c == '_';
}

/* In brackets or not. */
static bool take_host(struct bits_text *text, struct bits_text *ret_host)
{
    const char *start = text->ptr;
    struct bits_text address;

    if (text_take_char(text, '[')) {
        if (!text_take_until(text, ']', &address) || address.len == 0 ||
            !text_is_visible(address)) {
            return false;
        }
    } else {
        while (text->len > 0 && is_host_byte(text->ptr[0])) {
            text->ptr++;
            text->len--;
        }
    }
    *ret_host = (struct bits_text){start, (size_t)(text->ptr - start)};
    return ret_host->len > 0;
}

bool config_web_url_read(struct bits_text text, struct config_web_url *ret_url)
{
    struct config_web_url url = {.is_https =
                                     take_word(&text, TEXT("https://"))};
    uint64_t port = url.is_https ? 443 : 80;

    if ((!url.is_https && !take_word(&text, TEXT("http://"))) ||
        !take_host(&text, &url.host) ||
        (text_take_char(&text, ':') &&
         (!text_take_u64(&text, &port) || port == 0 || port > UINT16_MAX))) {
        return false;
    }
    if (text.len > 0 && (text.ptr[0] != '/' || !text_is_visible(text))) {
        return false;
    }
    url.port = (unsigned)port;
    url.path = text;
    *ret_url = url;
    return true;
}

bool config_web_url_is_same_origin(const struct config_web_url *a,
                                   const struct config_web_url *b)
{
    return a->is_https == b->is_https && a->port == b->port &&
           text_equal_nocase(a->host, b->host);
}
