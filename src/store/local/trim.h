/*
 * store/local/trim.h: releases space that an earlier process reserved.
 */
#ifndef STORE_LOCAL_TRIM_H
#define STORE_LOCAL_TRIM_H

#include "store/local/private.h"

/* Releases space that an earlier process reserved in the staging folder and did
 * not use; on workers. */
void local_trim(struct store_place *place);

#endif
