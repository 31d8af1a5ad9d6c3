/*
 * http1/response.h: writes the head of a response into a buffer of the caller.
 *
 * Pure; no allocation; one thread at a time.
 */
#ifndef HTTP1_RESPONSE_H
#define HTTP1_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

struct http1_response {
    char *data;
    size_t capacity;
    size_t size; /* needed by the response; if it is above the capacity, the
                    data is truncated: start again with a larger buffer */
};

/* Begins a response in the caller's buffer. */
void http1_response_init(struct http1_response *response, char *data,
                         size_t capacity);

/* Returns false if the buffer is too small for what was added. */
bool http1_response_fits(const struct http1_response *response);

/* "HTTP/1.1 200 OK"; the reason phrase comes from the status table. */
void http1_response_start(struct http1_response *response, unsigned status);

/* Adds "Name: value".  Omits the field if its value contains CR, LF or NUL,
 * which would split the response. */
void http1_response_field(struct http1_response *response, const char *name,
                          struct bits_text value);

/* Ends the head. */
void http1_response_end(struct http1_response *response);

/* Adds Content-Type: text/plain, Content-Length, the end of the head and one
 * sentence with a line end. */
void http1_response_end_with_text(struct http1_response *response,
                                  const char *sentence);

/* "Requested Range Not Satisfiable"; "Unknown" for a status without a row. */
const char *http1_reason(unsigned status);

#endif
