/*
 * config/form.h: the forms of names and addresses in the file.
 *
 * Pure: nothing is looked up.
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
    uint16_t port;    /* 0: a free one */
    const char *path; /* UNIX: absolute; borrowed from the text */
};

/* "ADDRESS:PORT", "[IPV6]:PORT", "*:PORT" or "unix:PATH".  False: none of
 * them, or a path too long for a socket. */
bool config_address_read(const char *text, struct config_address *ret_address);

/* Would both listen at the same place?  Port 0 is never the same. */
bool config_address_is_same(const struct config_address *a,
                            const struct config_address *b);

/* Can only this machine reach it? */
bool config_address_is_local(const struct config_address *address);

/* A host name or an address without brackets, at most 300 characters. */
bool config_host_is_sound(const char *text);

/* NULL: a prefix for an upload section.  Else what is wrong with it. */
const char *config_prefix_fault(const char *text);

/* Do two absolute paths name the same folder, as far as the text says?
 * Repeated slashes, a slash at the end and "." do not count. */
bool config_path_is_same(const char *a, const char *b);

#endif
