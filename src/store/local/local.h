/*
 * store/local/local.h: the store on local disks: rows in SQLite, bytes in plain
 * files.
 */
#ifndef STORE_LOCAL_LOCAL_H
#define STORE_LOCAL_LOCAL_H

#include "config/config.h"
#include "os/clock.h"
#include "store/store.h"

struct store_local_options {
    const char *state_dir; /* created if it is missing; its parent must exist */
    unsigned workers;      /* threads that wait for disks; 0: 32 */
    uint64_t max_ended_sessions; /* sessions whose ending is remembered; 0:
                                    all */
    struct option_space state_min_free_space; /* all 0: no limit */
    const struct os_clock *clock; /* NULL: the system's; must outlive the
                                     store */

    /* Receives failures in the background that no call returns; may be NULL.
     * Any thread; must not block. */
    void (*trouble)(void *context, enum bits_cause cause, const char *detail);

    /* Receives warnings for the administrator about calls that succeeded; as
     * above. */
    void (*warning)(void *context, const char *event, const char *words);
    void *context;
};

/* The options of a section that only this store needs.  Texts are borrowed like
 * those of the section. */
struct local_section {
    const char *root;
    const char *temp_dir; /* the staging folder */
    unsigned file_mode;
    unsigned folder_mode;
    bool inherit_rights;
    bool create_folders;
    uint64_t create_folders_depth;
    uint64_t max_folder_depth;
    struct option_space min_free_space;
};

/* Opens the index and starts the threads.  Returns NULL with the remedy in the
 * fault on failure.  The options are not used after it returns. */
struct store *store_local_open(const struct store_local_options *options,
                               struct fault *ret_fault);

/* Returns true if a process has the store of this folder open: *ret_pid, or 0
 * if its number is unknown.  Changes nothing. */
bool store_local_is_open(const char *state_dir, long *ret_pid);

/* Forgets all sessions of a prefix that have not ended.  Returns false with the
 * remedy in the fault on failure.  Blocks; call before any place is open. */
bool store_local_forget(struct store *store, const char *prefix,
                        uint64_t *ret_count, struct fault *ret_fault);

#endif
