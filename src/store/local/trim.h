/*
 * store/local/trim.h: gives back what an earlier process reserved.
 */
#ifndef STORE_LOCAL_TRIM_H
#define STORE_LOCAL_TRIM_H

#include "store/local/private.h"

/* Gives back what an earlier process reserved in the staging folder and did not
 * fill; on workers. */
void local_trim(struct store_place *place);

#endif
