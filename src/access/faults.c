/*
 * access/faults.c: see faults.h.
 */
#include "access/faults.h"

/* Enough of a name to find it. */
#define NAME_SHOWN 80

void faults_add(struct faults *faults, unsigned line, struct bits_text name,
                const char *words)
{
    struct place place = {faults->path, line};

    faults->count++;
    if (faults->count == FAULTS_MAX) {
        report_add(faults->report, (struct place){faults->path, 0},
                   "more lines have faults; is it a %s?", faults->file);
    } else if (faults->count < FAULTS_MAX && name.len > 0) {
        report_add(faults->report, place, "%s %.*s: %s", faults->item,
                   name.len < NAME_SHOWN ? (int)name.len : NAME_SHOWN, name.ptr,
                   words);
    } else if (faults->count < FAULTS_MAX) {
        report_add(faults->report, place, "%s", words);
    }
}
