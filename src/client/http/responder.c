/*
 * client/http/responder.c: see responder.h.
 */
#include "client/http/responder.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static void keep(struct bits_text value, char name[RESPONDER_NAME_MAX + 1])
{
    size_t len =
        value.len < RESPONDER_NAME_MAX ? value.len : RESPONDER_NAME_MAX;

    if (len > 0) {
        memcpy(name, value.ptr, len);
    }
    name[len] = '\0';
}

void responder_begin(struct responder *responder)
{
    *responder = (struct responder){.acked = false};
}

void responder_field(struct responder *responder, struct bits_text name,
                     struct bits_text value)
{
    if (text_equal_nocase(name, TEXT("Server"))) {
        keep(value, responder->server);
    } else if (text_equal_nocase(name, TEXT("Via"))) {
        keep(value, responder->via);
    } else if (text_equal_nocase(name, TEXT("BITS-Packet-Type"))) {
        responder->acked |= text_equal_nocase(value, TEXT("Ack"));
    }
}

void responder_page(struct responder *responder, const char *bytes, size_t size)
{
    /* The last byte remains a terminator. */
    size_t room = sizeof(responder->page) - 1 - responder->page_len;

    for (size_t i = 0; i < size && i < room; i++) {
        responder->page[responder->page_len++] =
            bytes[i] != '\0' ? bytes[i] : ' ';
    }
}

/* The page after the tag of its title, otherwise all of it. */
static const char *start_of(const char *page, const char **ret_end)
{
    const char *title = strcasestr(page, "<title>");

    *ret_end = NULL;
    if (title) {
        title += sizeof("<title>") - 1;
        *ret_end = strcasestr(title, "</title>");
    }
    return *ret_end && *ret_end > title ? title : page;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Copies without tags, with single blanks between words. */
static void copy_words(const char *at, const char *end,
                       char sentence[RESPONDER_SENTENCE_MAX + 1])
{
    bool in_tag = false;
    bool gap = false;
    size_t len = 0;

    for (; *at != '\0' && at != end; at++) {
        in_tag |= *at == '<';
        gap |= in_tag || is_blank(*at);
        if (!in_tag && !is_blank(*at)) {
            if (len + 2 > RESPONDER_SENTENCE_MAX) {
                break;
            }
            if (gap && len > 0) {
                sentence[len++] = ' ';
            }
            sentence[len++] = *at;
            gap = false;
        }
        in_tag &= *at != '>';
    }
    sentence[len] = '\0';
}

bool responder_sentence(const struct responder *responder,
                        char ret_sentence[RESPONDER_SENTENCE_MAX + 1])
{
    const char *end;
    const char *start = start_of(responder->page, &end);

    copy_words(start, start == responder->page ? NULL : end, ret_sentence);
    return ret_sentence[0] != '\0';
}

bool responder_wants_tls(const struct responder *responder)
{
    static const char *const complaints[] = {
        "to HTTPS port",   /* nginx */
        "SSL-enabled",     /* Apache */
        "an HTTPS server", /* Caddy, and others in Go */
        "port speaks TLS", /* bitsd */
    };

    for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
        if (strcasestr(responder->page, complaints[i])) {
            return true;
        }
    }
    return false;
}
