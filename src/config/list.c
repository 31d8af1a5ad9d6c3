/*
 * config/list.c: see list.h.
 */
#include "config/list.h"

#include <stdlib.h>
#include <string.h>

bool config_list_add(struct config_list *list, const char *text)
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

bool config_list_is_same(const struct config_list *a,
                         const struct config_list *b)
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

void config_list_done(struct config_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct config_list){0};
}
