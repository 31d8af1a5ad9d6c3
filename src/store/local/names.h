/*
 * store/local/names.h: the steps from a name to its folder, shared by the
 * check at Create, by HEAD and by the delivery.
 */
#ifndef STORE_LOCAL_NAMES_H
#define STORE_LOCAL_NAMES_H

#include "store/local/private.h"

/* How a fault shows a root and a name below it. */
#define NAMES_SHOWN "%.120s/%.150s"

/* Writes "ROOT/NAME WHY" and returns the cause. */
enum bits_cause names_refuse(struct fault *ret_fault, enum bits_cause cause,
                             const char *root, const char *name,
                             const char *why);

/* The last segment of a name. */
const char *local_leaf(const char *name);

/* How many folders a name goes through. */
size_t names_depth(const char *name);

/* Opens a folder in another one.  0 or an errno value; EBUSY: it is one of the
 * server's own. */
int names_enter(struct store_place *place, int folder, const char *segment,
                int flags, int *ret_fd);

/* Would a rename from the staging folder into this one, which is on the way of
 * the name or its folder, fail although both are on one mount?  The folders
 * that are made in one are as it is. */
enum bits_cause names_check_barrier(struct store_place *place, int folder,
                                    const char *name, struct fault *ret_fault);

/* The folder of a name, or the last one on the way to it that exists. */
struct names_folder {
    int fd;         /* for reading; the caller closes it */
    size_t missing; /* how many more there should be */
};

/* Opens it. */
enum bits_cause names_open_existing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const char *name,
                                    struct names_folder *ret_folder,
                                    struct fault *ret_fault);

/* The same, but a name that is, or leads into, one of the server's own folders
 * is refused, even where that folder is on its way only by name; and a folder
 * that no file can be moved to. */
enum bits_cause names_find(struct store_place *place,
                           const struct local_rules *rules, const char *name,
                           struct names_folder *ret_folder,
                           struct fault *ret_fault);

/* May the server write into the folder of the name?  With missing folders: into
 * the deepest one that is there. */
enum bits_cause names_check_right(struct store_place *place, int folder,
                                  const char *name, struct fault *ret_fault);

/* May the missing folders be made? */
enum bits_cause names_check_missing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const char *name, size_t missing,
                                    struct fault *ret_fault);

#endif
