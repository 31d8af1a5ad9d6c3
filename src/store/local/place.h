/*
 * store/local/place.h: the root and staging folder of an upload section, and
 * whether their paths still lead there.
 */
#ifndef STORE_LOCAL_PLACE_H
#define STORE_LOCAL_PLACE_H

#include "store/local/private.h"

/* Opens a place that replaces `old`.  A root other than the folder of `old` is
 * not accepted. old NULL: any folders are. */
enum bits_cause local_place_reopen(struct local_store *store,
                                   const struct store_place *old,
                                   const struct store_section *section,
                                   struct store_place **ret_place,
                                   struct fault *ret_fault);

bool local_place_is_busy(struct store_place *place);

/* Returns PLACE_AWAY if the paths no longer lead to the open folders.  May
 * block on a disk. */
enum bits_cause local_look(struct store_place *place, struct fault *ret_fault);

#endif
