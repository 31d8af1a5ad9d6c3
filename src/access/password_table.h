/*
 * access/password_table.h: the users of a password file.
 *
 * It never changes; one thread at a time, or all read.
 */
#ifndef ACCESS_PASSWORD_TABLE_H
#define ACCESS_PASSWORD_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

#include "options/report.h"

struct password_entry {
    struct bits_text name;
    const char *hash;
    unsigned line;
};

struct password_table {
    char *text;                     /* that the entries point into */
    struct password_entry *entries; /* by name */
    size_t count;
};

/* Takes the text of a file, from malloc() and terminated.  Lines with a fault
 * are reported with the path (access/faults.h) and left out, and so is the
 * second of two lines with one name.  NULL: no memory; the text is freed. */
struct password_table *password_table_new(char *text, size_t size,
                                          const char *path,
                                          struct report *report);

/* Accepts NULL. */
void password_table_free(struct password_table *table);

/* NULL: there is no such user. */
const struct password_entry *
password_table_find(const struct password_table *table, struct bits_text name);

#endif
