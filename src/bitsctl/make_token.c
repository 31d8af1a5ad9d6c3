/*
 * bitsctl/make_token.c: bitsctl token: makes a token, adds its hash to a file
 * and prints the token, which nothing keeps.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "base/text.h"
#include "bitsctl/ctl.h"
#include "bitsctl/rewrite.h"
#include "options/value.h"
#include "os/random.h"
#include "passwords/token.h"

struct change {
    const char *path;
    const char *name;
    bool keeps; /* older tokens of the name stay */
    char expires[TOKEN_TIME_SIZE];
    const char *rights; /* NULL: all */
    const char **prefixes;
    size_t prefix_count;
    uint8_t hash[TOKEN_HASH_SIZE];
};

/* --- the new text --------------------------------------------------------- */

static void put_token(FILE *stream, const struct change *change)
{
    (void)fprintf(stream, "%s sha256=", change->name);
    for (size_t i = 0; i < sizeof(change->hash); i++) {
        (void)fprintf(stream, "%02x", change->hash[i]);
    }
    if (change->expires[0]) {
        (void)fprintf(stream, " expires=%s", change->expires);
    }
    if (change->rights) {
        (void)fprintf(stream, " rights=%s", change->rights);
    }
    for (size_t i = 0; i < change->prefix_count; i++) {
        (void)fprintf(stream, " prefix=%s", change->prefixes[i]);
    }
    (void)fputc('\n', stream);
}

static void put_lines(FILE *stream, struct bits_text old, const void *context)
{
    const struct change *change = context;
    struct token_line line;

    while (token_next(&old, &line)) {
        if (change->keeps || !text_equal(line.name, text_of(change->name))) {
            rewrite_put_line(stream, line.whole);
        }
    }
    put_token(stream, change);
}

/* --- the command ---------------------------------------------------------- */

static int make(struct change *change)
{
    uint8_t random[TOKEN_RANDOM_SIZE];
    char token[TOKEN_TEXT_SIZE];
    int status;

    if (!os_random(random, sizeof(random))) {
        return ctl_say(CTL_FAILED, "no random bytes: %s", strerror(errno));
    }
    token_make(random, token);
    if (!token_hash(text_of(token), change->hash)) {
        return ctl_say(CTL_FAILED, "OpenSSL failed");
    }
    status = rewrite_file(change->path, put_lines, change);
    if (status == CTL_DONE && (puts(token) < 0 || fflush(stdout) != 0)) {
        status = ctl_say(CTL_FAILED, "cannot write the token: %s; make another",
                         strerror(errno));
    }
    OPENSSL_cleanse(random, sizeof(random));
    OPENSSL_cleanse(token, sizeof(token));
    return status;
}

static bool set_expiry(struct change *change, const char *text)
{
    uint64_t seconds;

    return value_read_duration(text_of(text), &seconds) && seconds > 0 &&
           seconds < UINT32_MAX * UINT64_C(100) &&
           token_write_time((int64_t)time(NULL) + (int64_t)seconds,
                            change->expires);
}

/* Returns CTL_DONE; or prints the reason and returns CTL_USAGE. */
static int set_option(struct change *change, int option, const char *text)
{
    unsigned rights;

    switch (option) {
    case 'e':
        return set_expiry(change, text)
                   ? CTL_DONE
                   : ctl_usage("--expires %s: write a time from now, such as "
                               "90d",
                               text);
    case 'p':
        change->prefixes[change->prefix_count++] = text;
        return token_prefix_fault(text_of(text))
                   ? ctl_usage("--prefix %s: %s", text,
                               token_prefix_fault(text_of(text)))
                   : CTL_DONE;
    case 'r':
        change->rights = text;
        return token_read_rights(text_of(text), &rights) && !strchr(text, ' ')
                   ? CTL_DONE
                   : ctl_usage("--rights %s: write upload, head, or both with "
                               "a comma",
                               text);
    case 'k':
        change->keeps = true;
        return CTL_DONE;
    default:
        return ctl_usage("see the line above");
    }
}

static int read_options(struct change *change, int argc, char **argv)
{
    static const struct option options[] = {
        {"expires", required_argument, NULL, 'e'},
        {"prefix", required_argument, NULL, 'p'},
        {"rights", required_argument, NULL, 'r'},
        {"keep", no_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    const char *fault;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int status = set_option(change, option, optarg);

        if (status != CTL_DONE) {
            return status;
        }
    }
    if (argc - optind != 2) {
        return ctl_usage("token wants a FILE and a NAME");
    }
    change->path = argv[optind];
    change->name = argv[optind + 1];
    fault = token_name_fault(text_of(change->name));
    return fault ? ctl_usage("%s", fault) : CTL_DONE;
}

int ctl_token(int argc, char **argv)
{
    struct change change = {.path = NULL};
    int status;

    change.prefixes = calloc((size_t)argc, sizeof(change.prefixes[0]));
    if (!change.prefixes) {
        return ctl_say(CTL_FAILED, "out of memory");
    }
    status = read_options(&change, argc, argv);
    if (status == CTL_DONE) {
        status = make(&change);
    }
    free(change.prefixes);
    return status;
}
