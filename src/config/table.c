/*
 * config/table.c: see table.h.
 */
#include "config/table.h"

#include <string.h>

#include "base/text.h"
#include "config/address_set.h"
#include "config/form.h"
#include "config/store_as.h"
#include "config/web_url.h"

/* --- checks of texts --- */

static bool is_printable(const char *text, struct fault *ret_fault)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            return fault_set(ret_fault,
                             QUOTED "has a control character; write it without",
                             text);
        }
    }
    return true;
}

static bool judge_path(const char *text, struct fault *ret_fault)
{
    return is_printable(text, ret_fault) &&
           (text[0] == '/' ||
            fault_set(ret_fault,
                      QUOTED "is not an absolute path; begin it with '/'",
                      text));
}

static bool judge_host(const char *text, struct fault *ret_fault)
{
    return is_printable(text, ret_fault) &&
           (config_host_is_sound(text) ||
            fault_set(ret_fault,
                      QUOTED "is not a host name or address; write it without "
                             "scheme, port and brackets",
                      text));
}

static bool judge_network(const char *text, struct fault *ret_fault)
{
    struct config_network network;

    return is_printable(text, ret_fault) &&
           (config_network_read(text, &network) ||
            fault_set(ret_fault,
                      QUOTED "is not an address or a network; write "
                             "\"ADDRESS\", \"ADDRESS/BITS\" without bits "
                             "behind BITS, or \"unix\"",
                      text));
}

/* Returns true if the text ends in a number that is not a port. */
static bool has_bad_port(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;

    return colon && colon[1] &&
           colon[1 + strspn(colon + 1, "0123456789")] == '\0' &&
           (!text_to_u64(text_of(colon + 1), &port) || port > UINT16_MAX);
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t size = strlen(end);

    return length >= size && strcmp(text + length - size, end) == 0;
}

/* A path may end like this, but more likely TLS was meant. */
static bool wants_tls_on_unix(const char *text)
{
    return strncmp(text, "unix:", 5) == 0 &&
           (ends_in(text, " tls") || ends_in(text, " certificate"));
}

static bool judge_listen(const char *text, struct fault *ret_fault)
{
    struct config_address address;

    if (!is_printable(text, ret_fault)) {
        return false;
    }
    if (wants_tls_on_unix(text)) {
        return fault_set(ret_fault,
                         QUOTED "is a unix socket, which has no TLS; write "
                                "\"ADDRESS:PORT tls\", or leave out \"tls\"",
                         text);
    }
    if (config_address_read(text, &address)) {
        return true;
    }
    if (ends_in(text, " certificate")) {
        return fault_set(ret_fault,
                         QUOTED "is not an address with certificates; write "
                                "\"ADDRESS:PORT tls certificate\"",
                         text);
    }
    return has_bad_port(text)
               ? fault_set(
                     ret_fault,
                     QUOTED
                     "has no valid port; write 1 to 65535, or 0 for a free one",
                     text)
               : fault_set(ret_fault,
                           QUOTED
                           "is not an address to listen on; write "
                           "\"ADDRESS:PORT\", \"[IPV6]:PORT\", \"*:PORT\" or "
                           "\"unix:/PATH\", in quotes",
                           text);
}

static bool judge_pattern(const char *text, struct fault *ret_fault)
{
    if (text[0] == '\0') {
        return fault_set(ret_fault,
                         QUOTED "matches no name; write \"*\" for all of them",
                         text);
    }
    return is_printable(text, ret_fault) &&
           (!strpbrk(text, "/\\") ||
            fault_set(ret_fault,
                      QUOTED "has a slash; a pattern is for the name of the "
                             "file, without its folders",
                      text));
}

static bool judge_user(const char *text, struct fault *ret_fault)
{
    const char *name = text[0] == '@' ? text + 1 : text;

    return is_printable(text, ret_fault) &&
           (name[0] != '\0' ||
            fault_set(ret_fault,
                      QUOTED "has no name; write \"USER\" or \"@GROUP\"",
                      text));
}

static bool judge_store_as(const char *text, struct fault *ret_fault)
{
    const char *words = store_as_fault(text);

    return !words || fault_set(ret_fault, QUOTED "%s", text, words);
}

static bool judge_web_url(const char *text, struct fault *ret_fault)
{
    struct config_web_url url;

    return is_printable(text, ret_fault) &&
           (config_web_url_read(text_of(text), &url) ||
            fault_set(ret_fault,
                      QUOTED "is not a URL of a web server; write "
                             "\"https://HOST/\"",
                      text));
}

/* The name of a header that has no meaning for requests as such. */
static bool judge_field(const char *text, struct fault *ret_fault)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    return is_printable(text, ret_fault) &&
           ((text[0] && text[strspn(text, letters)] == '\0') ||
            fault_set(ret_fault,
                      QUOTED "is not the name of a header; write letters, "
                             "digits, - and _",
                      text));
}

static bool judge_prefix(const char *text, struct fault *ret_fault)
{
    const char *words = config_prefix_fault(text);

    return !words || fault_set(ret_fault, "%s", words);
}

/* --- options --- */

static const struct option_word words[] = {
#define CHOICE(kind, word, constant) {#kind, word, constant},
#include "config/choices.def"
#undef CHOICE
    {NULL, NULL, 0},
};

/* kind */
#define OPTION_CHOICE_LOG_FORMAT OPTION_CHOICE
#define OPTION_CHOICE_LOG_LEVEL OPTION_CHOICE
#define OPTION_CHOICE_TLS_VERSION OPTION_CHOICE
#define OPTION_CHOICE_CERTIFICATE_USER OPTION_CHOICE
#define OPTION_CHOICE_ENABLED OPTION_CHOICE
#define OPTION_CHOICE_ON_EXISTS OPTION_CHOICE
#define OPTION_CHOICE_NAMES OPTION_CHOICE
#define OPTION_CHOICE_ZERO_LENGTH OPTION_CHOICE
#define OPTION_CHOICE_DURABILITY OPTION_CHOICE
#define OPTION_CHOICES_ACCESS OPTION_CHOICES

/* check */
#define CHECK(low, high, judge)                                                \
    {                                                                          \
        (low), (high), (judge)                                                 \
    }
#define ANY CHECK(0, UINT64_MAX, NULL)
#define RANGE(low, high) CHECK(low, high, NULL)
#define BITS(must, may) CHECK(must, may, NULL)
#define NETWORK CHECK(0, 0, judge_network)
#define WEB CHECK(0, 0, judge_web_url)
#define FIELD CHECK(0, 0, judge_field)
#define PATH CHECK(0, 0, judge_path)
#define HOST CHECK(0, 0, judge_host)
#define LISTEN CHECK(0, 0, judge_listen)
#define PATTERN CHECK(0, 0, judge_pattern)
#define USER CHECK(0, 0, judge_user)
#define STORE_AS CHECK(0, 0, judge_store_as)

const struct config_option config_options[CONFIG_OPTION_COUNT] = {
#define ROW(kind_, name_, def_, reload_, home_, struct_, ...)                  \
    {                                                                          \
        .option = {.name = #name_,                                             \
                   .kind = OPTION_##kind_,                                     \
                   .set = #kind_,                                              \
                   .words = words,                                             \
                   .def = (def_),                                              \
                   .check = __VA_ARGS__,                                       \
                   .offset = offsetof(struct struct_, name_)},                 \
        .home = (home_),                                                       \
        .reload = CONFIG_RELOAD_##reload_,                                     \
    },
#define SERVER(kind, name, def, check, reload, iis, help)                      \
    ROW(kind, name, def, reload, CONFIG_HOME_SERVER, config_server, check)
#define UPLOAD(kind, name, def, check, reload, iis, help)                      \
    ROW(kind, name, def, reload, CONFIG_HOME_UPLOAD, config_upload, check)
#include "config/options.def"
#undef SERVER
#undef UPLOAD
};

/* --- sections --- */

static const struct option_row *find(enum config_home home, const char *name)
{
    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        if (config_options[i].home == home &&
            strcmp(config_options[i].option.name, name) == 0) {
            return &config_options[i].option;
        }
    }
    return NULL;
}

static const struct option_row *find_server(const char *name)
{
    return find(CONFIG_HOME_SERVER, name);
}

static const struct option_row *find_upload(const char *name)
{
    return find(CONFIG_HOME_UPLOAD, name);
}

const struct section_kind config_sections[CONFIG_SECTION_COUNT + 1] = {
    [CONFIG_SECTION_SERVER] = {"server", NULL, find_server, option_judge},
    [CONFIG_SECTION_DEFAULTS] = {"defaults", NULL, find_upload, option_judge},
    [CONFIG_SECTION_UPLOAD] = {"upload", judge_prefix, find_upload,
                               option_judge},
    [CONFIG_SECTION_COUNT] = {NULL, NULL, NULL, NULL},
};
