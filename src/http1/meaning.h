/*
 * http1/meaning.h: what the fields of a head mean together: Host, the body's
 * framing, Connection and Expect [RFC 9112 3.2, 6, 9; RFC 9110 10.1.1].
 *
 * Private to http1/.
 */
#ifndef HTTP1_MEANING_H
#define HTTP1_MEANING_H

#include "http1/line.h"

/* Reads head->fields, whose lines and head->minor were checked, and fills the
 * rest of the head. */
bool http1_read_meaning(struct http1_head *head,
                        struct http1_offence *ret_offence);

#endif
