/*
 * progress_test.c: lines of progress, at the widths that people have.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bits/progress/progress.h"
#include "bits/say_text.h"

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static const struct progress half_way = {
    .name = "crash.dmp",
    .state = PROGRESS_SENDING,
    .size = 4 * GIB,
    .done = 2 * GIB,
    .resumed = 1 * GIB,
    .rate = 16 * MIB,
};

static const struct progress waiting = {
    .name = "crash.dmp",
    .state = PROGRESS_WAITING,
    .size = 4 * GIB,
    .done = 2 * GIB,
    .resumed = 1 * GIB,
    .next_try = "14:23:05",
    .why = "HTTP 503, the server is overloaded or down for maintenance",
};

static void expect_live(const struct progress *progress, unsigned columns,
                        const char *wanted)
{
    char line[PROGRESS_LINE_MAX];

    progress_live(progress, columns, line);
    assert_string_equal(line, wanted);
}

static void a_wide_line_has_everything(void **state)
{
    (void)state;
    expect_live(
        &half_way, 79,
        "crash.dmp [=======########>               ]  50%  2.0/4.0 GiB  "
        "16.0 MiB/s  2:08");
}

static void a_narrow_line_loses_the_bar_first(void **state)
{
    (void)state;
    expect_live(&half_way, 50, "crash.dmp  50%  2.0/4.0 GiB  16.0 MiB/s  2:08");
}

static void
narrower_lines_drop_the_time_then_the_rate_then_the_bytes(void **state)
{
    (void)state;
    expect_live(&half_way, 39, "crash.dmp  50%  2.0/4.0 GiB  16.0 MiB/s");
    expect_live(&half_way, 38, "crash.dmp  50%  2.0/4.0 GiB");
    expect_live(&half_way, 20, "crash.dmp  50%");
}

static void narrower_lines_keep_the_error_longer_than_the_bar(void **state)
{
    (void)state;
    expect_live(
        &waiting, 119,
        "crash.dmp [=====######            ]  50%  next try 14:23:05: HTTP "
        "503, the server is overloaded or down for maintenance");
    expect_live(&waiting, 79,
                "crash.dmp  50%  next try 14:23:05: HTTP 503, the server is "
                "overloaded or down f");
    expect_live(&waiting, 39, "crash.dmp  50%  next try 14:23:05: HTTP");
}

static void a_long_name_loses_its_middle_before_numbers_go(void **state)
{
    struct progress progress = half_way;

    (void)state;
    progress.name = "memory-of-the-machine-that-crashed-yesterday-at-noon.dmp";
    expect_live(&progress, 79,
                "memory-of-the-...y-at-noon.dmp [==###>    ]  50%  "
                "2.0/4.0 GiB  16.0 MiB/s  2:08");
}

static void no_width_is_ever_exceeded(void **state)
{
    static const char *const names[] = {
        "a",
        "crash.dmp",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x96\x87.txt",
        "a-name-that-is-much-longer-than-any-column-has-room-for.data",
        "\033[2J\n",
    };
    char line[PROGRESS_LINE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (unsigned columns = 1; columns < 200; columns++) {
            struct progress progress = half_way;

            progress.name = names[i];
            progress_live(&progress, columns, line);
            assert_true(say_columns(line) <= columns);
            progress = waiting;
            progress.name = names[i];
            progress_live(&progress, columns, line);
            assert_true(say_columns(line) <= columns);
        }
    }
}

static void a_line_keeps_its_width_while_numbers_grow(void **state)
{
    struct progress progress = half_way;
    char line[PROGRESS_LINE_MAX];

    (void)state;
    progress.size = 200 * MIB;
    progress.rate = 0;
    for (uint64_t done = 0; done <= 200; done += 3) {
        progress.done = done * MIB;
        progress_live(&progress, 60, line);
        assert_int_equal(say_columns(line), 60);
    }
}

static void all_is_shown_only_when_all_is_there(void **state)
{
    struct progress progress = half_way;

    (void)state;
    progress.rate = 0;
    progress.resumed = 0;
    progress.done = progress.size - 1;
    expect_live(&progress, 50,
                "crash.dmp [###################>]  99%  3.9/4.0 GiB");
    progress.done = progress.size;
    expect_live(&progress, 50,
                "crash.dmp [####################] 100%  4.0/4.0 GiB");
}

static void a_silence_takes_the_place_of_the_time_left(void **state)
{
    struct progress progress = half_way;
    char line[PROGRESS_LINE_MAX];

    (void)state;
    progress.rate = 1;
    progress.silent_s = 120;
    progress_plain(&progress, line);
    assert_non_null(strstr(line, ", no answer for 2:00"));
    assert_null(strstr(line, "left"));
    assert_null(strstr(line, "/s"));
    progress_live(&progress, 100, line);
    assert_non_null(strstr(line, "no answer for 2:00"));
    assert_null(strstr(line, "days"));
    progress.state = PROGRESS_DELIVERING;
    progress_plain(&progress, line);
    assert_non_null(strstr(line, ", no answer for 2:00"));
    progress.state = PROGRESS_WAITING;
    progress_plain(&progress, line);
    assert_non_null(strstr(line, ", waiting"));
}

static void a_silence_is_mentioned_after_30_s_without_bytes(void **state)
{
    struct progress_rate rate = {0};

    (void)state;
    assert_int_equal(progress_rate_silence(&rate, 99000), 0);
    progress_rate_note(&rate, 1000, 10);
    progress_rate_note(&rate, 2000, 10);
    assert_int_equal(progress_rate_silence(&rate, 30999), 0);
    assert_int_equal(progress_rate_silence(&rate, 31000), 30);
    progress_rate_note(&rate, 40000, 10);
    assert_int_equal(progress_rate_silence(&rate, 41000), 40);
    progress_rate_note(&rate, 41000, 11);
    assert_int_equal(progress_rate_silence(&rate, 70999), 0);
    progress_rate_answered(&rate, 60000);
    assert_int_equal(progress_rate_silence(&rate, 89999), 0);
    assert_int_equal(progress_rate_silence(&rate, 90000), 30);
}

static void states_have_words(void **state)
{
    static const struct {
        enum progress_state state;
        const char *wanted;
    } rows[] = {
        {PROGRESS_CONNECTING, "crash.dmp  50%  connecting"},
        {PROGRESS_DELIVERING, "crash.dmp  50%  waiting for the server"},
        {PROGRESS_CLOSING, "crash.dmp  50%  finishing"},
        {PROGRESS_FETCHING, "crash.dmp  50%  fetching the reply"},
        {PROGRESS_WAITING, "crash.dmp  50%  waiting"},
        {PROGRESS_PAUSED, "crash.dmp  50%  paused"},
        {PROGRESS_CANCELLING, "crash.dmp  50%  cancelling"},
    };
    struct progress progress = half_way;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        progress.state = rows[i].state;
        expect_live(&progress, (unsigned)strlen(rows[i].wanted),
                    rows[i].wanted);
    }
}

static void names_cannot_write_on_the_terminal(void **state)
{
    struct progress progress = half_way;

    (void)state;
    progress.name = "\033]0;x\a";
    expect_live(&progress, 40, "\\x1b]0;x\\x07  50%  2.0/4.0 GiB");
}

static void expect_plain(const struct progress *progress, const char *wanted)
{
    char line[PROGRESS_LINE_MAX];

    progress_plain(progress, line);
    assert_string_equal(line, wanted);
}

static void a_plain_line_says_it_in_words(void **state)
{
    struct progress progress = half_way;

    (void)state;
    expect_plain(&progress,
                 "crash.dmp: 50%, 2.0 of 4.0 GiB, 16.0 MiB/s, 2:08 left");
    progress.rate = 0;
    expect_plain(&progress, "crash.dmp: 50%, 2.0 of 4.0 GiB");
    expect_plain(&waiting,
                 "crash.dmp: 50%, 2.0 of 4.0 GiB, next try 14:23:05: HTTP 503, "
                 "the server is overloaded or down for maintenance");
}

static void bytes_have_the_unit_that_fits(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *wanted;
    } rows[] = {
        {0, "0 B"},           {1023, "1023 B"},         {1024, "1.0 KiB"},
        {102399, "99.9 KiB"}, {102400, "100 KiB"},      {MIB - 1, "1023 KiB"},
        {5 * GIB, "5.0 GiB"}, {UINT64_MAX, "15.9 EiB"},
    };
    char word[PROGRESS_WORD_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        progress_bytes(rows[i].bytes, word);
        assert_string_equal(word, rows[i].wanted);
    }
}

static void durations_are_as_on_a_clock(void **state)
{
    static const struct {
        uint64_t seconds;
        const char *wanted;
    } rows[] = {
        {0, "0:00"},          {59, "0:59"},       {60, "1:00"},
        {3599, "59:59"},      {3600, "1:00:00"},  {86400, "24:00:00"},
        {172799, "47:59:59"}, {172800, "2 days"},
    };
    char word[PROGRESS_WORD_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        progress_duration(rows[i].seconds, word);
        assert_string_equal(word, rows[i].wanted);
    }
}

static void a_steady_rate_is_shown_as_it_is(void **state)
{
    struct progress_rate rate = {0};

    (void)state;
    progress_rate_note(&rate, 1000, 5000);
    assert_int_equal(progress_rate_value(&rate), 0);
    for (uint64_t i = 1; i < 100; i++) {
        progress_rate_note(&rate, 1000 + i * 250, 5000 + i * 250);
        assert_in_range(progress_rate_value(&rate), 999, 1000);
    }
}

static void a_stalled_line_slows_down_to_nothing(void **state)
{
    struct progress_rate rate = {0};

    (void)state;
    progress_rate_note(&rate, 0, 0);
    progress_rate_note(&rate, 1000, 1000000);
    for (uint64_t i = 2; i < 120; i++) {
        progress_rate_note(&rate, i * 1000, 1000000);
    }
    assert_int_equal(progress_rate_value(&rate), 0);
}

static void a_burst_weighs_little(void **state)
{
    struct progress_rate rate = {0};

    (void)state;
    progress_rate_note(&rate, 0, 0);
    progress_rate_note(&rate, 1000, 1000);
    progress_rate_note(&rate, 1010, 1000000); /* too short a span to count */
    assert_int_equal(progress_rate_value(&rate), 1000);
}

static void counting_starts_anew_when_the_server_lost_bytes(void **state)
{
    struct progress_rate rate = {0};

    (void)state;
    progress_rate_note(&rate, 0, 0);
    progress_rate_note(&rate, 1000, 1000);
    progress_rate_note(&rate, 2000, 10);
    assert_int_equal(progress_rate_value(&rate), 0);
    progress_rate_note(&rate, 3000, 510);
    assert_int_equal(progress_rate_value(&rate), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_line_has_everything),
        cmocka_unit_test(a_narrow_line_loses_the_bar_first),
        cmocka_unit_test(
            narrower_lines_drop_the_time_then_the_rate_then_the_bytes),
        cmocka_unit_test(narrower_lines_keep_the_error_longer_than_the_bar),
        cmocka_unit_test(a_long_name_loses_its_middle_before_numbers_go),
        cmocka_unit_test(no_width_is_ever_exceeded),
        cmocka_unit_test(a_line_keeps_its_width_while_numbers_grow),
        cmocka_unit_test(all_is_shown_only_when_all_is_there),
        cmocka_unit_test(a_silence_takes_the_place_of_the_time_left),
        cmocka_unit_test(a_silence_is_mentioned_after_30_s_without_bytes),
        cmocka_unit_test(states_have_words),
        cmocka_unit_test(names_cannot_write_on_the_terminal),
        cmocka_unit_test(a_plain_line_says_it_in_words),
        cmocka_unit_test(bytes_have_the_unit_that_fits),
        cmocka_unit_test(durations_are_as_on_a_clock),
        cmocka_unit_test(a_steady_rate_is_shown_as_it_is),
        cmocka_unit_test(a_stalled_line_slows_down_to_nothing),
        cmocka_unit_test(a_burst_weighs_little),
        cmocka_unit_test(counting_starts_anew_when_the_server_lost_bytes),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
