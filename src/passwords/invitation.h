/*
 * passwords/invitation.h: URLs that let a client without credentials upload.
 *
 * The parameter bits-invite of the URL is ID.EXPIRES.FLAGS.SIZE.USER.SIGNATURE,
 * six words without escapes:
 *
 *     ID         16 hexadecimal digits
 *     EXPIRES    seconds since 1970
 *     FLAGS      fN: for a folder of N segments; o: once; both: fNo
 *     SIZE       bytes that the file may have; empty: no limit
 *     USER       whose the file is in names, each byte as two hexadecimal
 *                digits; may be empty
 *     SIGNATURE  HMAC-SHA256, 64 hexadecimal digits, of the canonical path (of
 *                a folder with a slash at the end), a line end and the words
 *                before it
 *
 * Hexadecimal digits are lower case, so that one invitation has one text.
 */
#ifndef PASSWORDS_INVITATION_H
#define PASSWORDS_INVITATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openbits/text.h>

#define INVITATION_PARAMETER "bits-invite"

#define INVITATION_ID_SIZE 16
#define INVITATION_KEY_SIZE 32
#define INVITATION_USER_MAX 64
#define INVITATION_SIGNATURE_SIZE 64

/* Room for the longest value, terminator included. */
#define INVITATION_TEXT_MAX 320

struct invitation {
    char id[INVITATION_ID_SIZE + 1];
    int64_t expires;
    bool is_folder;
    uint64_t depth; /* of the folder: its segments */
    bool once;
    uint64_t max_size; /* UINT64_MAX: no limit */
    char user[INVITATION_USER_MAX + 1];
    struct bits_text words; /* of invitation_read(): what is signed, */
    struct bits_text signature;
};

struct invitation_key {
    uint8_t bytes[INVITATION_KEY_SIZE];
};

/* Reads the value of the parameter, which *ret_invitation borrows.  False: it
 * has another form. */
bool invitation_read(struct bits_text value, struct invitation *ret_invitation);

/* Was the invitation that was read signed for the raw path of a request, with
 * one of the keys?  Takes the same time for each signature. */
bool invitation_is_valid(const struct invitation *invitation,
                         struct bits_text path,
                         const struct invitation_key *keys, size_t key_count);

/* Writes the value of the parameter for a raw path, and fills in is_folder and
 * depth.  False: the path cannot be one of a file or folder, or memory is
 * short. */
bool invitation_write(struct invitation *invitation, struct bits_text path,
                      const struct invitation_key *key,
                      char ret_text[INVITATION_TEXT_MAX]);

struct invitation_key_line {
    struct bits_text whole; /* without its end */
    bool has_key;
    struct invitation_key key;
    const char *fault; /* why the line cannot be used, or NULL; static */
};

/* Takes the next line of a file of keys, each in 64 hexadecimal digits.  The
 * first one signs, all of them are valid.  False: none is left. */
bool invitation_next_key(struct bits_text *text,
                         struct invitation_key_line *ret_line);

#endif
