/*
 * store/local/names.h: finds the folder of a name; used by the check at Create,
 * by HEAD and by the delivery.
 */
#ifndef STORE_LOCAL_NAMES_H
#define STORE_LOCAL_NAMES_H

#include "store/local/private.h"

/* The form in which a fault shows a root and a name below it. */
#define NAMES_SHOWN "%.120s/%.150s"

/* Sets the fault to "ROOT/NAME WHY" and returns the cause. */
enum bits_cause names_refuse(struct fault *ret_fault, enum bits_cause cause,
                             const char *root, const char *name,
                             const char *why);

/* The last segment of a name. */
const char *local_leaf(const char *name);

/* The number of folders in a name. */
size_t names_depth(const char *name);

/* Opens a folder in another one.  Returns 0 or an errno value; EBUSY: it is one
 * of the server's own. */
int names_enter(struct store_place *place, int folder, const char *segment,
                int flags, int *ret_fd);

/* Checks whether a rename from the staging folder into this folder, which is
 * the name's folder or one of its parents, would fail although both are on one
 * mount.  Folders created in it inherit its properties. */
enum bits_cause names_check_barrier(struct store_place *place, int folder,
                                    const char *name, struct fault *ret_fault);

/* The folder of a name, or its last existing parent. */
struct names_folder {
    int fd;         /* for reading; the caller closes it */
    size_t missing; /* number of missing folders below it */
};

/* Opens it. */
enum bits_cause names_open_existing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const char *name,
                                    struct names_folder *ret_folder,
                                    struct fault *ret_fault);

/* The same, but refuses a name that is, or leads into, one of the server's own
 * folders, even if it does so by its path only; and a folder that no file can
 * be moved to. */
enum bits_cause names_find(struct store_place *place,
                           const struct local_rules *rules, const char *name,
                           struct names_folder *ret_folder,
                           struct fault *ret_fault);

/* Checks that the server may write into the folder of the name, or into its
 * deepest existing parent. */
enum bits_cause names_check_right(struct store_place *place, int folder,
                                  const char *name, struct fault *ret_fault);

/* A name whose folders may be missing. */
struct names_wanted {
    const char *name;
    uint64_t own_folders; /* see struct store_session */
};

/* Checks that the missing folders may be created. */
enum bits_cause names_check_missing(struct store_place *place,
                                    const struct local_rules *rules,
                                    const struct names_wanted *wanted,
                                    size_t missing, struct fault *ret_fault);

#endif
