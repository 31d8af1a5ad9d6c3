/*
 * bits/progress/progress.h: the progress of an upload as a line.
 *
 * Pure: facts and a width in, text out; the caller shows it.  Names are escaped
 * (say_text.h).
 *
 * On 80 columns, where = marks what an earlier run had sent:
 *
 *     crash.dmp [=====#######>         ]  45%  1.2/2.7 GiB  11.2 MiB/s  2:13
 *     crash.dmp [=====#######          ]  45%  next try 14:23:05: HTTP 503
 *
 * In narrower windows the bar is omitted first, then time, rate and bytes, then
 * the middle of the name.
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
    PROGRESS_CONNECTING, /* no answer has arrived yet */
    PROGRESS_SENDING,
    PROGRESS_DELIVERING, /* all is sent, but not yet confirmed */
    PROGRESS_CLOSING,
    PROGRESS_FETCHING, /* the reply is being fetched */
    PROGRESS_WAITING,  /* waiting for the next try */
    PROGRESS_PAUSED,
    PROGRESS_CANCELLING,
};

/* Bytes per second, averaged over some seconds. */
struct progress_rate {
    bool begun;
    uint64_t at_ms;
    uint64_t bytes;
    double per_second;
    uint64_t moved_ms; /* when bytes were last sent or an answer arrived */
};

struct progress {
    const char *name; /* unescaped; borrowed */
    enum progress_state state;
    uint64_t size;        /* bytes */
    uint64_t done;        /* bytes that arrived or are on their way */
    uint64_t resumed;     /* of these, what the server had at the start */
    uint64_t rate;        /* bytes per second; 0: unknown */
    uint64_t silent_s;    /* seconds without a byte sent or an answer; 0: too
                             few to mention */
    const char *next_try; /* WAITING: time of day, "14:23:05" */
    const char *why;      /* WAITING: the error; or NULL */
};

/* Records the bytes sent so far.  Fewer than before: measuring restarts. */
void progress_rate_note(struct progress_rate *rate, uint64_t now_ms,
                        uint64_t bytes);

/* Call when an answer arrived, or when none is expected. */
void progress_rate_answered(struct progress_rate *rate, uint64_t now_ms);

/* In seconds, for struct progress. */
uint64_t progress_rate_silence(const struct progress_rate *rate,
                               uint64_t now_ms);

/* Returns 0 if the rate is not known yet. */
uint64_t progress_rate_value(const struct progress_rate *rate);

/* The live line, at most `columns` wide. */
void progress_live(const struct progress *progress, unsigned columns,
                   char line[PROGRESS_LINE_MAX]);

/* The line for logs and pipes: "crash.dmp: 45%, 1.2 of 2.7 GiB, ...". */
void progress_plain(const struct progress *progress,
                    char line[PROGRESS_LINE_MAX]);

/* Room for any of the words below, terminated. */
#define PROGRESS_WORD_MAX 32

/* "512 B", "1.2 GiB" */
void progress_bytes(uint64_t bytes, char word[PROGRESS_WORD_MAX]);

/* "0:05", "2:13", "1:02:13", "3 days" */
void progress_duration(uint64_t seconds, char word[PROGRESS_WORD_MAX]);

#endif
