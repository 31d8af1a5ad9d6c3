/*
 * access/certificate_name.h: the user's name in a certificate.
 */
#ifndef ACCESS_CERTIFICATE_NAME_H
#define ACCESS_CERTIFICATE_NAME_H

#include <stdbool.h>

#include "base/fault.h"
#include "config/config.h"

struct x509_st; /* of libcrypto */

/* Finds the name in a certificate; where: a word of certificate_user.
 * The caller frees it.  Returns false with the reason if there is no name or
 * more than one, or one that no user may have.  Pure. */
bool certificate_name(const struct x509_st *certificate,
                      enum config_choice where, char **ret_name,
                      struct fault *ret_fault);

#endif
