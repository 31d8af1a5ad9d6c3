/*
 * server/date.c: see date.h.
 */
#include "server/date.h"

#include <time.h>

void date_write(int64_t when, char ret_text[DATE_SIZE])
{
    time_t seconds = (time_t)when;
    struct tm utc = {0};

    (void)gmtime_r(&seconds, &utc);
    if (strftime(ret_text, DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &utc) == 0) {
        ret_text[0] = '\0';
    }
}

const char *date_now(struct date *date)
{
    int64_t now = (int64_t)time(NULL);

    if (now != date->second) {
        date->second = now;
        date_write(now, date->text);
    }
    return date->text;
}
