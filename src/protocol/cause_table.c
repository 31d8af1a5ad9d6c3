/*
 * protocol/cause_table.c: the table of causes; the rows are in cause.def.
 */
#include <openbits/cause.h>

struct row {
    unsigned status;
    uint32_t hresult;
    enum bits_concern concern;
    const char *name;
    const char *sentence;
};

static const struct row rows[] = {
#define BITS_CAUSE(name, status, hresult, concern, sentence)                   \
    {status, hresult, BITS_CONCERN_##concern, #name, sentence},
#include <openbits/cause.def>
#undef BITS_CAUSE
};

static const struct row *row_of(enum bits_cause cause)
{
    return &rows[(unsigned)cause < BITS_CAUSE_COUNT ? cause
                                                    : BITS_CAUSE_INTERNAL];
}

struct bits_outcome bits_cause_outcome(enum bits_cause cause)
{
    const struct row *row = row_of(cause);

    return (struct bits_outcome){
        .cause = (enum bits_cause)(row - rows),
        .status = row->status,
        .hresult = row->hresult,
        .context = BITS_CONTEXT_SERVER,
    };
}

enum bits_concern bits_cause_concern(enum bits_cause cause)
{
    return row_of(cause)->concern;
}

const char *bits_cause_name(enum bits_cause cause)
{
    return row_of(cause)->name;
}

const char *bits_cause_sentence(enum bits_cause cause)
{
    return row_of(cause)->sentence;
}
