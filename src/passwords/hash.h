/*
 * passwords/hash.h: hashes of passwords, as crypt(3) makes and checks them.
 *
 * Accepted are bcrypt ($2a$, $2b$, $2y$) and SHA-crypt ($5$, $6$), and of these
 * only what takes seconds at most to check.  Any thread.
 */
#ifndef PASSWORDS_HASH_H
#define PASSWORDS_HASH_H

#include <stdbool.h>

#include <openbits/text.h>

/* Holds every hash that is accepted, and its end. */
#define HASH_TEXT_MAX 128

/* crypt(3) takes no longer passwords, bytes. */
#define HASH_PASSWORD_MAX 511

/* bcrypt ignores what is behind so many bytes of a password. */
#define HASH_BCRYPT_PASSWORD_MAX 72

/* The least and the most cost of bcrypt; each step doubles the time. */
#define HASH_COST_MIN 4
#define HASH_COST_MAX 16

/* Returns why a hash is not accepted and what to write instead; NULL: it is
 * accepted.  Pure. */
const char *hash_fault(struct bits_text hash);

/* Returns true if the password has this hash, which is accepted.  Blocks for as
 * long as its cost says, whatever the password is. */
bool hash_check(const char *password, const char *hash);

/* Makes a bcrypt hash of a password with a new salt.  Blocks as long as a
 * check. False: errno says why. */
bool hash_make(const char *password, unsigned cost,
               char ret_hash[HASH_TEXT_MAX]);

#endif
