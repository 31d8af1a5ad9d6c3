/*
 * access/faults.h: reports faults in the lines of a file.  A file that is
 * something else has faults without end, so their number is limited.
 */
#ifndef ACCESS_FAULTS_H
#define ACCESS_FAULTS_H

#include <openbits/text.h>

#include "options/report.h"

#define FAULTS_MAX 100

struct faults {
    const char *path;
    const char *file; /* "password file" */
    const char *item; /* "user" */
    unsigned count;
    struct report *report;
};

/* Reports "PATH:LINE: ITEM NAME: WORDS".  The last of FAULTS_MAX reports says
 * that there are more.  Without a name the line may be anything, a secret too:
 * it is not quoted. */
void faults_add(struct faults *faults, unsigned line, struct bits_text name,
                const char *words);

#endif
