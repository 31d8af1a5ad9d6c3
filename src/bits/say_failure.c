/*
 * bits/say_failure.c: see say_failure.h.
 */
#include "bits/say_failure.h"

#include <stdio.h>

#include "base/text.h"

/* The HRESULTs that only repeat an HTTP status. */
#define HRESULT_OF_STATUS 0x80190000u

#define NUMBERS_MAX 64

/* " (HTTP 500, 0x80070005)", without numbers that add nothing. */
static void write_numbers(const struct bits_failure *failure,
                          char numbers[NUMBERS_MAX])
{
    bool is_status = failure->status != 0 &&
                     failure->hresult == HRESULT_OF_STATUS + failure->status;

    if (is_status || (failure->status != 0 && failure->hresult == 0)) {
        (void)snprintf(numbers, NUMBERS_MAX, " (HTTP %u)", failure->status);
    } else if (failure->status != 0) {
        (void)snprintf(numbers, NUMBERS_MAX, " (HTTP %u, 0x%08X)",
                       failure->status, (unsigned)failure->hresult);
    } else if (failure->hresult != 0) {
        (void)snprintf(numbers, NUMBERS_MAX, " (0x%08X)",
                       (unsigned)failure->hresult);
    } else {
        numbers[0] = '\0';
    }
}

/* The server's own text is more specific than the usual meaning of its code. */
static bool has_text(const struct bits_failure *failure)
{
    return !bits_reason_sentence(failure->reason) && failure->text[0] != '\0';
}

static const char *sentence_of(const struct bits_failure *failure)
{
    const char *sentence = bits_reason_sentence(failure->reason);
    const struct bits_explanation *row = bits_error_find(failure->hresult);

    if (sentence) {
        return sentence;
    }
    if (has_text(failure)) {
        return failure->text;
    }
    return row ? row->meaning : "an unknown error";
}

static void write_words(const struct bits_failure *failure, const char *numbers,
                        struct fault *ret_fault)
{
    bool is_application = failure->context == BITS_ERROR_CONTEXT_APPLICATION;
    bool is_elsewhere = failure->location[0] != '\0';

    (void)fault_set(ret_fault, "%s%s%s%s%s",
                    is_application      ? "the server's application: "
                    : has_text(failure) ? "the server says: "
                                        : "",
                    sentence_of(failure), numbers, is_elsewhere ? ": " : "",
                    failure->location);
}

void failure_words(const struct bits_failure *failure, struct fault *ret_fault)
{
    char numbers[NUMBERS_MAX];

    write_numbers(failure, numbers);
    write_words(failure, numbers, ret_fault);
}

void failure_brief_words(const struct bits_failure *failure,
                         struct fault *ret_fault)
{
    write_words(failure, "", ret_fault);
}

void say_failure_help(struct say *say, const struct bits_failure *failure)
{
    const struct bits_explanation *row = bits_error_find(failure->hresult);

    if (row && !bits_reason_sentence(failure->reason) && !has_text(failure)) {
        say_error(say, "usual cause: %s", row->cause);
        say_error(say, "remedy: %s", row->remedy);
    }
}

json_t *failure_json(const struct bits_failure *failure)
{
    const struct bits_explanation *row = bits_error_find(failure->hresult);
    struct fault fault;
    char hresult[16];

    failure_words(failure, &fault);
    (void)snprintf(hresult, sizeof(hresult), "0x%08X",
                   (unsigned)failure->hresult);
    return json_pack("{s:b, s:i, s:s, s:s*, s:i, s:o, s:o*}", "temporary",
                     (int)failure->temporary, "status", (int)failure->status,
                     "code", hresult, "name", row ? row->name : NULL, "context",
                     (int)failure->context, "words",
                     say_json_text(text_of(fault.text)), "location",
                     failure->location[0]
                         ? say_json_text(text_of(failure->location))
                         : NULL);
}
