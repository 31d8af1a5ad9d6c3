/*
 * base/text.h: reads text from outside with a cursor instead of indexes.
 *
 * A text_take_ function takes an item from the front of *text and advances
 * *text.  If the item is missing it returns false and changes nothing, unless
 * its comment says otherwise.  ASCII only, no locale; any thread.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/text.h>

/* A literal as a text. */
#define TEXT(literal) ((struct bits_text)TEXT_INIT(literal))

/* The same as an initializer of a static table. */
#define TEXT_INIT(literal)                                                     \
    {                                                                          \
        (literal), sizeof(literal) - 1                                         \
    }

struct bits_text text_of(const char *string);

bool text_equal(struct bits_text a, struct bits_text b);
bool text_equal_nocase(struct bits_text a, struct bits_text b);
bool text_has_prefix_nocase(struct bits_text text, struct bits_text prefix);

/* Takes the byte c. */
bool text_take_char(struct bits_text *text, char c);

/* Takes the bytes before the first `c`, and `c` itself. */
bool text_take_until(struct bits_text *text, char c,
                     struct bits_text *ret_before);

/* Takes 1*DIGIT.  Returns false also if the number is above 2^64 - 1. */
bool text_take_u64(struct bits_text *text, uint64_t *ret_value);

/* Takes the next item of a comma-separated list, without the blanks around it;
 * skips empty items.  Returns false if no item is left; *list is empty then. */
bool text_take_item(struct bits_text *list, struct bits_text *ret_item);

/* The whole text as 1*DIGIT. */
bool text_to_u64(struct bits_text text, uint64_t *ret_value);

/* Room for the digits of any uint64_t. */
#define TEXT_U64_MAX 20

/* The number in decimal, written into the caller's room; not terminated. */
struct bits_text text_from_u64(uint64_t value, char room[TEXT_U64_MAX]);

/* Without SP and HTAB at both ends. */
struct bits_text text_trim(struct bits_text text);

/* 0 to 15, or -1. */
int text_hex_digit(char c);

char text_lower(char c);

/* %x21-7E only, at least one byte. */
bool text_is_visible(struct bits_text text);

#endif
