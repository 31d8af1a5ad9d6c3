/*
 * store/local/folders.c: opens and creates the folder of a destination.
 */
#include "store/local/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/local/names.h"
#include "store/local/trial.h"

/* Creates the folder `name` in *folder and enters it.  Its entry is durable
 * afterwards.  Returns 0 or an errno value. */
static int make_and_enter(struct store_place *place,
                          const struct local_rules *rules, const char *name,
                          int *folder)
{
    /* With a umask of 0 the folder has its mode from the start, and the group
     * and ACL inherited from its parent. */
    bool made = mkdirat(*folder, name, rules->own.folder_mode) == 0;
    int error = made || errno == EEXIST ? 0 : errno;
    int next = -1;

    if (!error) {
        error = names_enter(place, *folder, name, O_RDONLY, &next);
    }
    if (!error && made && rules->section.durability == STORE_DURABLE_FINAL &&
        fsync(*folder) != 0) {
        error = errno;
        (void)close(next);
    }
    if (!error) {
        (void)close(*folder);
        *folder = next;
    }
    return error;
}

/* Creates the missing folders of the name, and enters the last one. */
static enum bits_cause make_missing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const char *name,
                                    struct names_folder *folder,
                                    struct fault *ret_fault)
{
    size_t skip = names_depth(name) - folder->missing;
    char segment[BITS_SEGMENT_MAX + 1];
    size_t len;
    int error;

    for (; strchr(name, '/'); name += len + 1) {
        len = strcspn(name, "/");
        if (skip > 0) {
            skip--;
            continue;
        }
        (void)snprintf(segment, sizeof(segment), "%.*s", (int)len, name);
        error = make_and_enter(place, rules, segment, &folder->fd);
        if (error) {
            (void)os_fail(ret_fault, error, "cannot make the folder",
                          place->root_path, segment);
            return trial_cause(place, error);
        }
    }
    return BITS_CAUSE_OK;
}

int local_open_old_folder(struct store_place *place,
                          const struct local_rules *rules, const char *name)
{
    struct fault fault;
    struct names_folder folder;

    if (names_open_existing(place, rules, name, &folder, &fault) !=
        BITS_CAUSE_OK) {
        return -1;
    }
    if (folder.missing > 0) {
        (void)close(folder.fd);
        folder.fd = -1;
    }
    return folder.fd;
}

enum bits_cause local_open_folder(struct store_place *place,
                                  const struct local_rules *rules,
                                  const struct names_wanted *wanted,
                                  int *ret_fd, struct fault *ret_fault)
{
    const char *name = wanted->name;
    struct names_folder folder;
    enum bits_cause cause;

    cause = names_open_existing(place, rules, name, &folder, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    cause = names_check_barrier(place, folder.fd, name, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        cause = names_check_missing(place, rules, wanted, folder.missing,
                                    ret_fault);
    }
    if (cause == BITS_CAUSE_OK) {
        cause = make_missing(place, rules, name, &folder, ret_fault);
    }
    if (cause != BITS_CAUSE_OK) {
        (void)close(folder.fd);
        return cause;
    }
    *ret_fd = folder.fd;
    return cause;
}
