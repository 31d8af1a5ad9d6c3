/*
 * say_test.c: what the program tells, on a real terminal (a pseudo terminal)
 * and on streams that are not terminals.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "bits/say.h"
#include "bits/say_text.h"

/* What a live line is on the wire. */
#define SHOWN(text) "\r\033[?7l" text "\033[K\033[?7h\r"

struct world {
    struct say say;
    FILE *out;
    FILE *err;
    int screen; /* what standard error shows */
};

static FILE *scratch(void)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    return file;
}

static int setup_streams(void **state)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->out = scratch();
    world->err = scratch();
    world->screen = -1;
    say_init(&world->say, world->out, world->err);
    *state = world;
    return 0;
}

static void set_width(struct world *world, unsigned short columns)
{
    const struct winsize size = {.ws_row = 24, .ws_col = columns};

    assert_int_equal(ioctl(world->screen, TIOCSWINSZ, &size), 0);
}

static int setup_terminal(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct termios mode;
    int terminal;

    assert_non_null(world);
    assert_int_equal(openpty(&world->screen, &terminal, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(terminal, &mode), 0);
    cfmakeraw(&mode);
    assert_int_equal(tcsetattr(terminal, TCSANOW, &mode), 0);
    assert_int_equal(fcntl(world->screen, F_SETFL, O_NONBLOCK), 0);
    set_width(world, 80);
    world->out = scratch();
    world->err = fdopen(terminal, "w");
    assert_non_null(world->err);
    say_init(&world->say, world->out, world->err);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    (void)fclose(world->out);
    (void)fclose(world->err);
    if (world->screen >= 0) {
        (void)close(world->screen);
    }
    free(world);
    return 0;
}

static void expect_file(FILE *file, const char *wanted)
{
    char text[4096];
    size_t len;

    assert_int_equal(fflush(file), 0);
    rewind(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    assert_string_equal(text, wanted);
}

/* Only a screen that stays empty waits so long, and fails then. */
#define PATIENCE_MS 10000

static void expect_screen(struct world *world, const char *wanted)
{
    struct pollfd ready = {.fd = world->screen, .events = POLLIN};
    char text[4096];
    size_t len = 0;
    ssize_t n = 1;

    /* The kernel hands it over piece by piece. */
    while (n > 0 && len < strlen(wanted) && poll(&ready, 1, PATIENCE_MS) == 1) {
        n = read(world->screen, text + len, sizeof(text) - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    text[len] = '\0';
    assert_string_equal(text, wanted);
}

static void results_and_words_go_separate_ways(void **state)
{
    struct world *world = *state;

    say_out(&world->say, "%s", "id-1");
    say_note(&world->say, "%d bytes kept", 7);
    say_warning(&world->say, "careful");
    say_error(&world->say, "refused");
    expect_file(world->out, "id-1\n");
    expect_file(world->err, "bits: 7 bytes kept\n"
                            "bits: warning: careful\n"
                            "bits: refused\n");
}

static void quiet_leaves_warnings_and_errors(void **state)
{
    struct world *world = *state;

    world->say.quiet = true;
    say_note(&world->say, "hello");
    say_warning(&world->say, "careful");
    say_error(&world->say, "refused");
    expect_file(world->err, "bits: warning: careful\nbits: refused\n");
}

static void
text_of_a_peer_cannot_forge_a_line_or_write_on_a_terminal(void **state)
{
    struct world *world = *state;

    say_out(&world->say, "%s", "a\nb\033[2Jc\177");
    say_error(&world->say, "%s",
              "\r\xc2\x9b"
              "31m \xff \xe2\x80\xae");
    expect_file(world->out, "a\\x0ab\\x1b[2Jc\\x7f\n");
    expect_file(world->err, "bits: \\x0d\\xc2\\x9b31m \\xff \\xe2\\x80\\xae\n");
}

static void letters_of_all_languages_stay(void **state)
{
    struct world *world = *state;

    say_out(&world->say, "%s",
            "Gr\xc3\xbc\xc3\x9f"
            "e \xe6\x97\xa5\xe6\x9c\xac");
    expect_file(world->out, "Gr\xc3\xbc\xc3\x9f"
                            "e \xe6\x97\xa5\xe6\x9c\xac\n");
    assert_int_equal(say_columns("Gr\xc3\xbc\xc3\x9f"
                                 "e"),
                     5);
    assert_int_equal(say_columns("\xe6\x97\xa5\xe6\x9c\xac"), 4);
    assert_int_equal(say_columns("\033"), 4);
}

static void a_text_that_is_too_long_loses_its_middle(void **state)
{
    static const struct {
        const char *text;
        unsigned columns;
        const char *wanted;
    } rows[] = {
        {"abcdefghij", 10, "abcdefghij"},
        {"abcdefghij", 9, "abc...hij"},
        {"abcdefghij", 8, "abc...ij"},
        {"abcdefghij", 4, "a..."},
        {"abcdefghij", 3, "..."},
        {"abcdefghij", 1, "."},
        {"abcdefghij", 0, ""},
        {"\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", 7,
         "\xe6\x97\xa5...\xe6\x97\xa5"},
    };
    char room[100];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        say_fit(room, sizeof(room), rows[i].text, rows[i].columns);
        assert_string_equal(room, rows[i].wanted);
    }
    say_fit(room, 5, "abcdefghij", 10);
    assert_string_equal(room, "abcd");
    say_head(room, sizeof(room), "abcdefghij", 4);
    assert_string_equal(room, "abcd");
}

static void a_live_line_is_for_terminals_only(void **state)
{
    struct world *world = *state;

    say_live(&world->say, "half way");
    expect_file(world->err, "");
}

static void a_live_line_is_written_over(void **state)
{
    struct world *world = *state;

    say_live(&world->say, "one");
    expect_screen(world, SHOWN("one"));
    say_live(&world->say, "two");
    expect_screen(world, SHOWN("two"));
    say_live(&world->say, "");
    expect_screen(world, "\r\033[K");
    say_live(&world->say, "");
    say_live(&world->say, "three");
    expect_screen(world, SHOWN("three"));
}

static void other_lines_take_the_place_of_the_live_one(void **state)
{
    struct world *world = *state;

    say_live(&world->say, "half way");
    say_error(&world->say, "refused");
    expect_screen(world, SHOWN("half way") "\r\033[Kbits: refused\n");
    say_live(&world->say, "half way");
    say_out(&world->say, "id-1");
    expect_screen(world, SHOWN("half way") "\r\033[K");
}

static void a_live_line_never_fills_the_last_column(void **state)
{
    struct world *world = *state;

    set_width(world, 10);
    say_live(&world->say, "abcdefghij");
    expect_screen(world, SHOWN("abc...hij"));
}

static void
a_line_that_was_broken_by_a_narrower_window_goes_wholly(void **state)
{
    struct world *world = *state;

    set_width(world, 30);
    say_live(&world->say, "abcdefghijklmnopqrstuvwxyz");
    expect_screen(world, SHOWN("abcdefghijklmnopqrstuvwxyz"));
    set_width(world, 10);
    say_live(&world->say, "short");
    expect_screen(world,
                  "\r\033[K\033[B\033[K\033[B\033[K\033[2A" SHOWN("short"));
    say_live(&world->say, "a");
    expect_screen(world, SHOWN("a"));
}

static void long_texts_are_broken_below_their_label(void **state)
{
    struct world *world = *state;

    say_paragraph(&world->say, "cause", 8,
                  "the server, or a proxy in front of it, takes no request "
                  "body of this size from anybody");
    say_paragraph(&world->say, "a-long-label", 8, "text");
    say_paragraph(&world->say, "", 2, "text");
    say_paragraph(&world->say, "none", 8, "");
    expect_file(
        world->out,
        "cause   the server, or a proxy in front of it, takes no request body "
        "of this\n"
        "        size from anybody\n"
        "a-long-label\n"
        "        text\n"
        "  text\n"
        "none    \n");
}

static void json_is_one_line_of_ascii(void **state)
{
    struct world *world = *state;

    say_json(&world->say, json_pack("{s:o, s:i}", "name",
                                    say_json_text(TEXT("Gr\xc3\xbc\xc3\x9f"
                                                       "e\n")),
                                    "n", 5));
    say_json(&world->say,
             json_pack("{s:o}", "name", say_json_text(TEXT("a\xff\xc3\xbc"))));
    say_json(
        &world->say,
        json_pack("{s:o}", "name", say_json_text((struct bits_text){NULL, 0})));
    expect_file(world->out, "{\"name\":\"Gr\\u00FC\\u00DFe\\n\",\"n\":5}\n"
                            "{\"name\":\"a\\\\xff\\u00FC\"}\n"
                            "{\"name\":\"\"}\n");
    assert_true(say_out_arrived(&world->say));
}

static void a_full_disk_behind_standard_output_is_noticed(void **state)
{
    struct world *world = *state;
    FILE *full = fopen("/dev/full", "w");
    struct say say;

    assert_non_null(full);
    say_init(&say, full, world->err);
    say_out(&say, "id-1");
    assert_false(say_out_arrived(&say));
    (void)fclose(full);
    expect_file(world->err, "bits: standard output: not everything could be "
                            "written\n");
}

#define ON_STREAMS(test)                                                       \
    cmocka_unit_test_setup_teardown(test, setup_streams, teardown)
#define ON_TERMINAL(test)                                                      \
    cmocka_unit_test_setup_teardown(test, setup_terminal, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STREAMS(results_and_words_go_separate_ways),
        ON_STREAMS(quiet_leaves_warnings_and_errors),
        ON_STREAMS(text_of_a_peer_cannot_forge_a_line_or_write_on_a_terminal),
        ON_STREAMS(letters_of_all_languages_stay),
        ON_STREAMS(a_text_that_is_too_long_loses_its_middle),
        ON_STREAMS(a_live_line_is_for_terminals_only),
        ON_TERMINAL(a_live_line_is_written_over),
        ON_TERMINAL(other_lines_take_the_place_of_the_live_one),
        ON_TERMINAL(a_live_line_never_fills_the_last_column),
        ON_TERMINAL(a_line_that_was_broken_by_a_narrower_window_goes_wholly),
        ON_STREAMS(long_texts_are_broken_below_their_label),
        ON_STREAMS(json_is_one_line_of_ascii),
        ON_STREAMS(a_full_disk_behind_standard_output_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
