/*
 * store/local/forbidden.c: see forbidden.h.
 */
#include "store/local/forbidden.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Call with the store's mutex held. */
static struct local_forbidden *find_forbidden(struct local_store *store,
                                              const struct stat *info)
{
    struct local_forbidden *forbidden = store->forbidden;

    while (forbidden && (forbidden->device != info->st_dev ||
                         forbidden->inode != info->st_ino)) {
        forbidden = forbidden->next;
    }
    return forbidden;
}

bool local_is_forbidden(struct local_store *store, const struct stat *info)
{
    bool found;

    uv_mutex_lock(&store->mutex);
    found = find_forbidden(store, info) != NULL;
    uv_mutex_unlock(&store->mutex);
    return found;
}

bool local_forbid(struct local_store *store, const char *path, int fd)
{
    struct local_forbidden *forbidden;
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return false;
    }
    uv_mutex_lock(&store->mutex);
    forbidden = find_forbidden(store, &info);
    if (forbidden) {
        forbidden->refs++; /* the state folder, or the folder of a section
                              opened again */
    }
    uv_mutex_unlock(&store->mutex);
    if (forbidden) {
        return true;
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
    forbidden->refs = 1;
    forbidden->device = info.st_dev;
    forbidden->inode = info.st_ino;
    uv_mutex_lock(&store->mutex);
    forbidden->next = store->forbidden;
    store->forbidden = forbidden;
    uv_mutex_unlock(&store->mutex);
    return true;
}

void local_unforbid(struct local_store *store, int fd)
{
    struct local_forbidden **link = &store->forbidden;
    struct local_forbidden *forbidden;
    struct stat info;

    if (fstat(fd, &info) != 0) {
        return;
    }
    uv_mutex_lock(&store->mutex);
    forbidden = find_forbidden(store, &info);
    if (forbidden && --forbidden->refs == 0) {
        while (*link != forbidden) {
            link = &(*link)->next;
        }
        *link = forbidden->next;
    } else {
        forbidden = NULL;
    }
    uv_mutex_unlock(&store->mutex);
    if (forbidden) {
        free(forbidden->path);
        free(forbidden);
    }
}

/* Checks whether the path of a forbidden folder is the root's path followed by
 * the name or one of its parent folders.  Returns how much of the name that is,
 * 0: it is not.  Ignores case, as some file systems do. */
static size_t covered_len(const char *root, const char *name,
                          const char *forbidden)
{
    size_t root_len = strcmp(root, "/") == 0 ? 0 : strlen(root);
    size_t rest_len;

    if (strncmp(forbidden, root, root_len) != 0 || forbidden[root_len] != '/') {
        return 0;
    }
    forbidden += root_len + 1;
    rest_len = strlen(forbidden);
    return strncasecmp(name, forbidden, rest_len) == 0 &&
                   (name[rest_len] == '\0' || name[rest_len] == '/')
               ? rest_len
               : 0;
}

size_t local_forbidden_len(struct store_place *place, const char *name)
{
    struct local_store *store = place->store;
    struct local_forbidden *forbidden;
    size_t len = 0;

    uv_mutex_lock(&store->mutex);
    forbidden = store->forbidden;
    while (forbidden && len == 0) {
        len = covered_len(place->root_path, name, forbidden->path);
        forbidden = forbidden->next;
    }
    uv_mutex_unlock(&store->mutex);
    return len;
}
