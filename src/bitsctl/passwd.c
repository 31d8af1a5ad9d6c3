/*
 * bitsctl/passwd.c: bitsctl passwd: the line of one user is replaced or added;
 * all others stay byte by byte.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/text.h"
#include "bitsctl/ctl.h"
#include "bitsctl/prompt.h"
#include "bitsctl/rewrite.h"
#include "passwords/hash.h"
#include "passwords/htpasswd.h"

/* About 50 ms on a machine of 2020; bitsd checks a password once in minutes. */
#define COST_DEFAULT 10

struct change {
    const char *path;
    const char *user;
    unsigned cost;
    char hash[HASH_TEXT_MAX];
};

/* --- the new text -------------------------------------------------------- */

static bool is_of(const struct htpasswd_line *line, const char *user)
{
    return text_equal(line->name, text_of(user));
}

static void put_lines(FILE *stream, struct bits_text old, const void *context)
{
    const struct change *change = context;
    struct htpasswd_line line;
    bool is_put = false;

    while (htpasswd_next(&old, &line)) {
        if (!is_of(&line, change->user)) {
            rewrite_put_line(stream, line.whole);
        } else if (!is_put) {
            (void)fprintf(stream, "%s:%s\n", change->user, change->hash);
            is_put = true;
        }
    }
    if (!is_put) {
        (void)fprintf(stream, "%s:%s\n", change->user, change->hash);
    }
}

/* --- the command --------------------------------------------------------- */

static int set_password(struct change *change)
{
    char password[HASH_BCRYPT_PASSWORD_MAX + 1];
    bool done;

    if (!prompt_password(change->user, password, sizeof(password))) {
        return CTL_FAILED;
    }
    done = hash_make(password, change->cost, change->hash);
    OPENSSL_cleanse(password, sizeof(password));
    return done
               ? rewrite_file(change->path, put_lines, change)
               : ctl_say(CTL_FAILED, "cannot make a hash: %s", strerror(errno));
}

static bool read_cost(const char *text, unsigned *ret_cost)
{
    uint64_t cost;

    if (!text_to_u64(text_of(text), &cost) || cost < HASH_COST_MIN ||
        cost > HASH_COST_MAX) {
        return false;
    }
    *ret_cost = (unsigned)cost;
    return true;
}

int ctl_passwd(int argc, char **argv)
{
    static const struct option options[] = {
        {"cost", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
    };
    struct change change = {.cost = COST_DEFAULT};
    const char *fault;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 'c') {
            return ctl_usage("see the line above");
        }
        if (!read_cost(optarg, &change.cost)) {
            return ctl_usage("--cost %s: write a number from %d to %d", optarg,
                             HASH_COST_MIN, HASH_COST_MAX);
        }
    }
    if (argc - optind != 2) {
        return ctl_usage("passwd wants a FILE and a USER");
    }
    change.path = argv[optind];
    change.user = argv[optind + 1];
    fault = htpasswd_name_fault(text_of(change.user));
    return fault ? ctl_usage("%s", fault) : set_password(&change);
}
