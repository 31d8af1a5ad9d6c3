/*
 * http1/line.h: the syntax of one line of a head [RFC 9112 3, 5].
 *
 * Checks each line alone; meaning.h checks what several lines mean together.
 * Private to http1/.
 */
#ifndef HTTP1_LINE_H
#define HTTP1_LINE_H

#include <stdbool.h>

#include "http1/head.h"

/* The longest method that is accepted; BITS_POST has nine letters. */
#define HTTP1_METHOD_MAX 32

/* The longest request line, its line end included. */
#define HTTP1_REQUEST_LINE_MAX                                                 \
    (HTTP1_METHOD_MAX + sizeof(" ") - 1 + HTTP1_TARGET_MAX +                   \
     sizeof(" HTTP/1.1\r\n") - 1)

/* Fills the offence and returns false, so that a failed check can return it. */
bool http1_offend(struct http1_offence *ret_offence, unsigned status,
                  const char *reason);

/* Returns false if no request line begins with these bytes.  Looks at no more
 * of them than the longest method and the blank after it. */
bool http1_check_start(struct bits_text start,
                       struct http1_offence *ret_offence);

/* Reads a request line, line end included, whose start was checked. */
bool http1_read_request_line(struct bits_text line, struct http1_head *ret_head,
                             struct http1_offence *ret_offence);

/* Checks a field line, line end included. */
bool http1_check_field_line(struct bits_text line,
                            struct http1_offence *ret_offence);

#endif
