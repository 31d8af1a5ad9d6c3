/*
 * store/local/existing.c: finds the file with a given name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "os/beneath.h"
#include "store/local/calls.h"
#include "store/local/names.h"
#include "store/local/rules.h"
#include "store/local/work.h"

struct look {
    struct local_call call;
    const char *name;
    bool *ret_found;
    uint64_t *ret_size;
};

/* A leaf of a kind that cannot be opened counts as missing.  O_PATH opens the
 * others whatever their mode. */
static enum bits_cause look_at_leaf(const struct look *look, int folder,
                                    struct fault *ret_fault)
{
    int fd = os_open_beneath(folder, local_leaf(look->name), O_PATH, 0);
    struct stat info;
    int error = fd < 0 || fstat(fd, &info) != 0 ? errno : 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    if (error == ENOENT || error == ELOOP || error == EXDEV) {
        return BITS_CAUSE_OK;
    }
    if (error) {
        return os_fail(ret_fault, error, "cannot look at",
                       look->call.place->root_path, look->name);
    }
    *look->ret_found = S_ISREG(info.st_mode);
    *look->ret_size = (uint64_t)info.st_size;
    return BITS_CAUSE_OK;
}

static enum bits_cause look_for(const struct look *look,
                                struct fault *ret_fault)
{
    struct local_rules rules = local_rules_of(look->call.place);
    struct names_folder folder;
    enum bits_cause cause;

    cause =
        names_find(look->call.place, &rules, look->name, &folder, ret_fault);
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    cause =
        names_check_right(look->call.place, folder.fd, look->name, ret_fault);
    if (cause == BITS_CAUSE_OK && folder.missing == 0) {
        cause = look_at_leaf(look, folder.fd, ret_fault);
    }
    (void)close(folder.fd);
    return cause;
}

static void run_look(struct worker_job *job)
{
    struct look *look = CONTAINER_OF(job, struct look, call.work);
    struct fault fault = {.text = ""};
    enum bits_cause cause = look_for(look, &fault);

    local_call_end(&look->call, cause, fault.text);
}

enum store_when local_look_up(struct store_place *place, const char *name,
                              bool *ret_found, uint64_t *ret_size,
                              struct store_op *op)
{
    struct look *look = malloc(sizeof(*look));

    *ret_found = false;
    *ret_size = 0;
    if (!look) {
        return local_refuse(op);
    }
    *look = (struct look){
        .call = {.work = {.run = run_look},
                 .store = place->store,
                 .place = place,
                 .op = op},
        .name = name,
        .ret_found = ret_found,
        .ret_size = ret_size,
    };
    return local_call_work(&look->call);
}
