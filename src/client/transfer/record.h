/*
 * client/transfer/record.h: the small file by which a transfer goes on after
 * the process has died.
 *
 * One for each URL and path, KEY.json in a folder of home.h, replaced by
 * rename; KEY.lock beside it is locked while a process works on it.
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
    RECORD_NONE,    /* nothing is known */
    RECORD_RUNNING, /* begun */
    RECORD_DONE,    /* delivered, for --once */
};

struct record {
    int folder;       /* borrowed */
    int lock;         /* owns */
    const char *url;  /* borrowed, for those who read the file */
    const char *path; /* the same */
    char key[RECORD_KEY_MAX + 1];

    enum record_state state;
    struct source_mark mark;             /* RUNNING, DONE */
    enum source_boot boot;               /* of the mark */
    struct bits_transfer_state transfer; /* RUNNING; as it stands now: ages
                                            and sent_end are put right */
    char *cookies;                       /* owns; NULL: none */
};

enum record_result {
    RECORD_OPENED,
    RECORD_BUSY,   /* another process works on it: *ret_pid, 0 if unknown */
    RECORD_FAILED, /* errno */
};

/* Locks the transfer and reads what is known of it; what cannot be read counts
 * as nothing.  The user asks again: it is not stalled any more. */
enum record_result record_open(struct record *record, int folder,
                               const char *url, const char *path,
                               long *ret_pid);

/* Looks without a lock: for lists.  False: there is none. */
bool record_peek(struct record *record, int folder, const char *url,
                 const char *path);

/* Writes it down.  0, or errno. */
int record_save(struct record *record, enum record_state state);

/* Nothing is known any more. */
void record_forget(struct record *record);

/* Unlocks and frees. */
void record_close(struct record *record);

#endif
