/*
 * examples/http.h: the part of HTTP/1.1 that the two examples need.
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
    char bytes[65536];         /* the texts below point into it */
    struct bits_text words[3]; /* the start line, split at two blanks */
    struct http_field fields[100];
    size_t count;
};

/* Each read and write fails after this time without progress. */
void http_limit_silence(int peer, unsigned seconds);

/* Reads a head.  Returns false if the connection ended, or if the peer sent
 * something else. */
bool http_read_head(FILE *peer, struct http_head *head);

/* Reads the length of the body from the head.  Returns false if the head is
 * ambiguous.  These examples do not accept transfer codings. */
bool http_read_framing(const struct http_head *head,
                       enum bits_framing *ret_framing, uint64_t *ret_length);

/* Sends 100 Continue if the client expects it before it sends the body. */
void http_continue(const struct http_head *head, FILE *peer);

/* Reads bytes and discards them.  Returns false if the connection ended. */
bool http_skip(FILE *peer, uint64_t length);

/* Writes "name: value"; peer is a FILE.  For bits_answer_fields() and
 * bits_transfer_fields(). */
void http_write_field(void *peer, const char *name, struct bits_text value);

bool http_is(struct bits_text text, const char *word);

#endif
