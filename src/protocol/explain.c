/*
 * protocol/explain.c: errors in words; the rows are in errors.def.
 * transfer_judge.c decides which errors are final.
 */
#include <openbits/transfer.h>

#include "base/text.h"
#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

static const struct bits_explanation rows[] = {
#define BITS_ERROR(value, name, meaning, cause, remedy)                        \
    {value, value, name, meaning, cause, remedy},
#define BITS_ERROR_FAMILY(first, last, name, meaning, cause, remedy)           \
    {first, last, name, meaning, cause, remedy},
#include "protocol/errors.def"
#undef BITS_ERROR
#undef BITS_ERROR_FAMILY
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct bits_explanation *bits_explanation_at(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

const struct bits_explanation *bits_error_find(uint32_t hresult)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].first <= hresult && hresult <= rows[i].last) {
            return &rows[i];
        }
    }
    return NULL;
}

static const struct bits_explanation *find_name(struct bits_text name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (text_equal_nocase(text_of(rows[i].name), name)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Decimal: a status, or an HRESULT printed as a signed or unsigned number.  The
 * HRESULT of an error has at least ten digits. */
static bool parse_decimal(struct bits_text text, uint32_t *ret_hresult)
{
    bool negative = text_take_char(&text, '-');
    size_t digits = text.len;
    uint64_t value;

    if (!text_to_u64(text, &value) || value > UINT32_MAX) {
        return false;
    }
    if (negative) {
        *ret_hresult = 0u - (uint32_t)value;
        return true;
    }
    if (digits == 3) {
        *ret_hresult = HRESULT_OF_STATUS + (uint32_t)value;
        return true;
    }
    *ret_hresult = (uint32_t)value;
    return value > INT32_MAX;
}

const struct bits_explanation *bits_explain(struct bits_text text)
{
    uint32_t hresult;

    text = text_trim(text);
    if (parse_decimal(text, &hresult) || answer_parse_hex(text, &hresult)) {
        return bits_error_find(hresult);
    }
    return find_name(text);
}

const char *bits_reason_sentence(enum bits_reason reason)
{
    static const char *const sentences[BITS_REASON_COUNT] = {
        [BITS_REASON_NOT_BITS] =
            "no BITS server answers at this URL; check it, and let proxies "
            "pass the method BITS_POST",
        [BITS_REASON_MISTAKEN] =
            "the server or a proxy rejects the request as malformed and gives "
            "no BITS answer",
        [BITS_REASON_NOT_ACK] =
            "success without a BITS Ack: a proxy, a login page or a plain web "
            "server answered in the server's place",
        [BITS_REASON_REDIRECTED] =
            "the server sends the upload elsewhere, and uploads do not follow; "
            "use the URL that it names, if it is right",
        [BITS_REASON_NO_SESSION_ID] =
            "the server acknowledged Create-Session without a valid "
            "BITS-Session-Id; update the server",
        [BITS_REASON_PROTOCOL] =
            "the server chose a protocol that was not offered",
        [BITS_REASON_NO_OFFSET] =
            "the server does not say how many bytes it has: its answer has no "
            "valid BITS-Received-Content-Range; update the server",
        [BITS_REASON_NO_OFFSET_NO_ACK] =
            "416 without BITS headers: a proxy replaces the server's answer "
            "or drops its headers; let both pass",
        [BITS_REASON_NO_ADVANCE] = "the server acknowledges fragments, but its "
                                   "offset does not advance",
        [BITS_REASON_FORGETFUL] =
            "the server forgets sessions; is there a balancer without "
            "affinity?",
        [BITS_REASON_UNSTEADY] =
            "no connection lasts from the Ping that carries the credentials "
            "to the next packet; does a proxy close them?",
        [BITS_REASON_FRAGMENT_REFUSED] =
            "the server or a proxy refuses even the smallest fragments as too "
            "large",
        [BITS_REASON_EMPTY_REFUSED] = "the server accepts no empty files; "
                                      "bitsd does with zero_length = allow",
        [BITS_REASON_CLOSE_REFUSED] =
            "every byte was acknowledged, but Close was refused; whether the "
            "file was delivered is unknown",
        [BITS_REASON_CLOSE_LOST] =
            "the server acknowledged every byte, but had no session when it "
            "was closed; whether the file was delivered is unknown: look for "
            "it on the server",
        [BITS_REASON_REPLY_MISSING] =
            "the file arrived, but the server names no reply; it has no "
            "application behind this URL, or the file is empty",
        [BITS_REASON_REPLY_URL] =
            "the file arrived, but the reply's URL is too long, malformed, or "
            "leads from https to http",
        [BITS_REASON_CREDENTIALS_MISSING] =
            "the server requires credentials; none are given, or its host is "
            "not trusted",
        [BITS_REASON_CREDENTIALS_REFUSED] =
            "the credentials are refused; check user, password and scheme",
    };

    return (unsigned)reason < BITS_REASON_COUNT ? sentences[reason] : NULL;
}
