/*
 * config/web_url.h: URLs of web servers, such as those of public_url.
 *
 * Pure.
 */
#ifndef CONFIG_WEB_URL_H
#define CONFIG_WEB_URL_H

#include <stdbool.h>

#include <openbits/text.h>

/* The parts borrow from the text. */
struct config_web_url {
    bool is_https;
    struct bits_text host; /* an IPv6 address with its brackets */
    unsigned port;
    struct bits_text path; /* with its '/', or empty */
};

/* "http://HOST", "https://HOST", each with or without ":PORT" and "/PATH". */
bool config_web_url_read(struct bits_text text, struct config_web_url *ret_url);

/* Returns true if scheme, host and port are the same. */
bool config_web_url_is_same_origin(const struct config_web_url *a,
                                   const struct config_web_url *b);

#endif
