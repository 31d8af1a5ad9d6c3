/*
 * access/group_table.h: the groups of a group_file, in the form of Apache's
 * htgroup: lines "GROUP: USER USER ...".
 *
 * It never changes; one thread at a time, or all read.
 */
#ifndef ACCESS_GROUP_TABLE_H
#define ACCESS_GROUP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

#include "options/report.h"

struct group_table;

/* Takes the text of a file, from malloc() and terminated.  A group may have
 * several lines.  Empty lines and lines that begin with # are ignored; lines
 * with a fault are reported with the path and left out.  NULL: no memory; the
 * text is freed. */
struct group_table *group_table_new(char *text, size_t size, const char *path,
                                    struct report *report);

/* Accepts NULL. */
void group_table_free(struct group_table *table);

/* The number of members of all groups. */
size_t group_table_count(const struct group_table *table);

bool group_table_has(const struct group_table *table, struct bits_text group,
                     struct bits_text user);

#endif
