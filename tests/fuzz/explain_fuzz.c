/*
 * explain_fuzz.c: whatever bits explain may be asked.
 *
 * Oracles: an answer is a row of the table, the row's name leads to it again,
 * and its numbers lead to the same row in whichever way they are written.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/transfer.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

static bool is_row(const struct bits_explanation *row)
{
    for (size_t i = 0; bits_explanation_at(i); i++) {
        if (bits_explanation_at(i) == row) {
            return true;
        }
    }
    return false;
}

static void check_words(const struct bits_explanation *row)
{
    require(row->first <= row->last);
    require(row->name[0] && row->meaning[0] && row->cause[0] && row->remedy[0]);
}

/* A row for one value stands before the family that it belongs to. */
static void check_value(uint32_t value)
{
    const struct bits_explanation *row = bits_error_find(value);
    char hex[16];
    char unsigned_text[16];
    char signed_text[16];

    snprintf(hex, sizeof(hex), " 0X%08X ", value);
    snprintf(unsigned_text, sizeof(unsigned_text), "%u", value);
    snprintf(signed_text, sizeof(signed_text), "%d", (int32_t)value);
    require(row && row->first <= value && value <= row->last);
    require(bits_explain(text_of(hex)) == row);
    require(bits_explain(text_of(unsigned_text)) == row);
    require(bits_explain(text_of(signed_text)) == row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bits_text text = {(const char *)data, size};
    const struct bits_explanation *row = bits_explain(text);

    if (row) {
        require(is_row(row));
        check_words(row);
        require(bits_explain(text_of(row->name)) == row);
        check_value(row->first);
        check_value(row->last);
    }
    for (int reason = 0; reason <= BITS_REASON_COUNT; reason++) {
        const char *sentence = bits_reason_sentence((enum bits_reason)reason);

        require(!sentence || sentence[0]);
    }
    return 0;
}
