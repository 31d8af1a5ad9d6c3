/*
 * client/transfer/source_sample.c: see source_sample.h.
 */
#include "client/transfer/source_sample.h"

#include <errno.h>
#include <openssl/evp.h>
#include <unistd.h>

#define PIECES 16
#define PIECE_SIZE 1024

/* The start of a piece.  Pieces of a small file are adjacent, those of a large
 * one equally spaced. */
static uint64_t place_of(unsigned piece, uint64_t size)
{
    if (size <= PIECES * PIECE_SIZE) {
        return (uint64_t)piece * PIECE_SIZE;
    }
    if (piece == PIECES - 1) {
        return size - PIECE_SIZE;
    }
    return (size - PIECE_SIZE) / (PIECES - 1) * piece;
}

/* Returns 0 or an errno value. */
static int add_piece(EVP_MD_CTX *digest, int fd, uint64_t offset, size_t size)
{
    char bytes[PIECE_SIZE];
    size_t read_to = 0;

    while (read_to < size) {
        ssize_t n = pread(fd, bytes + read_to, size - read_to,
                          (off_t)(offset + read_to));

        if (n == 0) {
            return ESTALE;
        }
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        read_to += n > 0 ? (size_t)n : 0;
    }
    return EVP_DigestUpdate(digest, bytes, size) == 1 ? 0 : ENOMEM;
}

static int add_pieces(EVP_MD_CTX *digest, int fd, uint64_t size)
{
    int error = 0;

    for (unsigned i = 0; !error && i < PIECES; i++) {
        uint64_t offset = place_of(i, size);
        uint64_t left = offset < size ? size - offset : 0;

        error = add_piece(digest, fd, offset,
                          left < PIECE_SIZE ? (size_t)left : PIECE_SIZE);
    }
    return error;
}

int source_sample(int fd, uint64_t size,
                  unsigned char ret_sample[SOURCE_SAMPLE_SIZE])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int error = ENOMEM;

    if (digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1) {
        error = add_pieces(digest, fd, size);
    }
    if (!error && EVP_DigestFinal_ex(digest, ret_sample, NULL) != 1) {
        error = ENOMEM;
    }
    EVP_MD_CTX_free(digest);
    return error;
}
