/*
 * client/http/responder.h: who answered a request: the headers Server and Via,
 * and the first bytes of the page.
 *
 * An answer without the Ack of a BITS server comes from a proxy, a firewall or
 * a plain web server.  Its page often explains the problem best.  Everything
 * here is raw text of a peer: the code that shows it escapes it.
 */
#ifndef CLIENT_HTTP_RESPONDER_H
#define CLIENT_HTTP_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

#define RESPONDER_NAME_MAX 80
#define RESPONDER_SENTENCE_MAX 120

struct responder {
    bool acked;                          /* sent the Ack of a BITS server */
    char server[RESPONDER_NAME_MAX + 1]; /* the header Server, truncated */
    char via[RESPONDER_NAME_MAX + 1];    /* the header Via, truncated */

    /* Private. */
    char page[1024];
    size_t page_len;
};

/* Call when the head of an answer begins: forgets the previous answer. */
void responder_begin(struct responder *responder);
void responder_field(struct responder *responder, struct bits_text name,
                     struct bits_text value);
void responder_page(struct responder *responder, const char *bytes,
                    size_t size);

/* The page's title, or its first words without markup, in one line and
 * truncated.  Returns false if the page has none. */
bool responder_sentence(const struct responder *responder,
                        char ret_sentence[RESPONDER_SENTENCE_MAX + 1]);

/* Returns true if the page says that plain HTTP was sent to a TLS port. */
bool responder_wants_tls(const struct responder *responder);

#endif
