/*
 * bits/progress/progress.h: how far an upload is, as a line.
 *
 * Pure: facts and a width in, text out; who shows it, when and where is the
 * caller's.  Names are escaped (say_text.h).
 *
 * On 80 columns, where = is what an earlier run had sent:
 *
 *     crash.dmp [=====#######>         ]  45%  1.2/2.7 GiB  11.2 MiB/s  2:13
 *     crash.dmp [=====#######          ]  45%  next try 14:23:05: HTTP 503
 *
 * In narrower windows the bar goes first, then time, rate and bytes, then the
 * middle of the name.
 */
#ifndef BITS_PROGRESS_PROGRESS_H
#define BITS_PROGRESS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line, terminated. */
#define PROGRESS_LINE_MAX 1024

/* Wider lines are hard to read. */
#define PROGRESS_COLUMNS_MAX 120

enum progress_state {
    PROGRESS_CONNECTING, /* nothing has been answered yet */
    PROGRESS_SENDING,
    PROGRESS_DELIVERING, /* all is sent, the server has not said so yet */
    PROGRESS_CLOSING,
    PROGRESS_FETCHING, /* the reply */
    PROGRESS_WAITING,  /* for the next try */
    PROGRESS_PAUSED,
    PROGRESS_CANCELLING,
};

/* Bytes a second, smoothed over some seconds. */
struct progress_rate {
    bool begun;
    uint64_t at_ms;
    uint64_t bytes;
    double per_second;
    uint64_t moved_ms; /* when bytes left or an answer came, last */
};

struct progress {
    const char *name; /* as it came; borrowed */
    enum progress_state state;
    uint64_t size;        /* bytes */
    uint64_t done;        /* bytes that arrived or are on their way */
    uint64_t resumed;     /* of them, those that the server had at the start */
    uint64_t rate;        /* bytes a second; 0: unknown */
    uint64_t silent_s;    /* so long no byte left and no answer came; 0: not
                             long enough to mention */
    const char *next_try; /* WAITING: the time of day, "14:23:05" */
    const char *why;      /* WAITING: what went wrong; or NULL */
};

/* So many bytes have left by now.  Fewer than before: counting starts anew. */
void progress_rate_note(struct progress_rate *rate, uint64_t now_ms,
                        uint64_t bytes);

/* An answer came, or nothing is to be answered now. */
void progress_rate_answered(struct progress_rate *rate, uint64_t now_ms);

/* Seconds, for struct progress. */
uint64_t progress_rate_silence(const struct progress_rate *rate,
                               uint64_t now_ms);

/* 0: not known yet. */
uint64_t progress_rate_value(const struct progress_rate *rate);

/* The line that is written over and over, at most so many columns wide. */
void progress_live(const struct progress *progress, unsigned columns,
                   char line[PROGRESS_LINE_MAX]);

/* The line for logs and pipes: "crash.dmp: 45%, 1.2 of 2.7 GiB, ...". */
void progress_plain(const struct progress *progress,
                    char line[PROGRESS_LINE_MAX]);

/* Room for any of the two below, terminated. */
#define PROGRESS_WORD_MAX 32

/* "512 B", "1.2 GiB" */
void progress_bytes(uint64_t bytes, char word[PROGRESS_WORD_MAX]);

/* "0:05", "2:13", "1:02:13", "3 days" */
void progress_duration(uint64_t seconds, char word[PROGRESS_WORD_MAX]);

#endif
