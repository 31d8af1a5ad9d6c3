/*
 * bits/progress/word.c: see word.h.
 */
#include "bits/progress/word.h"

#include <stdio.h>
#include <string.h>

#include "base/smaller.h"

/* A measurement older than this counts less than the newest one. */
#define SMOOTHING_SECONDS 5.0

/* Shorter spans measure the scheduler rather than the connection. */
#define SPAN_MIN_MS 200

/* A slow connection may be silent for some seconds, since the kernel buffers
 * much at a time. */
#define SILENCE_MIN_MS 30000

struct unit {
    uint64_t bytes;
    const char *name;
};

static const struct unit units[] = {
    {1ULL << 60, "EiB"},
    {1ULL << 50, "PiB"},
    {1ULL << 40, "TiB"},
    {1ULL << 30, "GiB"},
    {1ULL << 20, "MiB"},
    {1ULL << 10, "KiB"},
    {1, "B"},
};

static const struct unit *unit_of(uint64_t bytes)
{
    const struct unit *unit = units;

    while (unit->bytes > bytes && unit->bytes > 1) {
        unit++;
    }
    return unit;
}

/* "1.2", "11.2", "112", right-aligned.  Rounded down, so that an incomplete
 * amount never looks complete. */
static void number(uint64_t bytes, const struct unit *unit, int columns,
                   char word[PROGRESS_WORD_MAX])
{
    uint64_t whole = bytes / unit->bytes;
    double rest = (double)(bytes % unit->bytes) / (double)unit->bytes;
    char digits[PROGRESS_WORD_MAX];

    if (unit->bytes == 1 || whole >= 100) {
        (void)snprintf(digits, sizeof(digits), "%llu",
                       (unsigned long long)whole);
    } else {
        (void)snprintf(digits, sizeof(digits), "%llu.%u",
                       (unsigned long long)whole,
                       (unsigned)smaller((unsigned)(rest * 10), 9));
    }
    (void)snprintf(word, PROGRESS_WORD_MAX, "%*s", columns, digits);
}

void progress_bytes(uint64_t bytes, char word[PROGRESS_WORD_MAX])
{
    const struct unit *unit = unit_of(bytes);
    char digits[PROGRESS_WORD_MAX];

    number(bytes, unit, 0, digits);
    (void)snprintf(word, PROGRESS_WORD_MAX, "%.24s %s", digits, unit->name);
}

void progress_duration(uint64_t seconds, char word[PROGRESS_WORD_MAX])
{
    unsigned long long s = seconds;

    if (s >= 2 * 86400) {
        (void)snprintf(word, PROGRESS_WORD_MAX, "%llu days", s / 86400);
    } else if (s >= 3600) {
        (void)snprintf(word, PROGRESS_WORD_MAX, "%llu:%02llu:%02llu", s / 3600,
                       s / 60 % 60, s % 60);
    } else {
        (void)snprintf(word, PROGRESS_WORD_MAX, "%llu:%02llu", s / 60, s % 60);
    }
}

unsigned progress_share(uint64_t part, uint64_t total, unsigned whole)
{
    unsigned share;

    if (part >= total || whole == 0) {
        return whole;
    }
    share = (unsigned)((double)part / (double)total * (double)whole);
    return share < whole ? share : whole - 1;
}

void progress_percent(const struct progress *progress,
                      char word[PROGRESS_WORD_MAX])
{
    (void)snprintf(word, PROGRESS_WORD_MAX, "%3u%%",
                   progress_share(progress->done, progress->size, 100));
}

/* The columns of any number up to this one: "99.9" is wider than "100". */
static int widest(const char *size, const struct unit *unit)
{
    size_t len = strlen(size);

    return unit->bytes > 1 && len == 3 && !strchr(size, '.') ? 4 : (int)len;
}

void progress_of(const struct progress *progress, const char *between,
                 char word[PROGRESS_WORD_MAX])
{
    const struct unit *unit = unit_of(progress->size);
    char size[PROGRESS_WORD_MAX];
    char done[PROGRESS_WORD_MAX];

    number(progress->size, unit, 0, size);
    number(progress->done, unit, widest(size, unit), done);
    (void)snprintf(word, PROGRESS_WORD_MAX, "%.10s%.4s%.10s %s", done, between,
                   size, unit->name);
}

void progress_speed(const struct progress *progress,
                    char word[PROGRESS_WORD_MAX])
{
    const struct unit *unit = unit_of(progress->rate);
    char digits[PROGRESS_WORD_MAX];

    word[0] = '\0';
    if (progress->rate > 0 && progress->silent_s == 0) {
        number(progress->rate, unit, 4, digits);
        (void)snprintf(word, PROGRESS_WORD_MAX, "%.20s %s/s", digits,
                       unit->name);
    }
}

void progress_left(const struct progress *progress,
                   char word[PROGRESS_WORD_MAX])
{
    word[0] = '\0';
    if (progress->rate > 0 && progress->silent_s == 0 &&
        progress->done < progress->size) {
        progress_duration((progress->size - progress->done) / progress->rate,
                          word);
    }
}

void progress_state_words(const struct progress *progress, char *words,
                          size_t size)
{
    static const char *const plain[] = {
        [PROGRESS_CONNECTING] = "connecting",
        [PROGRESS_SENDING] = "",
        [PROGRESS_DELIVERING] = "waiting for the server",
        [PROGRESS_CLOSING] = "finishing",
        [PROGRESS_FETCHING] = "fetching the reply",
        [PROGRESS_WAITING] = "waiting",
        [PROGRESS_PAUSED] = "paused",
        [PROGRESS_CANCELLING] = "cancelling",
    };

    char silence[PROGRESS_WORD_MAX];

    if (progress->silent_s > 0 && progress->state < PROGRESS_WAITING) {
        progress_duration(progress->silent_s, silence);
        (void)snprintf(words, size, "no answer for %s", silence);
    } else if (progress->state == PROGRESS_WAITING && progress->next_try) {
        (void)snprintf(words, size, "next try %s%s%s", progress->next_try,
                       progress->why ? ": " : "",
                       progress->why ? progress->why : "");
    } else {
        (void)snprintf(words, size, "%s", plain[progress->state]);
    }
}

void progress_rate_note(struct progress_rate *rate, uint64_t now_ms,
                        uint64_t bytes)
{
    uint64_t span_ms = now_ms - rate->at_ms;
    double now;
    double weight;

    if (!rate->begun || bytes < rate->bytes || now_ms < rate->at_ms) {
        *rate = (struct progress_rate){true, now_ms, bytes, 0, now_ms};
        return;
    }
    if (bytes > rate->bytes) {
        rate->moved_ms = now_ms;
    }
    if (span_ms < SPAN_MIN_MS) {
        return;
    }
    now = (double)(bytes - rate->bytes) * 1000.0 / (double)span_ms;
    weight = (double)span_ms / 1000.0 / SMOOTHING_SECONDS;
    if (rate->per_second <= 0 || weight > 1) {
        weight = 1;
    }
    rate->per_second += (now - rate->per_second) * weight;
    rate->at_ms = now_ms;
    rate->bytes = bytes;
}

void progress_rate_answered(struct progress_rate *rate, uint64_t now_ms)
{
    rate->moved_ms = now_ms;
}

uint64_t progress_rate_silence(const struct progress_rate *rate,
                               uint64_t now_ms)
{
    uint64_t silence_ms = now_ms - rate->moved_ms;

    return rate->begun && now_ms >= rate->moved_ms &&
                   silence_ms >= SILENCE_MIN_MS
               ? silence_ms / 1000
               : 0;
}

uint64_t progress_rate_value(const struct progress_rate *rate)
{
    return (uint64_t)rate->per_second;
}
