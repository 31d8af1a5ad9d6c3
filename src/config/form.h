/*
 * config/form.h: the forms of names and addresses in the file.
 *
 * Pure: no look-ups.
 */
#ifndef CONFIG_FORM_H
#define CONFIG_FORM_H

#include <stdbool.h>
#include <stdint.h>

enum config_address_family {
    CONFIG_ADDRESS_ALL, /* "*": every address of the machine */
    CONFIG_ADDRESS_IPV4,
    CONFIG_ADDRESS_IPV6,
    CONFIG_ADDRESS_UNIX,
};

struct config_address {
    enum config_address_family family;
    uint8_t ip[16];   /* 4 or 16 bytes, in network order */
    uint16_t port;    /* 0: any free port */
    const char *path; /* UNIX: absolute; borrowed from the text */
    bool tls;         /* not UNIX */
    bool certificate; /* clients must have one; with tls only */
};

/* "ADDRESS:PORT", "[IPV6]:PORT" or "*:PORT", each alone or with " tls" or
 * " tls certificate" behind it, or "unix:PATH".  Returns false for anything
 * else, and for a path that is too long for a socket. */
bool config_address_read(const char *text, struct config_address *ret_address);

/* Returns true if some connection could go to both, with or without TLS: the
 * second one to listen would fail.  Port 0 overlaps nothing. */
bool config_address_overlaps(const struct config_address *a,
                             const struct config_address *b);

/* Returns true if only this machine can reach it. */
bool config_address_is_local(const struct config_address *address);

/* A host name or an address without brackets, at most 300 characters. */
bool config_host_is_sound(const char *text);

/* Returns NULL if the text is a valid prefix of an upload section, otherwise
 * the reason. */
const char *config_prefix_fault(const char *text);

/* Returns true if two absolute paths name the same folder, judged by their
 * text.  Ignores repeated slashes, a slash at the end and ".". */
bool config_path_is_same(const char *a, const char *b);

#endif
