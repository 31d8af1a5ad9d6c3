/*
 * server/date.h: the time as the value of a Date field, formatted once a
 * second.
 */
#ifndef SERVER_DATE_H
#define SERVER_DATE_H

#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT", terminated. */
#define DATE_SIZE 30

/* Set `second` to INT64_MIN at first.  One thread. */
struct date {
    int64_t second; /* since 1970; the time in the text */
    char text[DATE_SIZE];
};

/* Seconds since 1970. */
void date_write(int64_t when, char ret_text[DATE_SIZE]);

/* The text is valid until the next call. */
const char *date_now(struct date *date);

#endif
