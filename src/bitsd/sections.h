/*
 * bitsd/sections.h: converts an upload section of the configuration for the
 * store.
 */
#ifndef BITSD_SECTIONS_H
#define BITSD_SECTIONS_H

#include "upload/upload.h"

/* The section for the local store. */
struct store_section *section_for_local(const struct config_upload *config);

#endif
