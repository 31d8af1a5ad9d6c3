/*
 * client/transfer/record.h: the small file from which a transfer resumes after
 * its process has ended.
 *
 * One for each URL and path: KEY.json in a folder of home.h, replaced by
 * rename.  KEY.lock next to it is locked while a process works on the transfer.
 */
#ifndef CLIENT_TRANSFER_RECORD_H
#define CLIENT_TRANSFER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/transfer.h>

#include "client/transfer/source.h"

/* Hex digits of a SHA-256. */
#define RECORD_KEY_MAX 64

enum record_state {
    RECORD_NONE,    /* no record */
    RECORD_RUNNING, /* started */
    RECORD_DONE,    /* delivered, for --once */
};

struct record {
    int folder;       /* borrowed */
    int lock;         /* owned */
    const char *url;  /* borrowed, for people who read the file */
    const char *path; /* borrowed, for people who read the file */
    char key[RECORD_KEY_MAX + 1];

    enum record_state state;
    struct source_mark mark;             /* RUNNING, DONE */
    enum source_boot boot;               /* of the mark */
    struct bits_transfer_state transfer; /* RUNNING; ages and sent_end are
                                            corrected when it is read */
    char *cookies;                       /* owned; NULL: none */
};

enum record_result {
    RECORD_OPENED,
    RECORD_BUSY,   /* another process works on it: *ret_pid, 0 if unknown */
    RECORD_FAILED, /* errno */
};

/* Locks the transfer and reads its record; an unreadable record counts as none.
 * Clears `stalled`, since the user retries. */
enum record_result record_open(struct record *record, int folder,
                               const char *url, const char *path,
                               long *ret_pid);

/* Reads without a lock, for lists.  Returns false if there is no record. */
bool record_peek(struct record *record, int folder, const char *url,
                 const char *path);

/* Stores the record.  Returns 0 or an errno value. */
int record_save(struct record *record, enum record_state state);

/* Removes the record. */
void record_forget(struct record *record);

/* Unlocks and frees. */
void record_close(struct record *record);

#endif
