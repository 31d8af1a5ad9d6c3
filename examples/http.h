/*
 * examples/http.h: as much HTTP/1.1 as the two examples need.
 */
#ifndef EXAMPLES_HTTP_H
#define EXAMPLES_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <openbits/openbits.h>

struct http_field {
    struct bits_text name, value;
};

struct http_head {
    char bytes[65536];         /* what the texts below borrow from */
    struct bits_text words[3]; /* the start line, cut at its first two blanks */
    struct http_field fields[100];
    size_t count;
};

/* Ends each read and write that makes no progress for so long. */
void http_limit_silence(int peer, unsigned seconds);

/* Reads a head.  False: the peer is gone, or it sent something else. */
bool http_read_head(FILE *peer, struct http_head *head);

/* The length of a body.  False: what the head says cannot be trusted.  Transfer
 * codings are not for these examples. */
bool http_read_framing(const struct http_head *head,
                       enum bits_framing *ret_framing, uint64_t *ret_length);

/* Asks for the body if the client waits for that. */
void http_continue(const struct http_head *head, FILE *peer);

/* Reads bytes and forgets them.  False: the peer is gone. */
bool http_skip(FILE *peer, uint64_t length);

/* Writes "name: value"; peer is a FILE.  For bits_answer_fields() and
 * bits_transfer_fields(). */
void http_write_field(void *peer, const char *name, struct bits_text value);

bool http_is(struct bits_text text, const char *word);

#endif
