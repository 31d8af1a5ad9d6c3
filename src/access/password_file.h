/*
 * access/password_file.h: a file of names and passwords that is read again when
 * it changes.
 *
 * One thread at a time.
 */
#ifndef ACCESS_PASSWORD_FILE_H
#define ACCESS_PASSWORD_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "access/password_table.h"

/* A longer file is refused, bytes. */
#define PASSWORD_FILE_MAX ((size_t)16 << 20)

struct password_file {
    char *path;
    struct stat read; /* what was read; all zero: nothing */
    bool is_needed;   /* of the owner */
    bool may_differ;  /* it changed so recently that a further change may not
                         show */
    struct password_table *table; /* NULL: the file cannot be read, and */
    int error;                    /* this is why */
};

/* False: no memory. */
bool password_file_init(struct password_file *file, const char *path);
void password_file_done(struct password_file *file);

enum password_file_news {
    PASSWORD_FILE_SAME,
    PASSWORD_FILE_CHANGED, /* it was read; lines with faults are reported */
    PASSWORD_FILE_LOST,    /* it cannot be read, which is reported */
    PASSWORD_FILE_ABSENT,  /* it still cannot be read */
};

/* Reads it, whether it has changed or not; what is wrong is reported. */
void password_file_read(struct password_file *file, struct report *report);

/* Looks whether the file has changed, and reads it if so.  A file that ends in
 * the middle of a line is being written: for two seconds the users that it had
 * stay in force. */
enum password_file_news password_file_refresh(struct password_file *file,
                                              struct report *report);

#endif
