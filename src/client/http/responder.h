/*
 * client/http/responder.h: who answered a request: the headers Server and Via,
 * and the first bytes of the page.
 *
 * An answer without the Ack of a BITS server comes from a proxy, a firewall or
 * a plain web server.  Its page often says best what is wrong.  Everything here
 * is raw text of a peer; whoever shows it escapes it.
 */
#ifndef CLIENT_HTTP_RESPONDER_H
#define CLIENT_HTTP_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>

#include <openbits/text.h>

#define RESPONDER_NAME_MAX 80
#define RESPONDER_SENTENCE_MAX 120

struct responder {
    bool acked;                          /* it sent the Ack of a BITS server */
    char server[RESPONDER_NAME_MAX + 1]; /* the header Server, cut */
    char via[RESPONDER_NAME_MAX + 1];    /* the header Via, cut */

    /* Private. */
    char page[1024];
    size_t page_len;
};

/* The head of an answer begins: forgets what came before. */
void responder_begin(struct responder *responder);
void responder_field(struct responder *responder, struct bits_text name,
                     struct bits_text value);
void responder_page(struct responder *responder, const char *bytes,
                    size_t size);

/* The page's title, or its first words without markup, in one line and cut.
 * False: there is none. */
bool responder_sentence(const struct responder *responder,
                        char ret_sentence[RESPONDER_SENTENCE_MAX + 1]);

/* Does the page complain of plain HTTP on a port that speaks TLS? */
bool responder_wants_tls(const struct responder *responder);

#endif
