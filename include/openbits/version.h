/*
 * openbits/version.h: the version of the headers and that of the library that
 * runs.
 */
#ifndef OPENBITS_VERSION_H
#define OPENBITS_VERSION_H

#include <stdint.h>

#include <openbits/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BITS_VERSION_MAJOR 0
#define BITS_VERSION_MINOR 1
#define BITS_VERSION_PATCH 0

/* A version as a number, for #if and to compare with: 0x000100 is 0.1.0. */
#define BITS_VERSION_NUMBER                                                    \
    (BITS_VERSION_MAJOR << 16 | BITS_VERSION_MINOR << 8 | BITS_VERSION_PATCH)

/* The BITS_VERSION_NUMBER of the library that the program runs with. */
BITS_API uint32_t bits_version_number(void);

#ifdef __cplusplus
}
#endif

#endif
