/*
 * cause/cause.c: bitsd's own rows; libopenbits has the others.
 */
#include "cause/cause.h"

#include "base/text.h"

struct row {
    struct bits_outcome outcome;
    enum bits_concern concern;
    const char *name;
    const char *sentence;
};

static const struct row rows[] = {
#define CAUSE(name, status, hresult, concern, sentence)                        \
    {{CAUSE_##name, status, hresult, BITS_CONTEXT_SERVER, 0},                  \
     BITS_CONCERN_##concern,                                                   \
     #name,                                                                    \
     sentence},
#include "cause/cause.def"
#undef CAUSE
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* NULL: libopenbits has the row. */
static const struct row *row_of(enum bits_cause cause)
{
    size_t at = (size_t)cause - BITS_CAUSE_OWN;

    return (size_t)cause >= BITS_CAUSE_OWN && at < ROWS ? &rows[at] : NULL;
}

struct bits_outcome cause_outcome(enum bits_cause cause)
{
    const struct row *row = row_of(cause);

    return row ? row->outcome : bits_cause_outcome(cause);
}

unsigned cause_status(enum bits_cause cause)
{
    return cause_outcome(cause).status;
}

enum bits_concern cause_concern(enum bits_cause cause)
{
    const struct row *row = row_of(cause);

    return row ? row->concern : bits_cause_concern(cause);
}

const char *cause_name(enum bits_cause cause)
{
    const struct row *row = row_of(cause);

    return row ? row->name : bits_cause_name(cause);
}

const char *cause_sentence(enum bits_cause cause)
{
    const struct row *row = row_of(cause);

    if (cause == BITS_CAUSE_ZERO_LENGTH_REFUSED) {
        /* libopenbits does not know whose option refuses. */
        return "empty files are refused (zero_length = refuse)";
    }
    return row ? row->sentence : bits_cause_sentence(cause);
}

bool cause_of_name(struct bits_text name, enum bits_cause *ret_cause)
{
    for (unsigned i = 0; i < BITS_CAUSE_COUNT + ROWS; i++) {
        enum bits_cause cause = i < BITS_CAUSE_COUNT
                                    ? (enum bits_cause)i
                                    : rows[i - BITS_CAUSE_COUNT].outcome.cause;

        if (text_equal(name, text_of(cause_name(cause)))) {
            *ret_cause = cause;
            return true;
        }
    }
    return false;
}

enum bits_cause cause_fault(struct fault *ret_fault, enum bits_cause cause,
                            const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)fault_vset(ret_fault, format, arguments);
    va_end(arguments);
    return cause;
}
