/*
 * options/list.h: lists of strings that own their strings.
 */
#ifndef OPTIONS_LIST_H
#define OPTIONS_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Start with {0}. */
struct string_list {
    char **items;
    size_t count;
};

/* Appends a copy.  Returns false, and leaves the list untouched, if memory ran
 * out. */
bool string_list_add(struct string_list *list, const char *text);

/* Returns true if both have the same strings in the same order. */
bool string_list_is_same(const struct string_list *a,
                         const struct string_list *b);

/* Frees everything and empties the list. */
void string_list_done(struct string_list *list);

#endif
