/*
 * access/ntlm.h: recognises NTLM in a token of Negotiate.
 *
 * Pure.
 */
#ifndef ACCESS_NTLM_H
#define ACCESS_NTLM_H

#include <stdbool.h>

#include <openbits/text.h>

/* Returns true if the token is one of NTLM, or one of SPNEGO (RFC 4178) that
 * offers NTLM and not Kerberos.  Windows sends such a token if it has no
 * ticket. */
bool ntlm_is_token(struct bits_text token);

#endif
