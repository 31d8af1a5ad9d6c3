/*
 * bits/commands/explain_command.c: error codes in words.
 */
#include "bits/command.h"

#include <stdio.h>

#include <openbits/transfer.h>

#include "base/text.h"

/* Where texts begin behind their labels. */
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

/* `first`: no other was explained before. */
static bool explain(struct say *say, const char *asked, bool first)
{
    const struct bits_explanation *row = bits_explain(text_of(asked));

    if (!row) {
        say_error(say,
                  "%s: no code that is known; write 0x80190194, -2145844844, "
                  "404 or BG_E_TOO_LARGE",
                  asked);
        return false;
    }
    if (say->json) {
        explain_json(say, asked, row);
    } else {
        if (!first) {
            say_out(say, "%s", "");
        }
        explain_text(say, row);
    }
    return true;
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
