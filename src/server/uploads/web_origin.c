/*
 * server/uploads/web_origin.c: see web_origin.h.
 */
#include "server/uploads/web_origin.h"

#include <string.h>

#include "base/text.h"
#include "config/web_url.h"
#include "http1/field.h"

/* The last value, and how often the field is there. */
static unsigned find_origin(const struct http1_head *head,
                            struct bits_text *ret_origin)
{
    struct bits_text cursor = head->fields;
    struct bits_text name;
    struct bits_text value;
    unsigned count = 0;

    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Origin"))) {
            *ret_origin = value;
            count++;
        }
    }
    return count;
}

static bool is_local(const struct config_web_url *url)
{
    return text_equal_nocase(url->host, TEXT("localhost")) ||
           text_equal(url->host, TEXT("127.0.0.1")) ||
           text_equal(url->host, TEXT("[::1]"));
}

static bool is_in(const struct config_web_url *origin,
                  const struct string_list *urls)
{
    for (size_t i = 0; i < urls->count; i++) {
        struct config_web_url url;

        if (config_web_url_read(text_of(urls->items[i]), &url) &&
            config_web_url_is_same_origin(origin, &url)) {
            return true;
        }
    }
    return false;
}

bool web_origin_is_allowed(const struct http1_head *head,
                           const struct string_list *urls,
                           const struct listener *listener)
{
    struct bits_text text = TEXT("");
    unsigned count = find_origin(head, &text);
    struct config_web_url origin;

    if (count == 0) {
        return true;
    }
    return count == 1 && config_web_url_read(text, &origin) &&
           origin.path.len == 0 &&
           (is_in(&origin, urls) ||
            (!listener->is_exposed && is_local(&origin)));
}
