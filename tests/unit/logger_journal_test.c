/*
 * logger_journal_test.c: the priorities of lines for systemd's journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/logger.h"

static void say(struct logger *logger, const char *words)
{
    logger_say(logger, &(struct log_event){.level = LOG_INFO,
                                           .event = "event",
                                           .words = words});
}

/* Closes the pipe; the text is what was in it. */
static void read_lines(const int ends[2], char ret_text[1000])
{
    ssize_t n = read(ends[0], ret_text, 999);

    assert_true(n > 0);
    ret_text[n] = '\0';
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
}

/* Names the descriptor as systemd does. */
static void set_journal(int fd, int64_t inode_offset)
{
    char name[64];
    struct stat status;

    assert_int_equal(fstat(fd, &status), 0);
    (void)snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino + (uintmax_t)inode_offset);
    assert_int_equal(setenv("JOURNAL_STREAM", name, 1), 0);
}

static void the_journal_gets_the_priority_of_each_line(void **state)
{
    static const char *const begins[] = {"<3>20", "<4>20",           "<6>20",
                                         "<7>20", "<6>bitsd: words", "<4>{"};
    int ends[2];
    struct logger logger;
    char text[1000];
    char *next;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    set_journal(ends[1], 0);
    assert_int_equal(logger_start(&logger, ends[1]), 0);
    logger_configure(&logger, LOG_DEBUG, LOGGER_TEXT);
    for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        log_words(&logger.sink, level, "event", "words");
    }
    say(&logger, "words");
    logger_configure(&logger, LOG_DEBUG, LOGGER_JSON);
    log_words(&logger.sink, LOG_WARNING, "event", "words");
    assert_true(logger_finish(&logger, 60000));
    read_lines(ends, text);
    next = text;
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        assert_memory_equal(strsep(&next, "\n"), begins[i], strlen(begins[i]));
    }
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

static void
a_descriptor_that_is_not_the_journal_gets_no_priorities(void **state)
{
    int ends[2];
    struct logger logger;
    char text[1000];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    set_journal(ends[1], 1);
    assert_int_equal(logger_start(&logger, ends[1]), 0);
    say(&logger, "words");
    assert_true(logger_finish(&logger, 60000));
    read_lines(ends, text);
    assert_string_equal(text, "bitsd: words\n");
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_journal_gets_the_priority_of_each_line),
        cmocka_unit_test(
            a_descriptor_that_is_not_the_journal_gets_no_priorities),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
