/*
 * store/local/place.h: an upload section's root folder and its staging folder,
 * and whether their paths still lead there.
 */
#ifndef STORE_LOCAL_PLACE_H
#define STORE_LOCAL_PLACE_H

#include "store/local/private.h"

/* Opens a place that replaces `old`.  A root that is not the folder of `old`
 * is another one; NULL: any folders will do. */
enum bits_cause local_place_reopen(struct local_store *store,
                                   const struct store_place *old,
                                   const struct store_section *section,
                                   struct store_place **ret_place,
                                   struct fault *ret_fault);

bool local_place_is_busy(struct store_place *place);

/* Do the paths still lead to the folders that were opened?  Else PLACE_AWAY.
 * May wait for a disk. */
enum bits_cause local_look(struct store_place *place, struct fault *ret_fault);

#endif
