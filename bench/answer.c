/*
 * bench/answer.c: see answer.h.
 */
#include "answer.h"

#include <string.h>

#include "base/text.h"

struct bits_text answer_field(struct bits_text head, const char *name)
{
    struct bits_text line;

    while (text_take_until(&head, '\n', &line)) {
        struct bits_text field;

        if (text_take_until(&line, ':', &field) &&
            text_equal_nocase(field, text_of(name))) {
            line.len -= line.len > 0;
            return text_trim(line);
        }
    }
    return (struct bits_text){NULL, 0};
}

size_t answer_read(struct bits_text *head, unsigned *ret_status,
                   uint64_t *ret_body)
{
    const char *end = memmem(head->ptr, head->len, "\r\n\r\n", 4);
    struct bits_text first;
    uint64_t status = 0;

    if (!end) {
        return 0;
    }
    head->len = (size_t)(end - head->ptr) + 4;
    first = *head;
    (void)text_take_until(&first, ' ', &(struct bits_text){NULL, 0});
    (void)text_take_u64(&first, &status);
    *ret_status = (unsigned)status;
    *ret_body = 0;
    (void)text_to_u64(answer_field(*head, "Content-Length"), ret_body);
    return head->len;
}
