/*
 * client/home.c: see home.h.
 */
#include "client/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"

/* The first of the folders of the service manager, which are separated by
 * colons. */
static char *path_of_service(void)
{
    const char *folders = getenv("STATE_DIRECTORY");

    if (!folders || folders[0] != '/') {
        return NULL;
    }
    return strndup(folders, strcspn(folders, ":"));
}

static char *path_below(const char *variable, const char *rest)
{
    const char *folder = getenv(variable);
    char *path;

    if (!folder || folder[0] != '/' ||
        asprintf(&path, "%s/%s", folder, rest) < 0) {
        return NULL;
    }
    return path;
}

static char *choose_path(void)
{
    char *path = path_of_service();

    path = path ? path : path_below("XDG_STATE_HOME", "bits");
    return path ? path : path_below("HOME", ".local/state/bits");
}

/* Creates the folder and its missing parents.  Returns 0 or an errno value. */
static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : errno;
}

/* Returns 0 or an errno value. */
static int open_folder(struct home *home)
{
    int error = make_folders(home->path);

    if (error) {
        return error;
    }
    home->fd = open(home->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (home->fd < 0) {
        return errno;
    }
    return faccessat(home->fd, ".", W_OK | X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

bool home_open(struct home *home, const char *name, struct fault *ret_fault)
{
    CLEANUP(free_string) char *folder = choose_path();
    int error;

    *home = (struct home){.fd = -1};
    if (!folder) {
        return fault_set(ret_fault, "HOME is not set");
    }
    if (asprintf(&home->path, "%s%s%s", folder, name ? "/" : "",
                 name ? name : "") < 0) {
        home->path = NULL;
        return fault_set(ret_fault, "out of memory");
    }
    error = open_folder(home);
    if (error) {
        (void)fault_set(ret_fault, "%s: %s", home->path, strerror(error));
        home_done(home);
    }
    return error == 0;
}

void home_done(struct home *home)
{
    if (home->fd >= 0) {
        (void)close(home->fd);
    }
    free(home->path);
    *home = (struct home){.fd = -1};
}
