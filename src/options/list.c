/*
 * options/list.c: see list.h.
 */
#include "options/list.h"

#include <stdlib.h>
#include <string.h>

bool string_list_add(struct string_list *list, const char *text)
{
    char **items = realloc(list->items, (list->count + 1) * sizeof(*items));

    if (!items) {
        return false;
    }
    list->items = items;
    items[list->count] = strdup(text);
    if (!items[list->count]) {
        return false;
    }
    list->count++;
    return true;
}

bool string_list_is_same(const struct string_list *a,
                         const struct string_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}

void string_list_done(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct string_list){0};
}
