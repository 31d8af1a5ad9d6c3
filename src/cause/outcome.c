/*
 * cause/outcome.c: see outcome.h.
 */
#include "cause/outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_that_of_its_cause(const struct bits_outcome *outcome)
{
    struct bits_outcome row = cause_outcome(outcome->cause);

    return outcome->status == row.status && outcome->hresult == row.hresult &&
           outcome->context == row.context &&
           outcome->retry_after == row.retry_after;
}

void outcome_format(const struct bits_outcome *outcome,
                    char text[OUTCOME_TEXT_MAX])
{
    const char *name = cause_name(outcome->cause);

    if (is_that_of_its_cause(outcome)) {
        (void)snprintf(text, OUTCOME_TEXT_MAX, "%s", name);
    } else {
        (void)snprintf(text, OUTCOME_TEXT_MAX, "%s %u %u %u %u", name,
                       outcome->status, (unsigned)outcome->hresult,
                       (unsigned)outcome->context,
                       (unsigned)outcome->retry_after);
    }
}

/* " 413": a blank and a number. */
static bool take_number(struct bits_text *text, uint32_t *ret_number)
{
    uint64_t number;

    if (!text_take_char(text, ' ') || !text_take_u64(text, &number) ||
        number > UINT32_MAX) {
        return false;
    }
    *ret_number = (uint32_t)number;
    return true;
}

/* Reads the name, up to a blank or the end. */
static enum bits_cause take_cause(struct bits_text *text)
{
    struct bits_text name = *text;
    const char *blank = memchr(text->ptr, ' ', text->len);
    enum bits_cause cause;

    if (blank) {
        name.len = (size_t)(blank - text->ptr);
    }
    text->ptr += name.len;
    text->len -= name.len;
    return cause_of_name(name, &cause) ? cause : BITS_CAUSE_INTERNAL;
}

struct bits_outcome outcome_parse(const char *string)
{
    struct bits_text text = text_of(string ? string : "");
    struct bits_outcome outcome = {.cause = take_cause(&text)};
    uint32_t status;

    if (!take_number(&text, &status) || !take_number(&text, &outcome.hresult) ||
        !take_number(&text, &outcome.context) ||
        !take_number(&text, &outcome.retry_after)) {
        return cause_outcome(outcome.cause);
    }
    outcome.status = status;
    return outcome;
}
