/*
 * store/local/trial.c: see trial.h.
 */
#include "store/local/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/local/names.h"

#define TRIALS "names"

/* Not UTF-8, and with characters that Windows forbids. */
#define HOSTILE "probe-<>:\"|?*\xc3\xff"

static bool is_about_names(int error)
{
    return error == ENAMETOOLONG || error == EILSEQ || error == EINVAL;
}

enum bits_cause trial_cause(const struct store_place *place, int error)
{
    return error == EINVAL && place->staging->tries_names
               ? BITS_CAUSE_TARGET_CHARACTER
               : os_cause(error);
}

/* Creates a file of this name and removes it.  Returns 0, or an errno value
 * that is about the name. */
static int try_segment(int folder, const char *segment)
{
    int fd = openat(folder, segment,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0) {
        /* EEXIST: another thread tries the same name. */
        return is_about_names(errno) ? errno : 0;
    }
    (void)close(fd);
    (void)unlinkat(folder, segment, 0);
    return 0;
}

static int open_trials(int staging)
{
    return openat(staging, TRIALS,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void clear_trials(int staging)
{
    int fd = open_trials(staging);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!folder) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return;
    }
    while ((entry = readdir(folder)) != NULL) {
        (void)unlinkat(fd, entry->d_name, 0); /* fails for "." and ".." */
    }
    (void)closedir(folder);
}

bool trial_is_needed(int staging)
{
    char name[BITS_SEGMENT_MAX + 1];

    clear_trials(staging);
    memset(name, 'x', sizeof(name));
    memcpy(name, HOSTILE, sizeof(HOSTILE) - 1);
    name[BITS_SEGMENT_MAX - 1] = '.';
    name[BITS_SEGMENT_MAX] = '\0';
    (void)unlinkat(staging, name, 0); /* an earlier process may have left it */
    return try_segment(staging, name) != 0;
}

static enum bits_cause refuse(struct store_place *place, const char *name,
                              const char *segment, int error,
                              struct fault *ret_fault)
{
    size_t size = strlen(segment);
    struct statvfs info;

    if (error == ENAMETOOLONG && fstatvfs(place->root, &info) == 0 &&
        info.f_namemax < size) {
        return cause_fault(
            ret_fault, trial_cause(place, error),
            NAMES_SHOWN " has a name of %zu bytes, and the file system takes "
                        "%lu; use a shorter one",
            place->root_path, name, size, info.f_namemax);
    }
    return cause_fault(ret_fault, trial_cause(place, error),
                       NAMES_SHOWN " has a name of %zu bytes that the file "
                                   "system refuses: %.80s%s; use another one",
                       place->root_path, name, size, segment,
                       error == EILSEQ         ? " (not UTF-8)"
                       : error == ENAMETOOLONG ? " (too long)"
                                               : "");
}

/* Tries all segments after the first `skip`. */
static enum bits_cause try_segments(struct store_place *place, int folder,
                                    const char *name, size_t skip,
                                    struct fault *ret_fault)
{
    char segment[BITS_SEGMENT_MAX + 1];
    const char *rest = name;
    bool more = true;
    int error = 0;

    while (more && !error) {
        size_t len = strcspn(rest, "/");

        if (skip > 0) {
            skip--;
        } else {
            (void)snprintf(segment, sizeof(segment), "%.*s", (int)len, rest);
            error = try_segment(folder, segment);
        }
        more = rest[len] == '/';
        rest += len + 1;
    }
    return error ? refuse(place, name, segment, error, ret_fault)
                 : BITS_CAUSE_OK;
}

enum bits_cause trial_of_name(struct store_place *place,
                              const struct local_rules *rules, const char *name,
                              struct fault *ret_fault)
{
    struct names_folder folder;
    enum bits_cause cause;
    int trials;

    cause = names_open_existing(place, rules, name, &folder, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    (void)close(folder.fd);
    (void)mkdirat(place->staging->fd, TRIALS, 0700);
    trials = open_trials(place->staging->fd);
    if (trials < 0) {
        return BITS_CAUSE_OK; /* the delivery will report it */
    }
    cause = try_segments(place, trials, name,
                         names_depth(name) - folder.missing, ret_fault);
    (void)close(trials);
    return cause;
}
