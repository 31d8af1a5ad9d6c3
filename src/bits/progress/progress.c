/*
 * bits/progress/progress.c: the lines; see progress.h.
 */
#include "bits/progress/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/smaller.h"
#include "bits/progress/word.h"
#include "bits/say_text.h"

/* A bar with fewer columns than this, without its frame, is useless. */
#define BAR_MIN 10

/* Columns kept for the name, if it is that long, before numbers are omitted. */
#define NAME_MIN 12

/* Parts of the line after the bar, the most important first. */
enum part { PART_PERCENT, PART_STATE, PART_BYTES, PART_RATE, PART_TIME, PARTS };

struct parts {
    char text[PARTS][PROGRESS_WORD_MAX + PROGRESS_STATE_MAX];
    unsigned columns[PARTS]; /* 0: omitted */
};

static const char *const gaps[PARTS] = {
    [PART_PERCENT] = " ", [PART_STATE] = "  ", [PART_BYTES] = "  ",
    [PART_RATE] = "  ",   [PART_TIME] = "  ",
};

static void measure(struct parts *parts)
{
    for (size_t i = 0; i < PARTS; i++) {
        parts->columns[i] = say_columns(parts->text[i]);
        if (parts->columns[i] > 0) {
            parts->columns[i] += (unsigned)strlen(gaps[i]);
        }
    }
}

static void fill(const struct progress *progress, struct parts *parts)
{
    *parts = (struct parts){0};
    progress_percent(progress, parts->text[PART_PERCENT]);
    progress_state_words(progress, parts->text[PART_STATE],
                         sizeof(parts->text[PART_STATE]));
    if (progress->state == PROGRESS_SENDING) {
        progress_of(progress, "/", parts->text[PART_BYTES]);
        progress_speed(progress, parts->text[PART_RATE]);
        progress_left(progress, parts->text[PART_TIME]);
    }
    measure(parts);
}

static unsigned sum(const struct parts *parts)
{
    unsigned columns = 0;

    for (size_t i = 0; i < PARTS; i++) {
        columns += parts->columns[i];
    }
    return columns;
}

/* Omits the least important parts until the rest fits.  An error is never
 * omitted, but its end may be. */
static void make_room(struct parts *parts, unsigned columns)
{
    for (size_t i = PARTS; i-- > PART_STATE + 1 && sum(parts) > columns;) {
        parts->columns[i] = 0;
    }
    if (sum(parts) <= columns) {
        return;
    }
    if (parts->columns[PART_PERCENT] > columns) {
        parts->columns[PART_PERCENT] = 0;
    }
    parts->columns[PART_STATE] = columns - parts->columns[PART_PERCENT];
}

static void append(char line[PROGRESS_LINE_MAX], const char *text)
{
    size_t len = strlen(line);

    (void)snprintf(line + len, PROGRESS_LINE_MAX - len, "%s", text);
}

/* " [==###> ]" in the given number of columns. */
static void append_bar(const struct progress *progress, unsigned columns,
                       char line[PROGRESS_LINE_MAX])
{
    char bar[PROGRESS_COLUMNS_MAX + 1];
    unsigned width = columns - 3;
    unsigned done = progress_share(progress->done, progress->size, width);
    unsigned resumed = progress_share(progress->resumed, progress->size, width);

    memset(bar, ' ', width);
    memset(bar, '#', done);
    memset(bar, '=', smaller(resumed, done));
    if (progress->state == PROGRESS_SENDING && done < width) {
        bar[done] = '>';
    }
    bar[width] = '\0';
    append(line, " [");
    append(line, bar);
    append(line, "]");
}

static void append_parts(const struct parts *parts,
                         char line[PROGRESS_LINE_MAX])
{
    char cut[PROGRESS_LINE_MAX];

    for (size_t i = 0; i < PARTS; i++) {
        size_t gap = strlen(gaps[i]);

        if (parts->columns[i] > gap) {
            append(line, gaps[i]);
            say_head(cut, sizeof(cut), parts->text[i],
                     parts->columns[i] - (unsigned)gap);
            append(line, cut);
        }
    }
}

void progress_live(const struct progress *progress, unsigned columns,
                   char line[PROGRESS_LINE_MAX])
{
    struct parts parts;
    unsigned wanted = say_columns(progress->name);
    unsigned least = (unsigned)smaller(wanted, NAME_MIN);
    unsigned left;

    columns = (unsigned)smaller(columns, PROGRESS_COLUMNS_MAX);
    least = (unsigned)smaller(least, columns / 2);
    fill(progress, &parts);
    make_room(&parts, columns - least);
    left = columns - sum(&parts);
    if (left >= wanted + BAR_MIN + 3) {
        say_fit(line, PROGRESS_LINE_MAX, progress->name, wanted);
        append_bar(progress, left - wanted, line);
    } else if (left >= least + BAR_MIN + 3 && wanted > left) {
        say_fit(line, PROGRESS_LINE_MAX, progress->name, left - BAR_MIN - 3);
        append_bar(progress, BAR_MIN + 3, line);
    } else {
        say_fit(line, PROGRESS_LINE_MAX, progress->name, left);
    }
    append_parts(&parts, line);
}

static void append_word(char line[PROGRESS_LINE_MAX], const char *gap,
                        const char *word)
{
    if (word[0] != '\0') {
        append(line, gap);
        append(line, word);
    }
}

void progress_plain(const struct progress *progress,
                    char line[PROGRESS_LINE_MAX])
{
    char word[PROGRESS_WORD_MAX];
    char state[PROGRESS_STATE_MAX];

    say_fit(line, PROGRESS_LINE_MAX / 2, progress->name, PROGRESS_COLUMNS_MAX);
    progress_percent(progress, word);
    append_word(line, ": ", word + strspn(word, " "));
    progress_of(progress, " of ", word);
    append_word(line, ", ", word + strspn(word, " "));
    progress_state_words(progress, state, sizeof(state));
    append_word(line, ", ", state);
    if (progress->state != PROGRESS_SENDING) {
        return;
    }
    progress_speed(progress, word);
    append_word(line, ", ", word + strspn(word, " "));
    progress_left(progress, word);
    append_word(line, ", ", word + strspn(word, " "));
    append_word(line, "", word[0] != '\0' ? " left" : "");
}
