/*
 * bits/commands/explain_command.c: `bits explain`: explains error codes, and
 * the causes in bitsd's log.
 */
#include "bits/command.h"

#include <stdio.h>

#include <openbits/transfer.h>

#include "base/text.h"
#include "cause/cause.h"

/* The column where texts begin after their labels. */
#define LABEL_COLUMNS 11

#define CODE_MAX 40

/* "0x80190194", or for a family "0x8019012C to 0x8019018F". */
static void write_code(const struct bits_explanation *row, char code[CODE_MAX])
{
    if (row->first == row->last) {
        (void)snprintf(code, CODE_MAX, "0x%08X", (unsigned)row->first);
    } else {
        (void)snprintf(code, CODE_MAX, "0x%08X to 0x%08X", (unsigned)row->first,
                       (unsigned)row->last);
    }
}

static void explain_text(struct say *say, const struct bits_explanation *row)
{
    char code[CODE_MAX];

    write_code(row, code);
    say_out(say, "%s %s", code, row->name);
    say_paragraph(say, "  meaning", LABEL_COLUMNS, row->meaning);
    say_paragraph(say, "  cause", LABEL_COLUMNS, row->cause);
    say_paragraph(say, "  remedy", LABEL_COLUMNS, row->remedy);
}

static void explain_json(struct say *say, const char *asked,
                         const struct bits_explanation *row)
{
    char code[CODE_MAX];

    write_code(row, code);
    say_json(say, json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "asked",
                            say_json_text(text_of(asked)), "code", code, "name",
                            row->name, "meaning", row->meaning, "cause",
                            row->cause, "remedy", row->remedy));
}

/* --- causes of bitsd's log ------------------------------------------------ */

#define CAUSE_PREFIX TEXT("cause=")

/* Accepts "FILE_EXISTS", and "cause=FILE_EXISTS" as in the log. */
static bool find_cause(const char *asked, struct bits_outcome *ret_outcome)
{
    struct bits_text word = text_of(asked);
    enum bits_cause cause;

    if (text_has_prefix_nocase(word, CAUSE_PREFIX)) {
        word.ptr += CAUSE_PREFIX.len;
        word.len -= CAUSE_PREFIX.len;
    }
    if (!cause_of_name(word, &cause)) {
        return false;
    }
    *ret_outcome = cause_outcome(cause);
    return true;
}

static void explain_cause_text(struct say *say,
                               const struct bits_outcome *outcome)
{
    say_out(say, "%s", cause_name(outcome->cause));
    say_paragraph(say, "  meaning", LABEL_COLUMNS,
                  cause_sentence(outcome->cause));
    if (outcome->hresult != 0) {
        say_out(say, "  answer   HTTP %u, 0x%08X", outcome->status,
                (unsigned)outcome->hresult);
    } else {
        say_out(say, "  answer   HTTP %u", outcome->status);
    }
}

static void explain_cause_json(struct say *say, const char *asked,
                               const struct bits_outcome *outcome)
{
    char code[CODE_MAX];

    (void)snprintf(code, CODE_MAX, "0x%08X", (unsigned)outcome->hresult);
    say_json(say, json_pack("{s:o, s:s*, s:s, s:s, s:i}", "asked",
                            say_json_text(text_of(asked)), "code",
                            outcome->hresult != 0 ? code : NULL, "name",
                            cause_name(outcome->cause), "meaning",
                            cause_sentence(outcome->cause), "status",
                            (int)outcome->status));
}

/* --- all of them ---------------------------------------------------------- */

static void separate(struct say *say, bool first)
{
    if (!first && !say->json) {
        say_out(say, "%s", "");
    }
}

/* `first`: no code was explained before. */
static bool explain(struct say *say, const char *asked, bool first)
{
    const struct bits_explanation *row = bits_explain(text_of(asked));
    struct bits_outcome outcome;

    if (row) {
        separate(say, first);
        say->json ? explain_json(say, asked, row) : explain_text(say, row);
        return true;
    }
    if (find_cause(asked, &outcome)) {
        separate(say, first);
        say->json ? explain_cause_json(say, asked, &outcome)
                  : explain_cause_text(say, &outcome);
        return true;
    }
    say_error(say,
              "%s: unknown code; write 0x80190194, -2145844844, 404, "
              "BG_E_TOO_LARGE, or a cause of bitsd's log such as FILE_EXISTS",
              asked);
    return false;
}

int command_explain(const struct command_line *line)
{
    size_t known = 0;

    if (line->operand_count == 0) {
        return command_usage(line, "name a code");
    }
    for (size_t i = 0; i < line->operand_count; i++) {
        known += explain(line->say, line->operands[i], known == 0);
    }
    return known == line->operand_count ? CLIENT_DONE : CLIENT_USAGE;
}
