/*
 * store/local/names.c: from a session's name to a folder below the root.
 *
 * A name has passed bits_target_name(): no dots, no empty segments.  What
 * could still lead astray is what stands on the disk: symbolic links, mounts,
 * and the server's own folders, which are recognised by their identity on the
 * way from the opened folder back to the root, whatever they are called.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/beneath.h"
#include "store/local/names.h"

static bool is_forbidden_folder(struct local_store *store,
                                const struct stat *info)
{
    struct local_forbidden *forbidden;

    uv_mutex_lock(&store->mutex);
    forbidden = store->forbidden;
    while (forbidden && (forbidden->device != info->st_dev ||
                         forbidden->inode != info->st_ino)) {
        forbidden = forbidden->next;
    }
    uv_mutex_unlock(&store->mutex);
    return forbidden != NULL;
}

bool local_forbid(struct local_store *store, const char *path, int fd)
{
    struct local_forbidden *forbidden;
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return false;
    }
    if (is_forbidden_folder(store, &info)) {
        return true; /* the state folder, or a section opened again */
    }
    forbidden = calloc(1, sizeof(*forbidden));
    if (!forbidden) {
        return false;
    }
    forbidden->path = realpath(path, NULL);
    if (!forbidden->path) {
        free(forbidden);
        return false;
    }
    forbidden->device = info.st_dev;
    forbidden->inode = info.st_ino;
    uv_mutex_lock(&store->mutex);
    forbidden->next = store->forbidden;
    store->forbidden = forbidden;
    uv_mutex_unlock(&store->mutex);
    return true;
}

const char *local_leaf(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

enum bits_cause names_refuse(char detail[STORE_DETAIL_MAX],
                             enum bits_cause cause, const char *root,
                             const char *name, const char *why)
{
    (void)snprintf(detail, STORE_DETAIL_MAX, "%.120s/%.150s %s", root, name,
                   why);
    return cause;
}

/* Is the path of a forbidden folder the root's, followed by the name or by a
 * folder above it? In any case: some file systems do not tell them apart. */
static bool names_forbidden(const char *root, const char *name,
                            const char *forbidden)
{
    size_t root_len = strcmp(root, "/") == 0 ? 0 : strlen(root);
    size_t rest_len;

    if (strncmp(forbidden, root, root_len) != 0 || forbidden[root_len] != '/') {
        return false;
    }
    forbidden += root_len + 1;
    rest_len = strlen(forbidden);
    return strncasecmp(name, forbidden, rest_len) == 0 &&
           (name[rest_len] == '\0' || name[rest_len] == '/');
}

static bool is_forbidden_name(struct store_place *place, const char *name)
{
    struct local_store *store = place->store;
    struct local_forbidden *forbidden;

    uv_mutex_lock(&store->mutex);
    forbidden = store->forbidden;
    while (forbidden &&
           !names_forbidden(place->root_path, name, forbidden->path)) {
        forbidden = forbidden->next;
    }
    uv_mutex_unlock(&store->mutex);
    return forbidden != NULL;
}

/* One folder up.  0 or an errno value; the folder that `at` was is closed
 * unless it is the first one. */
static int climb(int first, int *at)
{
    int up = openat(*at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int error = up < 0 ? errno : 0;

    if (*at != first) {
        (void)close(*at);
    }
    *at = up;
    return error;
}

/* Is one of at most depth folders above this one the root, and none on the way
 * one of the server's own? 0 or an errno value. */
static int look_up_to_root(struct store_place *place, int folder, size_t depth,
                           bool *ret_proper)
{
    struct stat root;
    struct stat info;
    int at = folder;
    int error = fstat(place->root, &root) == 0 ? 0 : errno;

    *ret_proper = false;
    for (size_t i = 0; error == 0 && i <= depth; i++) {
        if (fstat(at, &info) != 0) {
            error = errno;
            break;
        }
        if (info.st_ino == root.st_ino && info.st_dev == root.st_dev) {
            *ret_proper = true;
            break;
        }
        if (is_forbidden_folder(place->store, &info)) {
            break;
        }
        error = climb(folder, &at);
    }
    if (at != folder && at >= 0) {
        (void)close(at);
    }
    return error;
}

size_t names_depth(const char *name)
{
    size_t count = 0;

    for (; *name; name++) {
        count += *name == '/';
    }
    return count;
}

enum bits_cause names_check_way(struct store_place *place, int folder,
                                const char *name, char detail[STORE_DETAIL_MAX])
{
    bool proper;
    int error = look_up_to_root(place, folder, names_depth(name), &proper);

    if (error) {
        return os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, error,
                       "cannot look at the folders of", place->root_path, name);
    }
    if (!proper) {
        return names_refuse(detail, BITS_TARGET_FORBIDDEN, place->root_path,
                            name, "is a folder of the server itself");
    }
    return BITS_OK;
}

/* Why a folder of a name cannot be opened. */
static enum bits_cause folder_failed(struct store_place *place,
                                     const char *folder, int error,
                                     char detail[STORE_DETAIL_MAX])
{
    const char *root = place->root_path;

    switch (error) {
    case ELOOP:
        return names_refuse(
            detail, BITS_TARGET_FORBIDDEN, root, folder,
            "goes through a symbolic link; those are not followed");
    case EXDEV:
        return names_refuse(
            detail, BITS_OTHER_FILE_SYSTEM, root, folder,
            "is on another mount than the root; make it an upload "
            "section of its own");
    case ENAMETOOLONG:
        return names_refuse(detail, BITS_TARGET_FORBIDDEN, root, folder,
                            "is too long");
    default:
        return os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, error,
                       "cannot open the folder", root, folder);
    }
}

enum bits_cause names_open_existing(struct store_place *place, const char *name,
                                    int *ret_fd, size_t *ret_missing,
                                    char detail[STORE_DETAIL_MAX])
{
    size_t len = (size_t)(local_leaf(name) - name);
    char folder[4096];
    enum bits_cause cause;

    *ret_missing = 0;
    if (len > sizeof(folder)) {
        return names_refuse(detail, BITS_TARGET_FORBIDDEN, place->root_path,
                            name, "is too long");
    }
    memcpy(folder, name, len);
    for (;;) {
        if (len == 0) {
            *ret_fd = fcntl(place->root, F_DUPFD_CLOEXEC, 0);
        } else {
            folder[len - 1] = '\0';
            *ret_fd =
                os_open_beneath(place->root, folder, O_RDONLY | O_DIRECTORY, 0);
        }
        if (*ret_fd >= 0) {
            return BITS_OK;
        }
        cause = folder_failed(place, len ? folder : "", errno, detail);
        if (errno != ENOENT || len == 0) {
            return cause;
        }
        (*ret_missing)++;
        len = (size_t)(local_leaf(folder) - folder);
    }
}

enum bits_cause names_check_missing(struct store_place *place,
                                    const struct config_upload *rules,
                                    const char *name, size_t missing,
                                    char detail[STORE_DETAIL_MAX])
{
    if (missing == 0) {
        return BITS_OK;
    }
    if (!rules->create_folders) {
        return names_refuse(detail, BITS_FOLDER_MISSING, place->root_path, name,
                            "lies in a folder that does not exist");
    }
    if (missing > rules->create_folders_depth) {
        return names_refuse(
            detail, BITS_FOLDER_MISSING, place->root_path, name,
            "lacks more folders than create_folders_depth allows");
    }
    return BITS_OK;
}

static enum bits_cause check_leaf(struct store_place *place,
                                  const struct config_upload *rules, int folder,
                                  const char *name,
                                  char detail[STORE_DETAIL_MAX])
{
    struct stat info;

    if (fstatat(folder, local_leaf(name), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return BITS_OK; /* what stands in the way shows at delivery */
    }
    if (S_ISDIR(info.st_mode)) {
        return names_refuse(detail, BITS_TARGET_IS_FOLDER, place->root_path,
                            name, "is a folder");
    }
    if (rules->on_exists == CONFIG_EXISTS_REFUSE) {
        return names_refuse(detail, BITS_FILE_EXISTS, place->root_path, name,
                            "exists");
    }
    return BITS_OK;
}

/* The folder, or the deepest one that is there if others are to be made. */
static enum bits_cause check_right(struct store_place *place, int folder,
                                   const char *name,
                                   char detail[STORE_DETAIL_MAX])
{
    if (faccessat(folder, ".", W_OK | X_OK, AT_EACCESS) == 0) {
        return BITS_OK;
    }
    return os_fail((struct os_detail){detail, STORE_DETAIL_MAX}, errno,
                   "cannot write into the folder of", place->root_path, name);
}

enum bits_cause local_check_name(struct store_place *place, const char *name,
                                 char detail[STORE_DETAIL_MAX])
{
    struct config_upload rules = local_rules_of(place);
    enum bits_cause cause;
    size_t missing;
    int folder;

    if (is_forbidden_name(place, name)) {
        return names_refuse(detail, BITS_TARGET_FORBIDDEN, place->root_path,
                            name, "is a folder of the server itself");
    }
    cause = names_open_existing(place, name, &folder, &missing, detail);
    if (cause != BITS_OK) {
        return cause;
    }
    cause = names_check_way(place, folder, name, detail);
    if (cause == BITS_OK && missing > 0) {
        cause = names_check_missing(place, &rules, name, missing, detail);
    } else if (cause == BITS_OK) {
        cause = check_leaf(place, &rules, folder, name, detail);
    }
    if (cause == BITS_OK) {
        cause = check_right(place, folder, name, detail);
    }
    (void)close(folder);
    return cause;
}
