/*
 * client/transfer/source_sample.h: a digest of the ends and the middle of a
 * file, which detects that a growing file was replaced or overwritten.
 *
 * Private to source.c.
 */
#ifndef CLIENT_TRANSFER_SOURCE_SAMPLE_H
#define CLIENT_TRANSFER_SOURCE_SAMPLE_H

#include <stdint.h>

#include "client/transfer/source.h"

/* Of the first `size` bytes: of all, or of 16 pieces of 1 KiB including the
 * first and the last.  Returns 0 or an errno value; ESTALE: the file is
 * shorter. */
int source_sample(int fd, uint64_t size,
                  unsigned char ret_sample[SOURCE_SAMPLE_SIZE]);

#endif
