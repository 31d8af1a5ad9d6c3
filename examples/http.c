/*
 * examples/http.c: reads heads.  A line must end with CR LF, a name must touch
 * its colon, and no line may be folded: a server that accepts other forms may
 * misjudge where a request ends.
 */
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

void http_limit_silence(int peer, unsigned seconds)
{
    struct timeval limit = {.tv_sec = (time_t)seconds};

    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* Reads the next line.  Replaces its end by a NUL. */
static bool read_line(FILE *peer, struct http_head *head, size_t *used,
                      struct bits_text *ret_line)
{
    char *line = head->bytes + *used;
    size_t room = sizeof(head->bytes) - *used;
    size_t size;

    if (room < 2 || fgets(line, (int)room, peer) == NULL) {
        return false;
    }
    size = strlen(line);
    if (size < 2 || strcmp(line + size - 2, "\r\n") != 0) {
        return false;
    }
    line[size - 2] = '\0';
    *used += size;
    *ret_line = (struct bits_text){line, size - 2};
    return true;
}

static struct bits_text trim(struct bits_text text)
{
    while (text.len > 0 && strchr(" \t", text.ptr[0]) != NULL) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && strchr(" \t", text.ptr[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

/* Splits rest at the first byte `at`: the piece before it, the rest after it.
 * Returns false if there is no such byte. */
static bool cut(struct bits_text *rest, char at, struct bits_text *ret_piece)
{
    const char *end = memchr(rest->ptr, at, rest->len);

    if (end == NULL) {
        return false;
    }
    *ret_piece = (struct bits_text){rest->ptr, (size_t)(end - rest->ptr)};
    rest->ptr += ret_piece->len + 1;
    rest->len -= ret_piece->len + 1;
    return true;
}

bool http_read_head(FILE *peer, struct http_head *head)
{
    struct bits_text line;
    size_t used = 0;

    head->count = 0;
    if (!read_line(peer, head, &used, &line) ||
        !cut(&line, ' ', &head->words[0]) ||
        !cut(&line, ' ', &head->words[1])) {
        return false;
    }
    head->words[2] = line;
    while (read_line(peer, head, &used, &line)) {
        struct http_field *field = &head->fields[head->count];

        if (line.len == 0) {
            return true;
        }
        if (head->count == sizeof(head->fields) / sizeof(head->fields[0]) ||
            !cut(&line, ':', &field->name) || field->name.len == 0 ||
            strcspn(field->name.ptr, " \t") < field->name.len) {
            return false;
        }
        field->value = trim(line);
        head->count++;
    }
    return false;
}

void http_write_field(void *peer, const char *name, struct bits_text value)
{
    fprintf(peer, "%s: %.*s\r\n", name, (int)value.len, value.ptr);
}

bool http_is(struct bits_text text, const char *word)
{
    return text.len == strlen(word) && strncmp(text.ptr, word, text.len) == 0;
}

static bool is_name(struct bits_text text, const char *name)
{
    return text.len == strlen(name) &&
           strncasecmp(text.ptr, name, text.len) == 0;
}

static bool read_number(struct bits_text text, uint64_t *ret_number)
{
    if (text.len == 0 || text.len > 18 ||
        strspn(text.ptr, "0123456789") < text.len) {
        return false;
    }
    *ret_number = strtoull(text.ptr, NULL, 10);
    return true;
}

bool http_read_framing(const struct http_head *head,
                       enum bits_framing *ret_framing, uint64_t *ret_length)
{
    bool sound = true;

    *ret_framing = BITS_FRAMING_NONE;
    *ret_length = 0;
    for (size_t i = 0; i < head->count; i++) {
        const struct http_field *field = &head->fields[i];

        if (is_name(field->name, "Content-Length")) {
            sound = sound && *ret_framing == BITS_FRAMING_NONE &&
                    read_number(field->value, ret_length);
            *ret_framing = BITS_FRAMING_LENGTH;
        } else if (is_name(field->name, "Transfer-Encoding")) {
            sound = false;
        }
    }
    return sound;
}

void http_continue(const struct http_head *head, FILE *peer)
{
    for (size_t i = 0; i < head->count; i++) {
        if (is_name(head->fields[i].name, "Expect")) {
            fputs("HTTP/1.1 100 \r\n\r\n", peer);
            fflush(peer);
            return;
        }
    }
}

bool http_skip(FILE *peer, uint64_t length)
{
    while (length > 0 && getc(peer) != EOF) {
        length--;
    }
    return length == 0;
}
