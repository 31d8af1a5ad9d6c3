/*
 * netrc_fuzz.c: any bytes as a netrc file.
 *
 * Input: the host in the first line, the login that is asked for in the second
 * (none if it is empty), then the file.  Oracles: what is found is found again
 * when it is written in the plainest way, when it is asked for by its login,
 * and behind entries that say nothing about it; where nothing is found, nothing
 * is written.
 */
#include "client/http/netrc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Longer inputs say nothing new. */
#define SIZE_LIMIT 8192

#define OTHER_HOST "not this one"

/* Keyword, quotes, and a backslash before each byte of a word. */
#define ROOM_FOR_WORD (16 + 2 * NETRC_WORD_MAX)

struct question {
    char *text;
    char *host;
    char *login;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* A block of its own, so that ASan sees one byte too many. */
static char *take(const char **data, size_t *size, char end)
{
    const char *found = *size > 0 ? memchr(*data, end, *size) : NULL;
    size_t len = found ? (size_t)(found - *data) : *size;
    size_t used = found ? len + 1 : len;
    char *taken = calloc(1, len + 1);

    require(taken != NULL);
    if (len > 0) {
        memcpy(taken, *data, len);
    }
    *data += used;
    *size -= used;
    return taken;
}

static const char *asked_login(const struct question *question)
{
    return question->login[0] ? question->login : NULL;
}

static void check_words(const struct question *question,
                        const struct netrc_entry *entry)
{
    require(memchr(entry->login, '\0', sizeof(entry->login)) != NULL);
    require(memchr(entry->password, '\0', sizeof(entry->password)) != NULL);
    require(entry->password[0] != '\0');
    require(!question->login[0] || strcmp(entry->login, question->login) == 0);
}

static void require_same(const struct netrc_entry *a,
                         const struct netrc_entry *b)
{
    require(strcmp(a->login, b->login) == 0);
    require(strcmp(a->password, b->password) == 0);
}

static void require_finds(const char *text, const char *host, const char *login,
                          const struct netrc_entry *entry)
{
    struct netrc_entry again;

    require(netrc_find(text, host, login, &again));
    require_same(entry, &again);
}

static char *put_text(char *end, const char *text)
{
    size_t len = strlen(text);

    memcpy(end, text, len + 1);
    return end + len;
}

static char *put_word(char *end, const char *keyword, const char *word)
{
    end = put_text(end, keyword);
    end = put_text(end, " \"");
    for (; *word; word++) {
        *end++ = '\\';
        *end++ = *word;
    }
    return put_text(end, "\"\n");
}

/* Some are found by `default` only. */
static bool may_stand_in_a_file(const char *host)
{
    return strlen(host) < NETRC_WORD_MAX && strcasecmp(host, OTHER_HOST) != 0;
}

static void check_plain_entry(const struct question *question,
                              const struct netrc_entry *entry)
{
    char text[3 * ROOM_FOR_WORD];
    char *end = text;

    end = put_word(end, "machine", question->host);
    end = put_word(end, "login", entry->login);
    (void)put_word(end, "password", entry->password);
    require_finds(text, question->host, entry->login, entry);
}

/* It was the first with a password, and so it is the first with its login. */
static void check_by_login(const struct question *question,
                           const struct netrc_entry *entry)
{
    require_finds(question->text, question->host, entry->login, entry);
}

/* One of this host that says too little, and one of another host. */
static void check_behind_others(const struct question *question,
                                const struct netrc_entry *entry)
{
    char *text = malloc(3 * ROOM_FOR_WORD + strlen(question->text));
    char *end = text;

    require(text != NULL);
    end = put_word(end, "machine", question->host);
    end = put_word(end, "machine", OTHER_HOST);
    end = put_word(end, "password", "p");
    (void)put_text(end, question->text);
    require_finds(text, question->host, asked_login(question), entry);
    free(text);
}

static void check(const struct question *question)
{
    struct netrc_entry entry;
    struct netrc_entry untouched;

    memset(&entry, 0x55, sizeof(entry));
    untouched = entry;
    if (!netrc_find(question->text, question->host, asked_login(question),
                    &entry)) {
        require(memcmp(&entry, &untouched, sizeof(entry)) == 0);
        return;
    }
    check_words(question, &entry);
    check_by_login(question, &entry);
    if (may_stand_in_a_file(question->host)) {
        check_plain_entry(question, &entry);
        check_behind_others(question, &entry);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *rest = (const char *)data;
    struct question question;

    if (size > SIZE_LIMIT) {
        return 0;
    }
    question.host = take(&rest, &size, '\n');
    question.login = take(&rest, &size, '\n');
    question.text = take(&rest, &size, '\0');
    check(&question);
    free(question.text);
    free(question.login);
    free(question.host);
    return 0;
}
