/*
 * bits/commands/doctor_row.c: see doctor_row.h.
 */
#include "bits/commands/doctor_row.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "bits/progress/progress.h"

/* The column where texts below a row begin. */
#define TEXT_COLUMNS 15

#define WHAT_MAX 64
#define CAME_MAX 32
#define WHO_MAX 512

struct probe_name {
    const char *name; /* for programs */
    const char *what; /* for people */
};

static const struct probe_name names[] = {
    [DOCTOR_PING] = {"ping", "Ping"},
    [DOCTOR_PING_LOGIN] = {"ping-login", "Ping with credentials"},
    [DOCTOR_PING_POST] = {"ping-post", "Ping as POST"},
    [DOCTOR_CREATE] = {"create", "Create-Session"},
    [DOCTOR_PING_HOST] = {"ping-host", "Ping to the host named"},
    [DOCTOR_SMALL] = {"fragment-small", "Fragment"},
    [DOCTOR_GAP] = {"fragment-gap", "Fragment after a gap"},
    [DOCTOR_CUT] = {"fragment-cut", "Fragment cut half-way"},
    [DOCTOR_LARGE] = {"fragment-large", "Fragment"},
    [DOCTOR_LARGEST] = {"fragment-largest", "Fragment"},
    [DOCTOR_CANCEL] = {"cancel", "Cancel-Session"},
    [DOCTOR_WHOLE_CREATE] = {"whole-create", "Create-Session, whole"},
    [DOCTOR_WHOLE_FRAGMENT] = {"whole-fragment", "Fragment, whole"},
    [DOCTOR_WHOLE_CLOSE] = {"whole-close", "Close-Session, whole"},
};

static const char *const marks[] = {
    [DOCTOR_FINE] = "ok", [DOCTOR_ODD] = "note", [DOCTOR_FAILED] = "FAIL"};

static const char *const verdicts[] = {
    [DOCTOR_FINE] = "fine", [DOCTOR_ODD] = "odd", [DOCTOR_FAILED] = "failed"};

static const char *const whos[] = {
    [DOCTOR_NO_ANSWER] = "nobody",
    [DOCTOR_SERVER] = "server",
    [DOCTOR_STRANGER] = "stranger",
};

static void write_what(const struct doctor_row *row, char what[WHAT_MAX])
{
    bool has_size = row->probe == DOCTOR_SMALL || row->probe == DOCTOR_LARGE ||
                    row->probe == DOCTOR_LARGEST;
    char size[PROGRESS_WORD_MAX] = "";

    if (has_size) {
        progress_bytes(row->length, size);
    }
    (void)snprintf(what, WHAT_MAX, "%s%s%s", names[row->probe].what,
                   has_size ? ", " : "", size);
}

/* "200", "500 0x80070070", "-" */
static void write_what_came(const struct doctor_row *row, char came[CAME_MAX])
{
    if (row->result.end != AGENT_ANSWERED) {
        (void)snprintf(came, CAME_MAX, "-");
    } else if (row->answer.error_code != 0) {
        (void)snprintf(came, CAME_MAX, "%u 0x%08X", row->answer.status,
                       (unsigned)row->answer.error_code);
    } else {
        (void)snprintf(came, CAME_MAX, "%u", row->answer.status);
    }
}

/* The server's own text, if it sent one.  The name is random: a server that
 * answers "the file exists" only refuses to write. */
static const char *refusal_of(const struct doctor_row *row,
                              const struct bits_explanation *error)
{
    if (row->answer.error_text[0] != '\0') {
        return row->answer.error_text;
    }
    return row->hresult == DOCTOR_FILE_EXISTS ? "it refuses the name"
                                              : error->meaning;
}

static void write_who(const struct doctor_row *row, char who[WHO_MAX])
{
    const struct responder *responder = &row->responder;
    const char *name =
        responder->via[0] != '\0' ? responder->via : responder->server;
    const struct bits_explanation *error = bits_error_find(row->hresult);

    if (row->who == DOCTOR_NO_ANSWER) {
        (void)snprintf(who, WHO_MAX, "no answer: %s",
                       row->result.words[0] != '\0' || !error
                           ? row->result.words
                           : error->meaning);
    } else if (row->who == DOCTOR_STRANGER) {
        (void)snprintf(who, WHO_MAX, "not the BITS server%s%s",
                       name[0] != '\0' ? ": " : "", name);
    } else if (row->verdict == DOCTOR_FAILED && error) {
        (void)snprintf(who, WHO_MAX, "the BITS server: %s",
                       refusal_of(row, error));
    } else if (row->answer.has_next) {
        (void)snprintf(who, WHO_MAX, "the BITS server wants byte %" PRIu64,
                       row->answer.next);
    } else {
        (void)snprintf(who, WHO_MAX, "the BITS server");
    }
}

void doctor_row_say(struct say *say, const struct doctor_row *row)
{
    char what[WHAT_MAX];
    char came[CAME_MAX];
    char who[WHO_MAX];
    char sentence[RESPONDER_SENTENCE_MAX + 1];

    write_what(row, what);
    write_what_came(row, came);
    write_who(row, who);
    say_out(say, "%-4s  %-22s  %-14s  %s", marks[row->verdict], what, came,
            who);
    if (row->who == DOCTOR_STRANGER &&
        responder_sentence(&row->responder, sentence)) {
        say_paragraph(say, "      says", TEXT_COLUMNS, sentence);
    }
    if (row->cause) {
        say_paragraph(say, "      cause", TEXT_COLUMNS, row->cause);
        say_paragraph(say, "      change", TEXT_COLUMNS, row->setting);
    }
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? say_json_text(text_of(text)) : NULL;
}

/* The message of the network error, of the server, or of whatever answered in
 * its place. */
static json_t *words_of(const struct doctor_row *row)
{
    char sentence[RESPONDER_SENTENCE_MAX + 1];

    if (row->who == DOCTOR_NO_ANSWER) {
        return text_or_null(row->result.words);
    }
    if (row->who == DOCTOR_SERVER) {
        return text_or_null(row->answer.error_text);
    }
    return responder_sentence(&row->responder, sentence)
               ? text_or_null(sentence)
               : NULL;
}

json_t *doctor_row_json(const struct doctor_row *row)
{
    bool answered = row->result.end == AGENT_ANSWERED;
    char code[16];

    (void)snprintf(code, sizeof(code), "0x%08X", (unsigned)row->hresult);
    return json_pack(
        "{s:s, s:s, s:s, s:o*, s:s*, s:o*, s:I, s:I, s:o*, s:o*, s:o*, s:s*, "
        "s:s*}",
        "probe", names[row->probe].name, "verdict", verdicts[row->verdict],
        "who", whos[row->who], "status",
        answered ? json_integer((json_int_t)row->answer.status) : NULL, "code",
        row->hresult != 0 ? code : NULL, "next",
        row->answer.has_next ? json_integer((json_int_t)row->answer.next)
                             : NULL,
        "length", (json_int_t)row->length, "ms",
        (json_int_t)row->result.elapsed_ms, "server",
        text_or_null(row->responder.server), "via",
        text_or_null(row->responder.via), "words", words_of(row), "cause",
        row->cause, "change", row->setting);
}
