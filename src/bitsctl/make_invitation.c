/*
 * bitsctl/make_invitation.c: bitsctl invite: signs an invitation with the key
 * of the section that covers a path, and prints how to use it.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openbits/target.h>
#include <openssl/crypto.h>

#include "base/text.h"
#include "bitsctl/ctl.h"
#include "bitsctl/invitation_key.h"
#include "bitsctl/invitation_lines.h"
#include "config/config.h"
#include "options/option.h"
#include "options/value.h"
#include "os/random.h"
#include "passwords/hex.h"
#include "passwords/htpasswd.h"
#include "passwords/invitation.h"

#define LIFE_DEFAULT (UINT64_C(7) * 24 * 60 * 60)
#define LIFE_MAX (UINT64_C(36500) * 24 * 60 * 60)

struct order {
    const char *config_path;
    struct bits_text origin; /* "https://HOST:PORT"; empty: this machine */
    struct bits_text path;   /* raw */
    enum invitation_key_choice key;
    struct invitation invitation;
};

/* --- the section ---------------------------------------------------------- */

static const struct config_upload *find_section(const struct config *config,
                                                struct bits_text path)
{
    const struct config_upload *found = NULL;
    struct bits_text rest;

    for (size_t i = 0; i < config->upload_count; i++) {
        const struct config_upload *each = &config->uploads[i];

        if (bits_target_below(path, text_of(each->prefix), &rest) &&
            (!found || strlen(each->prefix) > strlen(found->prefix))) {
            found = each;
        }
    }
    return found;
}

/* NULL: the reason was printed. */
static const struct config_upload *section_of(const struct config *config,
                                              const struct order *order)
{
    const struct config_upload *section = find_section(config, order->path);

    if (!section) {
        (void)ctl_say(CTL_FAILED, "no section of %s covers %.*s",
                      order->config_path, (int)order->path.len,
                      order->path.ptr);
        return NULL;
    }
    if (!option_chosen(section->access, CONFIG_ACCESS_INVITE)) {
        (void)ctl_say(CTL_FAILED,
                      "upload \"%s\" takes no invitations; add invite to its "
                      "access",
                      section->prefix);
        return NULL;
    }
    return section;
}

/* NULL: the reasons were printed. */
static struct config *load(const char *path)
{
    struct string_list errors = {0};
    struct config *config = config_load(path, NULL, &errors);

    for (size_t i = 0; i < errors.count; i++) {
        (void)ctl_say(CTL_FAILED, "%s", errors.items[i]);
    }
    if (!config && errors.count == 0) {
        (void)ctl_say(CTL_FAILED, "out of memory");
    }
    string_list_done(&errors);
    return config;
}

/* --- the invitation ------------------------------------------------------- */

static bool print_lines(const struct order *order, const char *value)
{
    char host[256] = "localhost";
    char *url = NULL;
    int size;

    (void)gethostname(host, sizeof(host) - 1);
    size = order->origin.len > 0
               ? asprintf(&url, "%.*s%.*s%s?" INVITATION_PARAMETER "=%s",
                          (int)order->origin.len, order->origin.ptr,
                          (int)order->path.len, order->path.ptr,
                          order->invitation.is_folder ? "NAME" : "", value)
               : asprintf(&url, "https://%s%.*s%s?" INVITATION_PARAMETER "=%s",
                          host, (int)order->path.len, order->path.ptr,
                          order->invitation.is_folder ? "NAME" : "", value);
    if (size < 0) {
        return false;
    }
    invitation_lines_print(url,
                           order->invitation.is_folder
                               ? "Write the name of the file in place of NAME."
                               : NULL);
    OPENSSL_cleanse(url, (size_t)size);
    free(url);
    return fflush(stdout) == 0;
}

static int sign(struct order *order, const struct config_upload *section)
{
    uint8_t random[INVITATION_ID_SIZE / 2];
    char value[INVITATION_TEXT_MAX];
    struct invitation_key key;
    int status;

    if (!os_random(random, sizeof(random))) {
        return ctl_say(CTL_FAILED, "no random bytes: %s", strerror(errno));
    }
    hex_write(random, sizeof(random), order->invitation.id);
    status = invitation_key_take(section->invite_key_file, order->key, &key);
    if (status != CTL_DONE) {
        return status;
    }
    if (!invitation_write(&order->invitation, order->path, &key, value)) {
        status = ctl_say(CTL_FAILED, "%.*s cannot be a file or folder",
                         (int)order->path.len, order->path.ptr);
    } else if (!print_lines(order, value)) {
        status = ctl_say(CTL_FAILED, "cannot write the invitation: %s",
                         strerror(errno));
    }
    OPENSSL_cleanse(&key, sizeof(key));
    OPENSSL_cleanse(value, sizeof(value));
    return status;
}

static int invite(struct order *order)
{
    struct config *config = load(order->config_path);
    const struct config_upload *section =
        config ? section_of(config, order) : NULL;
    int status = section ? sign(order, section) : CTL_FAILED;

    config_unref(config);
    return status;
}

/* --- the command line ----------------------------------------------------- */

static bool set_expiry(struct order *order, const char *text)
{
    uint64_t seconds;

    if (!value_read_duration(text_of(text), &seconds) || seconds == 0 ||
        seconds > LIFE_MAX) {
        return false;
    }
    order->invitation.expires = (int64_t)time(NULL) + (int64_t)seconds;
    return true;
}

static bool set_size(struct order *order, const char *text)
{
    uint64_t *size = &order->invitation.max_size;

    return value_read_size(text_of(text), size) && *size > 0 &&
           *size <= INT64_MAX;
}

static bool set_user(struct order *order, const char *text)
{
    if (htpasswd_name_fault(text_of(text)) ||
        strlen(text) > INVITATION_USER_MAX) {
        return false;
    }
    (void)snprintf(order->invitation.user, sizeof(order->invitation.user), "%s",
                   text);
    return true;
}

/* Returns CTL_DONE; or prints the reason and returns CTL_USAGE. */
static int set_option(struct order *order, int option, const char *text)
{
    switch (option) {
    case 'c':
        order->config_path = text;
        return CTL_DONE;
    case 'e':
        return set_expiry(order, text)
                   ? CTL_DONE
                   : ctl_usage("--expires %s: write a time from now, such as "
                               "7d, up to 36500d",
                               text);
    case 'o':
        order->invitation.once = true;
        return CTL_DONE;
    case 's':
        return set_size(order, text)
                   ? CTL_DONE
                   : ctl_usage("--max-size %s: write a size, such as 10G",
                               text);
    case 'a':
        return set_user(order, text)
                   ? CTL_DONE
                   : ctl_usage("--as %s: a name has 1 to %d bytes and no colon",
                               text, INVITATION_USER_MAX);
    case 'r':
        order->key = INVITATION_KEY_NEW;
        return CTL_DONE;
    default:
        return ctl_usage("see the line above");
    }
}

/* What shells and URLs take as it is. */
static bool is_plain(struct bits_text text)
{
    static const char others[] = "-._~%/:@+,=[]";

    for (size_t i = 0; i < text.len; i++) {
        char c = text_lower(text.ptr[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || !strchr(others, c))) {
            return false;
        }
    }
    return true;
}

/* A path, or a URL that starts with the server's name. */
static int set_path(struct order *order, const char *text)
{
    const char *host = strstr(text, "://");
    const char *path = host ? strchr(host + 3, '/') : text;

    if (!path || path[0] != '/' || !is_plain(text_of(text))) {
        return ctl_usage("%s: write a path that begins with /, or a URL; write "
                         "blanks and the like as %%20",
                         text);
    }
    order->origin = (struct bits_text){text, (size_t)(path - text)};
    order->path = text_of(path);
    return CTL_DONE;
}

static int read_arguments(struct order *order, int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"expires", required_argument, NULL, 'e'},
        {"once", no_argument, NULL, 'o'},
        {"max-size", required_argument, NULL, 's'},
        {"as", required_argument, NULL, 'a'},
        {"rotate", no_argument, NULL, 'r'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        int status = set_option(order, option, optarg);

        if (status != CTL_DONE) {
            return status;
        }
    }
    if (argc - optind != 1) {
        return ctl_usage("invite wants one path or URL of a file, or of a "
                         "folder with a slash at its end");
    }
    return set_path(order, argv[optind]);
}

int ctl_invite(int argc, char **argv)
{
    struct order order = {
        .config_path = BITSCTL_CONFIG_FILE,
        .invitation = {.expires = (int64_t)time(NULL) + (int64_t)LIFE_DEFAULT,
                       .max_size = UINT64_MAX},
    };
    int status = read_arguments(&order, argc, argv);

    return status == CTL_DONE ? invite(&order) : status;
}
