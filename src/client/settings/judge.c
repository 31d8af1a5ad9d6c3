/*
 * client/settings/judge.c: checks URLs and headers of the user.  See
 * settings.h.
 */
#include "client/settings/judge.h"

#include <string.h>

#include "base/text.h"

/* --- URLs ----------------------------------------------------------------- */

static bool take_scheme(struct bits_text *url, struct bits_text scheme)
{
    if (!text_has_prefix_nocase(*url, scheme)) {
        return false;
    }
    url->ptr += scheme.len;
    url->len -= scheme.len;
    return true;
}

/* The part between scheme and path. */
static struct bits_text authority_of(struct bits_text rest)
{
    size_t len = 0;

    while (len < rest.len && !strchr("/?#\\", rest.ptr[len])) {
        len++;
    }
    return (struct bits_text){rest.ptr, len};
}

static bool judge_authority(struct bits_text authority, struct fault *fault,
                            const char *remedy)
{
    if (authority.len > 0 && memchr(authority.ptr, '@', authority.len)) {
        return fault_set(fault, "%s", remedy);
    }
    if (authority.len == 0 || authority.ptr[0] == ':') {
        return fault_set(fault, "the URL names no host");
    }
    return true;
}

bool settings_judge_url(const char *url, struct fault *ret_fault)
{
    struct bits_text rest = text_of(url);

    if (!take_scheme(&rest, TEXT("https://")) &&
        !take_scheme(&rest, TEXT("http://"))) {
        return strstr(url, "://")
                   ? fault_set(ret_fault,
                               "the URL must begin with http:// or https://")
                   : fault_set(ret_fault,
                               "the URL has no scheme; write http://%s", url);
    }
    if (strchr(url, '#')) {
        return fault_set(ret_fault,
                         "the URL has a #; write %%23 if it is part of "
                         "a name");
    }
    return judge_authority(authority_of(rest), ret_fault,
                           "a name or password in the URL is seen by others; "
                           "give the name with --user and the password in a "
                           "file with --password-file");
}

bool settings_judge_proxy(const char *url, struct fault *ret_fault)
{
    static const struct bits_text schemes[] = {
        TEXT_INIT("http://"),    TEXT_INIT("https://"),
        TEXT_INIT("socks4://"),  TEXT_INIT("socks5://"),
        TEXT_INIT("socks4a://"), TEXT_INIT("socks5h://"),
    };
    struct bits_text rest = text_of(url);
    size_t i = 0;

    while (i < sizeof(schemes) / sizeof(schemes[0]) &&
           !take_scheme(&rest, schemes[i])) {
        i++;
    }
    if (strstr(rest.ptr, "://")) {
        return fault_set(ret_fault, "the scheme of a proxy is http, https, "
                                    "socks4, socks4a, socks5 or socks5h");
    }
    return judge_authority(authority_of(rest), ret_fault,
                           "a name or password in the proxy's URL is seen by "
                           "others; write a line 'machine HOST login NAME "
                           "password PASSWORD' into the netrc file");
}

/* --- headers -------------------------------------------------------------- */

static bool is_token(struct bits_text text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.len; i++) {
        char c = text_lower(text.ptr[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr(others, c)))) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_printable(struct bits_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Headers that the packet sets, and those for framing and routing. */
static bool is_reserved(struct bits_text name)
{
    static const struct bits_text reserved[] = {
        TEXT_INIT("Content-Length"),
        TEXT_INIT("Content-Range"),
        TEXT_INIT("Content-Name"),
        TEXT_INIT("Content-Type"),
        TEXT_INIT("Transfer-Encoding"),
        TEXT_INIT("Connection"),
        TEXT_INIT("Expect"),
        TEXT_INIT("Host"),
        TEXT_INIT("X-HTTP-Method-Override"),
    };

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (text_equal_nocase(name, reserved[i])) {
            return true;
        }
    }
    return text_has_prefix_nocase(name, TEXT("BITS-"));
}

static bool is_secret(struct bits_text name)
{
    return text_equal_nocase(name, TEXT("Authorization")) ||
           text_equal_nocase(name, TEXT("Proxy-Authorization")) ||
           text_equal_nocase(name, TEXT("Cookie"));
}

bool settings_judge_header(const char *header, struct fault *ret_fault)
{
    struct bits_text rest = text_of(header);
    struct bits_text name;

    if (!text_take_until(&rest, ':', &name) || !is_token(name) ||
        !is_printable(rest)) {
        return fault_set(ret_fault,
                         "this is not a header; write 'NAME: VALUE', or "
                         "@FILE for a file with one a line");
    }
    if (is_reserved(name)) {
        return fault_set(ret_fault, "this header is set by the program itself");
    }
    return true;
}

bool settings_header_is_secret(const char *header)
{
    struct bits_text rest = text_of(header);
    struct bits_text name;

    return text_take_until(&rest, ':', &name) && is_secret(name);
}

/* --- checks named in options.def ----------------------------------------- */

bool setting_judge_header(const char *text, struct fault *ret_fault)
{
    if (text[0] == '@') {
        return true;
    }
    return settings_judge_header(text, ret_fault) &&
           (!settings_header_is_secret(text) ||
            fault_set(ret_fault,
                      "a secret here is seen by others; write the header into "
                      "a file of mode 0600 and give @FILE, or use token-file "
                      "or password-file"));
}

bool setting_judge_user(const char *text, struct fault *ret_fault)
{
    return !strchr(text, ':') ||
           fault_set(ret_fault,
                     "a name has no colon, and a password here is seen by "
                     "others; write it into a file of mode 0600 and name that "
                     "with password-file");
}

bool setting_judge_file_name(const char *text, struct fault *ret_fault)
{
    return (text[0] != '\0' && !strchr(text, '/') && strcmp(text, ".") != 0 &&
            strcmp(text, "..") != 0) ||
           fault_set(ret_fault, QUOTED "is not a name of a file", text);
}
