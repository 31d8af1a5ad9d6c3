/*
 * store/local/names.c: finds the folder of a session's name below the root.
 *
 * A name has passed bits_target_name(): no dots, no empty segments.  What could
 * still mislead is on the disk: symbolic links, mounts, and the server's own
 * folders.  The latter are recognized by identity, not by name, on the way down
 * from the root.
 *
 * The walk stops at the first missing folder, and max_folder_depth limits it,
 * so that every name has a bounded cost on an event thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/barrier.h"
#include "os/beneath.h"
#include "store/local/calls.h"
#include "store/local/forbidden.h"
#include "store/local/foreign.h"
#include "store/local/names.h"
#include "store/local/rules.h"
#include "store/local/work.h"

const char *local_leaf(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

enum bits_cause names_refuse(struct fault *ret_fault, enum bits_cause cause,
                             const char *root, const char *name,
                             const char *why)
{
    return cause_fault(ret_fault, cause, NAMES_SHOWN " %s", root, name, why);
}

size_t names_depth(const char *name)
{
    size_t count = 0;

    for (; *name; name++) {
        count += *name == '/';
    }
    return count;
}

/* Why a folder of a name cannot be entered. `len` is how much of the name leads
 * to it. */
static enum bits_cause enter_failed(struct store_place *place, const char *name,
                                    size_t len, int error,
                                    struct fault *ret_fault)
{
    const char *root = place->root_path;
    char folder[FAULT_TEXT_MAX];

    (void)snprintf(folder, sizeof(folder), "%.*s", (int)len, name);
    switch (error) {
    case EBUSY:
        return names_refuse(ret_fault, CAUSE_TARGET_RESERVED, root, folder,
                            "is a folder of the server itself");
    case ELOOP:
        return names_refuse(
            ret_fault, CAUSE_TARGET_LINK, root, folder,
            "goes through a symbolic link; those are not followed");
    case EXDEV:
        return names_refuse(
            ret_fault, CAUSE_OTHER_FILE_SYSTEM, root, folder,
            "is on another mount than the root; make it an upload "
            "section of its own");
    case ENOTDIR:
        return names_refuse(ret_fault, CAUSE_FOLDER_IS_FILE, root, folder,
                            "is a file, not a folder");
    default:
        return os_fail(ret_fault, error, "cannot open the folder", root,
                       folder);
    }
}

static void names_leave(const struct store_place *place, int folder)
{
    if (folder != place->root) {
        (void)close(folder);
    }
}

int names_enter(struct store_place *place, int folder, const char *segment,
                int flags, int *ret_fd)
{
    int fd = os_open_beneath(folder, segment, flags | O_DIRECTORY, 0);
    struct stat info;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = fstat(fd, &info) != 0                     ? errno
            : local_is_forbidden(place->store, &info) ? EBUSY
            : local_is_foreign(fd)                    ? EBUSY
                                                      : 0;
    if (error) {
        (void)close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

/* Walks from the root towards the folder of the name as long as folders exist.
 * *ret_at is where it stopped: the root's own descriptor, or one that the
 * caller closes. *ret_missing is the number of folders beyond.  Returns 0 or an
 * errno value; *ret_len is how much of the name leads to where it stopped. */
static int walk_down(struct store_place *place, const char *name, int *ret_at,
                     size_t *ret_missing, size_t *ret_len)
{
    const char *rest = name;
    char segment[BITS_SEGMENT_MAX + 1];
    int at = place->root;
    int error = 0;

    *ret_missing = names_depth(name);
    while (!error && *ret_missing > 0) {
        size_t len = strcspn(rest, "/");
        int next = -1;

        (void)snprintf(segment, sizeof(segment), "%.*s", (int)len, rest);
        error = names_enter(place, at, segment,
                            *ret_missing > 1 ? O_PATH : O_RDONLY, &next);
        *ret_len = (size_t)(rest - name) + len;
        if (!error) {
            names_leave(place, at);
            at = next;
            rest += len + 1;
            (*ret_missing)--;
        }
    }
    *ret_at = at;
    return error == ENOENT ? 0 : error;
}

enum bits_cause names_open_existing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const char *name,
                                    struct names_folder *ret_folder,
                                    struct fault *ret_fault)
{
    size_t len = 0;
    int error;
    int at;

    if (names_depth(name) > rules->own.max_folder_depth) {
        return names_refuse(ret_fault, CAUSE_TARGET_TOO_DEEP, place->root_path,
                            name,
                            "goes through more folders than max_folder_depth "
                            "allows");
    }
    error = walk_down(place, name, &at, &ret_folder->missing, &len);
    if (error) {
        names_leave(place, at);
        return enter_failed(place, name, len, error, ret_fault);
    }
    if (at != place->root && ret_folder->missing == 0) {
        ret_folder->fd = at;
        return BITS_CAUSE_OK;
    }
    /* fsync(2) needs a descriptor opened without O_PATH. */
    ret_folder->fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    error = ret_folder->fd < 0 ? errno : 0;
    names_leave(place, at);
    return error ? enter_failed(place, name, len, error, ret_fault)
                 : BITS_CAUSE_OK;
}

/* How much of the name leads to its folder number `count`, counted from 1. */
static size_t folder_len(const char *name, size_t count)
{
    size_t len = 0;

    for (; count > 0; count--) {
        len += strcspn(name + len, "/") + (count > 1);
    }
    return len;
}

/* How many of the missing folders the client asked for: the others come first.
 */
static size_t asked_for(const struct names_wanted *wanted, size_t missing)
{
    size_t depth = names_depth(wanted->name);
    size_t asked =
        wanted->own_folders < depth ? depth - (size_t)wanted->own_folders : 0;

    return missing < asked ? missing : asked;
}

enum bits_cause names_check_missing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const struct names_wanted *wanted,
                                    size_t missing, struct fault *ret_fault)
{
    size_t asked = asked_for(wanted, missing);
    char folder[FAULT_TEXT_MAX];
    char why[100];
    size_t first;

    if (asked == 0 || (rules->own.create_folders &&
                       asked <= rules->own.create_folders_depth)) {
        return BITS_CAUSE_OK;
    }
    first = names_depth(wanted->name) - asked + 1;
    (void)snprintf(folder, sizeof(folder), "%.*s",
                   (int)folder_len(wanted->name, first), wanted->name);
    if (!rules->own.create_folders) {
        return names_refuse(ret_fault, CAUSE_FOLDER_MISSING, place->root_path,
                            folder, "does not exist");
    }
    (void)snprintf(why, sizeof(why),
                   "does not exist; %zu new folders needed, %" PRIu64
                   " allowed",
                   asked, (uint64_t)rules->own.create_folders_depth);
    return names_refuse(ret_fault, CAUSE_TOO_MANY_FOLDERS, place->root_path,
                        folder, why);
}

static enum bits_cause check_leaf(struct store_place *place,
                                  const struct local_rules *rules, int folder,
                                  const char *name, struct fault *ret_fault)
{
    struct stat info;

    if (fstatat(folder, local_leaf(name), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return BITS_CAUSE_OK; /* an obstacle is reported at the delivery */
    }
    if (S_ISDIR(info.st_mode)) {
        return names_refuse(ret_fault, BITS_CAUSE_TARGET_IS_FOLDER,
                            place->root_path, name, "is a folder");
    }
    if (rules->section.on_exists == STORE_EXISTS_REFUSE) {
        return names_refuse(ret_fault, CAUSE_FILE_EXISTS, place->root_path,
                            name, "exists");
    }
    return BITS_CAUSE_OK;
}

enum bits_cause names_check_right(struct store_place *place, int folder,
                                  const char *name, struct fault *ret_fault)
{
    if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0) {
        return BITS_CAUSE_OK;
    }
    return os_fail(ret_fault, errno, "cannot write into the folder of",
                   place->root_path, name);
}

enum bits_cause names_check_barrier(struct store_place *place, int folder,
                                    const char *name, struct fault *ret_fault)
{
    const char *why = NULL;

    switch (os_barrier_between(place->staging->fd, folder)) {
    case OS_BARRIER_NONE:
        return BITS_CAUSE_OK;
    case OS_BARRIER_DEVICE:
        why = "lies in another subvolume than the staging folder; make it an "
              "upload section of its own";
        break;
    case OS_BARRIER_PROJECT:
        why = "lies in a folder with another project id (xfs_quota, chattr +P) "
              "than the staging folder; make it an upload section of its own";
        break;
    case OS_BARRIER_ENCRYPTION:
        why = "lies in a folder that is encrypted otherwise than the staging "
              "folder (fscrypt); make it an upload section of its own";
        break;
    }
    return names_refuse(ret_fault, CAUSE_OTHER_FILE_SYSTEM, place->root_path,
                        name, why);
}

enum bits_cause names_find(struct store_place *place,
                           const struct local_rules *rules, const char *name,
                           struct names_folder *ret_folder,
                           struct fault *ret_fault)
{
    size_t own = local_forbidden_len(place, name);
    char folder[FAULT_TEXT_MAX];
    enum bits_cause cause;

    if (local_is_reserved(local_leaf(name))) {
        return names_refuse(ret_fault, CAUSE_TARGET_RESERVED, place->root_path,
                            name, "is a name that bitsd uses itself");
    }
    if (own > 0) {
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)own, name);
        return names_refuse(ret_fault, CAUSE_TARGET_RESERVED, place->root_path,
                            folder, "is a folder of the server itself");
    }
    cause = names_open_existing(place, rules, name, ret_folder, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    cause = names_check_barrier(place, ret_folder->fd, name, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        (void)close(ret_folder->fd);
    }
    return cause;
}

/* N3; trial.c checks whether the file system accepts the name. */
static enum bits_cause check_name(struct store_place *place,
                                  const struct names_wanted *wanted,
                                  struct fault *ret_fault)
{
    struct local_rules rules = local_rules_of(place);
    struct names_folder folder;
    enum bits_cause cause;

    cause = names_find(place, &rules, wanted->name, &folder, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    cause = folder.missing > 0
                ? names_check_missing(place, &rules, wanted, folder.missing,
                                      ret_fault)
                : check_leaf(place, &rules, folder.fd, wanted->name, ret_fault);
    if (cause == BITS_CAUSE_OK) {
        cause = names_check_right(place, folder.fd, wanted->name, ret_fault);
    }
    (void)close(folder.fd);
    return cause;
}

enum store_when local_check_name(struct store_place *place, const char *name,
                                 uint64_t own_folders, struct store_op *op)
{
    const struct names_wanted wanted = {name, own_folders};

    op->fault.text[0] = '\0';
    return local_answer(op, check_name(place, &wanted, &op->fault));
}
