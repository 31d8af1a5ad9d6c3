/*
 * config/list.h: lists of strings that own their strings.
 */
#ifndef CONFIG_LIST_H
#define CONFIG_LIST_H

#include <stdbool.h>

#include "config/config.h"

/* Appends a copy.  False: out of memory, the list is as before. */
bool config_list_add(struct config_list *list, const char *text);

/* Do both have the same strings in the same order? */
bool config_list_is_same(const struct config_list *a,
                         const struct config_list *b);

/* Frees everything; the list is empty then. */
void config_list_done(struct config_list *list);

#endif
