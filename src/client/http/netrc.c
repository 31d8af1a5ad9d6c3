/*
 * client/http/netrc.c: see netrc.h.
 *
 * Words are separated by blanks.  A word in double quotes may contain blanks,
 * and a backslash in it makes the next byte literal.  A line whose first word
 * begins with # is a comment, and a macro ends at the next empty line.
 */
#include "client/http/netrc.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

struct search {
    const char *host;
    const char *login;
    bool here; /* the current entry is for the host */
    struct netrc_entry entry;
};

/* Takes the next word.  A word that is too long invalidates only its entry.
 * Returns false if none is left. */
static bool take_word(struct search *search, const char **text,
                      char word[NETRC_WORD_MAX])
{
    const char *at = *text + strspn(*text, BLANKS);
    bool quoted = *at == '"';
    size_t len = 0;

    if (*at == '\0') {
        return false;
    }
    at += quoted ? 1 : 0;
    while (*at && (quoted ? *at != '"' : !strchr(BLANKS, *at))) {
        if (quoted && *at == '\\' && at[1]) {
            at++;
        }
        if (len + 1 < NETRC_WORD_MAX) {
            word[len] = *at;
        }
        len++;
        at++;
    }
    if (len >= NETRC_WORD_MAX) {
        search->here = false;
        len = 0;
    }
    word[len] = '\0';
    *text = *at == '"' && quoted ? at + 1 : at;
    return true;
}

static const char *skip_line(const char *text)
{
    return text + strcspn(text, "\n");
}

static bool is_empty(const char *line)
{
    return line[strspn(line, "\r")] == '\n';
}

static const char *skip_macro(const char *text)
{
    do {
        text = skip_line(text);
    } while (*text && !is_empty(++text));
    return text;
}

static bool is_found(const struct search *search)
{
    return search->here && search->entry.password[0] != '\0' &&
           (!search->login || strcmp(search->entry.login, search->login) == 0);
}

static void begin(struct search *search, bool here)
{
    search->here = here;
    search->entry = (struct netrc_entry){.login = ""};
}

/* Reads one word and its arguments.  Returns false at the end of the text. */
static bool read_one(struct search *search, const char **text)
{
    char word[NETRC_WORD_MAX];
    char value[NETRC_WORD_MAX];

    *text += strspn(*text, BLANKS);
    if (**text == '#') {
        *text = skip_line(*text);
        return true;
    }
    if (!take_word(search, text, word)) {
        return false;
    }
    if (strcmp(word, "macdef") == 0) {
        *text = skip_macro(*text);
    } else if (strcmp(word, "default") == 0) {
        begin(search, true);
    } else if (strcmp(word, "machine") == 0) {
        if (!take_word(search, text, value)) {
            return false;
        }
        begin(search, strcasecmp(value, search->host) == 0);
    } else if (strcmp(word, "login") == 0) {
        return take_word(search, text, search->entry.login);
    } else if (strcmp(word, "password") == 0) {
        return take_word(search, text, search->entry.password);
    } else if (strcmp(word, "account") == 0) {
        return take_word(search, text, value);
    }
    return true;
}

static bool begins_entry(const char *text)
{
    text += strspn(text, BLANKS);
    return strncmp(text, "machine", 7) == 0 ||
           strncmp(text, "default", 7) == 0 || *text == '\0';
}

bool netrc_find(const char *text, const char *host, const char *login,
                struct netrc_entry *ret_entry)
{
    struct search search = {.host = host, .login = login};

    while (read_one(&search, &text)) {
        if (begins_entry(text) && is_found(&search)) {
            *ret_entry = search.entry;
            return true;
        }
    }
    return false;
}
