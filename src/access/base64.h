/*
 * access/base64.h: base64 with padding, as in Authorization (RFC 4648 4).
 */
#ifndef ACCESS_BASE64_H
#define ACCESS_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

/* Decodes into room of `size` bytes, which the padding needs as well.  Returns
 * false if the text is empty, not base64, or does not fit. */
bool base64_decode(struct bits_text coded, void *room, size_t size,
                   size_t *ret_size);

#endif
