/*
 * bitsd/inspect.c: see inspect.h.
 */
#include "bitsd/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/gate.h"
#include "base/compiler.h"
#include "base/fault.h"
#include "base/log.h"
#include "bitsd/certificates.h"
#include "config/form.h"
#include "os/file.h"
#include "os/mount.h"
#include "server/listener.h"
#include "store/local/local.h"

/* A folder that an option names. */
struct folder {
    const struct config_upload *upload; /* NULL: a folder of the server */
    const char *option;
    const char *path;
    int fd;        /* -1: cannot be opened */
    bool is_above; /* path does not exist; fd is its parent folder */
    bool may_write;
};

struct inspector {
    const struct config *config;
    struct inspection *found;
    bool guessed; /* the user was derived from the owner of state_dir */
    char user[64];
};

/* --- findings ------------------------------------------------------------ */

/* Adds the text after the place of the option. */
static void add_text(const struct inspector *inspector,
                     struct string_list *list,
                     const struct config_upload *upload, const char *option,
                     const char *text)
{
    char place[CONFIG_PLACE_MAX];
    char *line = NULL;

    config_write_place(inspector->config, upload, option, place);
    if (asprintf(&line, "%s: %s", place, text) >= 0) {
        (void)string_list_add(list, line);
        free(line);
    }
}

PRINTF_LIKE(4, 5)
static void add(const struct inspector *inspector, struct string_list *list,
                const struct folder *folder, const char *format, ...)
{
    struct fault fault;
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(fault.text, sizeof(fault.text), format, arguments);
    va_end(arguments);
    if (asprintf(&text, "%s %.200s %s", folder->option, folder->path,
                 fault.text) >= 0) {
        add_text(inspector, list, folder->upload, folder->option, text);
        free(text);
    }
}

/* --- the user ------------------------------------------------------------ */

static void write_user(struct inspector *inspector)
{
    uid_t user = geteuid();
    const struct passwd *entry = getpwuid(user);

    if (entry) {
        (void)snprintf(inspector->user, sizeof(inspector->user), "%s",
                       entry->pw_name);
    } else {
        (void)snprintf(inspector->user, sizeof(inspector->user), "%u",
                       (unsigned)user);
    }
}

/* Takes over the user's groups, too. */
static bool become(uid_t user, gid_t group)
{
    const struct passwd *entry = getpwuid(user);

    return (entry ? initgroups(entry->pw_name, entry->pw_gid)
                  : setgroups(0, NULL)) == 0 &&
           setegid(entry ? entry->pw_gid : group) == 0 && seteuid(user) == 0;
}

static void choose_user(struct inspector *inspector)
{
    const struct folder state = {.option = "state_dir",
                                 .path = inspector->config->server.state_dir};
    struct stat status;

    if (geteuid() == 0) {
        inspector->guessed = stat(state.path, &status) == 0 &&
                             status.st_uid != 0 &&
                             become(status.st_uid, status.st_gid);
        if (!inspector->guessed) {
            add(inspector, &inspector->found->warnings, &state,
                "does not exist or belongs to root, so the user of bitsd is "
                "unknown; rights were checked for root: run the check as that "
                "user, with runuser -u bitsd");
        }
    }
    write_user(inspector);
}

/* --- one folder ---------------------------------------------------------- */

static int open_above(const char *path)
{
    char *above = strdup(path);
    char *slash = above ? strrchr(above, '/') : NULL;
    int fd = -1;

    if (slash) {
        slash[slash == above ? 1 : 0] = '\0';
        fd = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    free(above);
    return fd;
}

/* If the user was only derived from state_dir's owner, missing rights are
 * warnings: the unit of the service may grant them. */
static struct string_list *list_for(const struct inspector *inspector,
                                    int error)
{
    return inspector->guessed && error == EACCES ? &inspector->found->warnings
                                                 : &inspector->found->errors;
}

static const char *remedy(int error)
{
    switch (error) {
    case ENOENT:
        return "mount its disk, or make it";
    case ENOTDIR:
        return "name a folder";
    default:
        return "give the user that bitsd runs as the right to it";
    }
}

static void check_rights(const struct inspector *inspector,
                         struct folder *folder)
{
    folder->may_write =
        faccessat(folder->fd, ".", W_OK | X_OK, AT_EACCESS) == 0;
    if (!folder->may_write) {
        add(inspector, list_for(inspector, errno), folder,
            "%s: user %s cannot write %s; give it the right to",
            strerror(errno), inspector->user,
            folder->is_above ? "the folder above it" : "there");
    }
}

/* may_be_made: bitsd creates it at its start if the parent folder exists. */
static void open_folder(const struct inspector *inspector,
                        struct folder *folder, bool may_be_made)
{
    int error;

    folder->fd = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    error = errno;
    if (folder->fd < 0 && error == ENOENT && may_be_made) {
        folder->fd = open_above(folder->path);
        folder->is_above = true;
    }
    if (folder->fd >= 0) {
        check_rights(inspector, folder);
        return;
    }
    add(inspector, list_for(inspector, error), folder,
        "cannot be opened by user %s: %s; %s", inspector->user, strerror(error),
        remedy(error));
}

/* --- folders compared ---------------------------------------------------- */

static bool is_one(const struct folder *a, const struct folder *b)
{
    struct stat first;
    struct stat second;

    return a->fd >= 0 && b->fd >= 0 && !a->is_above && !b->is_above &&
           fstat(a->fd, &first) == 0 && fstat(b->fd, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Roots may be shared, and a staging folder may also be the state folder. */
static bool may_be_one(const struct folder *a, const struct folder *b)
{
    bool a_is_root = strcmp(a->option, "root") == 0;
    bool b_is_root = strcmp(b->option, "root") == 0;

    return (a_is_root && b_is_root) ||
           (!a_is_root && !b_is_root && (!a->upload || !b->upload));
}

static void report_shared(const struct inspector *inspector,
                          const struct folder *folder,
                          const struct folder *other)
{
    struct string_list *errors = &inspector->found->errors;

    if (other->upload) {
        add(inspector, errors, folder,
            "is also %s of upload %.100s; name a folder of its own",
            other->option, other->upload->prefix);
    } else {
        add(inspector, errors, folder, "is also %s; name a folder of its own",
            other->option);
    }
}

static void check_shared(const struct inspector *inspector,
                         const struct folder *folders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (is_one(&folders[i], &folders[j]) &&
                !may_be_one(&folders[i], &folders[j])) {
                report_shared(inspector, &folders[i], &folders[j]);
            }
        }
    }
}

static const char *remedy_for_move(int error)
{
    switch (error) {
    case EXDEV:
        return "their project ids or their encryption differ; name a folder "
               "in root";
    case EINVAL:
        return "this file system cannot rename without replacing; use ext4, "
               "XFS, Btrfs or ZFS";
    default:
        return strerror(error);
    }
}

/* A disk may be full temporarily: bitsd starts nevertheless. */
static void try_move(const struct inspector *inspector,
                     const struct folder *root, const struct folder *staging)
{
    int error = os_try_move(staging->fd, root->fd);
    bool stays = error == EXDEV || error == EINVAL;

    if (error) {
        add(inspector,
            stays ? &inspector->found->errors : &inspector->found->warnings,
            staging, "cannot move a file to root: %s", remedy_for_move(error));
    }
}

static void check_move(const struct inspector *inspector,
                       const struct folder *root, const struct folder *staging)
{
    if (root->fd < 0 || staging->fd < 0) {
        return;
    }
    if (!os_same_mount(root->fd, staging->fd)) {
        add(inspector, &inspector->found->errors, staging,
            "is on another mount than root, so files cannot be moved there; "
            "name a folder beside root");
    } else if (root->may_write && staging->may_write) {
        try_move(inspector, root, staging);
    }
}

/* The state folder, then root and staging folder of each section. */
static void inspect_folders(const struct inspector *inspector,
                            struct folder *folders)
{
    const struct config *config = inspector->config;
    struct folder *next = folders;

    *next = (struct folder){
        .option = "state_dir", .path = config->server.state_dir, .fd = -1};
    open_folder(inspector, next++, true);
    for (size_t i = 0; i < config->upload_count; i++) {
        const struct config_upload *upload = &config->uploads[i];

        next[0] = (struct folder){
            .upload = upload, .option = "root", .path = upload->root, .fd = -1};
        next[1] = (struct folder){.upload = upload,
                                  .option = "temp_dir",
                                  .path = upload->temp_dir,
                                  .fd = -1};
        open_folder(inspector, &next[0], false);
        if (next[0].fd >= 0) {
            open_folder(inspector, &next[1], true);
        }
        check_move(inspector, &next[0], &next[1]);
        next += 2;
    }
    check_shared(inspector, folders, (size_t)(next - folders));
    while (next > folders) {
        next--;
        if (next->fd >= 0) {
            (void)close(next->fd);
        }
    }
}

/* --- addresses ----------------------------------------------------------- */

static bool is_unix(const char *address)
{
    return strncmp(address, "unix:", 5) == 0;
}

/* An address that another program uses may be free when bitsd starts. */
static void try_address(const struct inspector *inspector, const char *address)
{
    struct fault fault;
    int error = listener_try(address, &fault);
    bool stays = error == EEXIST || error == ENOENT;

    if (error) {
        add_text(inspector,
                 stays ? &inspector->found->errors
                       : &inspector->found->warnings,
                 NULL, "listen", fault.text);
    }
}

/* Tries network addresses before switching to the user, who may have fewer
 * rights than a unit grants, and paths of sockets afterwards. */
static void try_addresses(const struct inspector *inspector, bool unix_sockets)
{
    const struct string_list *addresses = &inspector->config->server.listen;

    for (size_t i = 0; i < addresses->count; i++) {
        if (is_unix(addresses->items[i]) == unix_sockets) {
            try_address(inspector, addresses->items[i]);
        }
    }
}

/* Returns true if a bitsd is running, which uses the addresses. */
static bool note_running(const struct inspector *inspector)
{
    const struct folder state = {.option = "state_dir",
                                 .path = inspector->config->server.state_dir};
    long pid = 0;
    bool runs = store_local_is_open(state.path, &pid);

    if (runs) {
        add(inspector, &inspector->found->notes, &state,
            "is in use by bitsd (process %ld), so listen was not tried", pid);
    }
    return runs;
}

/* Sockets that systemd passes are not known here: listen stands for them. */
static void check_certified(const struct inspector *inspector)
{
    const struct string_list *addresses = &inspector->config->server.listen;
    struct config_address address;

    for (size_t i = 0; i < addresses->count; i++) {
        if (config_address_read(addresses->items[i], &address) &&
            address.certificate) {
            return;
        }
    }
    (void)config_needs_no_certificates(inspector->config,
                                       &inspector->found->errors);
}

/* --- certificates -------------------------------------------------------- */

static void on_certificate(void *context, const struct tls_problem *problem,
                           const char *line)
{
    const struct inspector *inspector = context;

    (void)string_list_add(problem->is_warning
                              ? &inspector->found->warnings
                              : list_for(inspector, problem->error),
                          line);
}

/* --- passwords, tokens, keys, groups ------------------------------------- */

/* The reasons are texts: that of a missing right is known by its words. */
static struct string_list *list_for_reason(const struct inspector *inspector,
                                           const char *reason)
{
    return list_for(inspector,
                    strcasestr(reason, "permission denied") ? EACCES : 0);
}

static void try_files_of_access(const struct inspector *inspector)
{
    static struct log_sink nowhere;
    struct gate *gate = gate_new(&nowhere, inspector->config);
    struct string_list reasons = {0};

    if (!gate) {
        (void)string_list_add(&inspector->found->errors, "out of memory");
        return;
    }
    (void)gate_prepare(gate, inspector->config, &reasons);
    for (size_t i = 0; i < reasons.count; i++) {
        (void)string_list_add(list_for_reason(inspector, reasons.items[i]),
                              reasons.items[i]);
    }
    string_list_done(&reasons);
    gate_free(gate);
}

void inspect(const struct config *config, struct inspection *ret_inspection)
{
    struct inspector inspector = {.config = config, .found = ret_inspection};
    struct folder *folders =
        calloc(1 + 2 * config->upload_count, sizeof(*folders));
    bool runs;

    if (!folders) {
        (void)string_list_add(&ret_inspection->errors, "out of memory");
        return;
    }
    runs = note_running(&inspector);
    if (!runs) {
        try_addresses(&inspector, /* unix_sockets= */ false);
    }
    choose_user(&inspector);
    if (!runs) {
        try_addresses(&inspector, /* unix_sockets= */ true);
    }
    inspect_folders(&inspector, folders);
    check_certified(&inspector);
    certificates_inspect(config, on_certificate, &inspector);
    try_files_of_access(&inspector);
    free(folders);
}
