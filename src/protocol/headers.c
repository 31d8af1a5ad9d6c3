/*
 * protocol/headers.c: see headers.h.
 */
#include "protocol/headers.h"

#include "base/text.h"

struct row {
    struct bits_text name;
    enum header_direction direction;
    enum header_count count;
};

static const struct row rows[HEADER_COUNT] = {
#define BITS_HEADER(id, name, direction, count)                                \
    {{name, sizeof(name) - 1}, HEADER_##direction, HEADER_##count},
#include "protocol/headers.def"
#undef BITS_HEADER
};

const char *header_name(enum header_id id)
{
    return rows[id].name.ptr;
}

enum header_count header_count_of(enum header_id id)
{
    return rows[id].count;
}

bool header_find_in_request(struct bits_text name, enum header_id *ret_id)
{
    for (unsigned id = 0; id < HEADER_COUNT; id++) {
        if (rows[id].direction != HEADER_RESPONSE &&
            text_equal_nocase(rows[id].name, name)) {
            *ret_id = (enum header_id)id;
            return true;
        }
    }
    return false;
}
