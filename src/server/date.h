/*
 * server/date.h: the time as a Date field of HTTP has it, made once a second.
 */
#ifndef SERVER_DATE_H
#define SERVER_DATE_H

#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" and its end. */
#define DATE_SIZE 30

/* Starts with `second` as INT64_MIN.  One thread. */
struct date {
    int64_t second; /* since 1970, that the text tells */
    char text[DATE_SIZE];
};

/* Seconds since 1970. */
void date_write(int64_t when, char ret_text[DATE_SIZE]);

/* The text lives until the next call. */
const char *date_now(struct date *date);

#endif
