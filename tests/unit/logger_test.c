/*
 * logger_test.c: how log lines get out, through real descriptors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "os/logger.h"

/* The length of a time in the text form, and where digits are in it. */
#define TIME_FORM "dddd-dd-ddTdd:dd:dd.dddZ"

/* Only a hang takes so long. */
#define LONG 60000

/* Long enough for a thread that does not hang, mostly; never decides. */
#define SHORT 50

struct channel {
    int reader;
    int writer;
};

static struct channel open_pipe(void)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    return (struct channel){ends[0], ends[1]};
}

static void make_nonblocking(int fd)
{
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

/* Reads to the end; the text belongs to the caller. */
static char *read_all(int fd)
{
    char *text = NULL;
    size_t size = 0;
    FILE *copy = open_memstream(&text, &size);
    char block[100]; /* small, so that writers find room for half a line */
    ssize_t n;

    assert_non_null(copy);
    while ((n = read(fd, block, sizeof(block))) > 0) {
        assert_int_equal(fwrite(block, 1, (size_t)n, copy), n);
    }
    assert_int_equal(n, 0);
    assert_int_equal(fclose(copy), 0);
    return text;
}

/* Closes the pipe and returns what was in it. */
static char *drain(struct channel channel)
{
    char *text;

    assert_int_equal(close(channel.writer), 0);
    text = read_all(channel.reader);
    assert_int_equal(close(channel.reader), 0);
    return text;
}

static void start(struct logger *logger, int fd)
{
    assert_int_equal(logger_start(logger, fd), 0);
}

static void say(struct logger *logger, const char *words)
{
    logger_say(logger, &(struct log_event){.level = LOG_INFO,
                                           .event = "event",
                                           .words = words});
}

/* Is there a time, then this text, then the end? */
static void assert_line(const char *line, const char *behind_time)
{
    for (size_t i = 0; i < strlen(TIME_FORM); i++) {
        if (TIME_FORM[i] == 'd') {
            assert_in_range(line[i], '0', '9');
        } else {
            assert_int_equal(line[i], TIME_FORM[i]);
        }
    }
    assert_string_equal(line + strlen(TIME_FORM), behind_time);
}

static void a_line_starts_with_the_time(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;
    char *text;

    (void)state;
    start(&logger, channel.writer);
    LOG(&logger.sink, LOG_INFO, "started", "the server runs",
        LOG_NUMBER("threads", 2));
    assert_true(logger_finish(&logger, LONG));
    text = drain(channel);
    assert_line(text, " info started: the server runs threads=2\n");
    free(text);
}

static void level_and_form_change_at_any_time(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;
    json_t *object;
    char *text;

    (void)state;
    start(&logger, channel.writer);
    log_words(&logger.sink, LOG_DEBUG, "packet", "not wanted yet");
    logger_configure(&logger, LOG_ERROR, LOGGER_JSON);
    log_words(&logger.sink, LOG_WARNING, "near", "not wanted any more");
    log_words(&logger.sink, LOG_ERROR, "failed", "wanted");
    assert_true(logger_finish(&logger, LONG));
    text = drain(channel);
    object = json_loads(text, 0, NULL);
    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "event")),
                        "failed");
    json_decref(object);
    free(text);
}

static void
said_lines_are_plain_in_text_and_written_at_every_level(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;
    json_t *object;
    char *text;
    char *json;

    (void)state;
    start(&logger, channel.writer);
    logger_configure(&logger, LOG_ERROR, LOGGER_TEXT);
    say(&logger, "listening");
    logger_configure(&logger, LOG_ERROR, LOGGER_JSON);
    say(&logger, "listening");
    assert_true(logger_finish(&logger, LONG));
    text = drain(channel);
    json = strchr(text, '\n');
    assert_non_null(json);
    assert_memory_equal(text, "bitsd: listening\n", (size_t)(json - text) + 1);
    object = json_loads(json, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "message")),
                        "listening");
    json_decref(object);
    free(text);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

static void without_memory_json_falls_back_to_text(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;
    json_malloc_t allocate;
    json_free_t release;
    char *text;

    (void)state;
    start(&logger, channel.writer);
    logger_configure(&logger, LOG_INFO, LOGGER_JSON);
    json_get_alloc_funcs(&allocate, &release);
    json_set_alloc_funcs(no_memory, release);
    LOG(&logger.sink, LOG_ERROR, "failed", "no memory",
        LOG_TEXT("path", TEXT("/a.bin")));
    json_set_alloc_funcs(allocate, release);
    assert_true(logger_finish(&logger, LONG));
    text = drain(channel);
    assert_line(text, " error failed: no memory path=/a.bin\n");
    free(text);
}

/* --- a descriptor that takes nothing --- */

/* As many as fill a pipe and the logger's room several times. */
#define FLOOD 5000

static void flood(struct logger *logger)
{
    static const char padding[] =
        "................................................................"
        "................................................................";

    for (int i = 0; i < FLOOD; i++) {
        LOG(&logger->sink, LOG_INFO, "flood", padding,
            LOG_NUMBER("n", (uint64_t)i));
    }
}

static bool read_number(const char *line, const char *key, uint64_t *ret_value)
{
    const char *at = strstr(line, key);

    return at && text_to_u64(text_of(at + strlen(key)), ret_value);
}

/* Each line has the number that follows the last one's; in the place of those
 * that were dropped, a line has their count. */
static void assert_flood(char *text, bool *ret_dropped_any)
{
    uint64_t expected = 0;
    uint64_t value;
    char *next = text;
    char *line;

    *ret_dropped_any = false;
    while ((line = strsep(&next, "\n")) && next) {
        if (read_number(line, "missing lines=", &value)) {
            *ret_dropped_any = true;
            expected += value;
        } else {
            assert_true(read_number(line, " n=", &value));
            assert_int_equal(value, expected);
            expected++;
        }
    }
    assert_string_equal(line, "");
    assert_int_equal(expected, FLOOD);
}

static void *read_in_thread(void *argument)
{
    return read_all(*(int *)argument);
}

/* Logs more than there is room for before it reads. */
static void flood_unread(struct channel channel)
{
    struct logger logger;
    pthread_t reader;
    bool dropped_any;
    void *text;

    start(&logger, channel.writer);
    flood(&logger);
    assert_false(logger_finish(&logger, SHORT));
    assert_int_equal(
        pthread_create(&reader, NULL, read_in_thread, &channel.reader), 0);
    assert_true(logger_finish(&logger, LONG));
    assert_int_equal(close(channel.writer), 0);
    assert_int_equal(pthread_join(reader, &text), 0);
    assert_int_equal(close(channel.reader), 0);
    assert_flood(text, &dropped_any);
    assert_true(dropped_any);
    free(text);
}

static void
a_full_pipe_drops_lines_and_tells_how_many_in_their_place(void **state)
{
    (void)state;
    flood_unread(open_pipe());
}

static void a_full_pipe_that_does_not_block_drops_lines_too(void **state)
{
    struct channel channel = open_pipe();

    (void)state;
    make_nonblocking(channel.writer);
    flood_unread(channel);
}

static void
a_reader_that_is_late_gets_every_line_that_there_is_room_for(void **state)
{
    struct channel channel = open_pipe();
    char expected[64];
    struct logger logger;
    char *text;
    char *next;

    (void)state;
    start(&logger, channel.writer);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(expected, sizeof(expected), "line %d", i);
        say(&logger, expected);
    }
    assert_true(logger_finish(&logger, LONG));
    text = drain(channel);
    next = text;
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(expected, sizeof(expected), "bitsd: line %d", i);
        assert_string_equal(strsep(&next, "\n"), expected);
    }
    assert_string_equal(next, "");
    free(text);
}

static void after_the_end_lines_are_dropped(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;
    char *text;

    (void)state;
    start(&logger, channel.writer);
    say(&logger, "before");
    assert_true(logger_finish(&logger, LONG));
    say(&logger, "after");
    text = drain(channel);
    assert_string_equal(text, "bitsd: before\n");
    free(text);
}

/* --- a descriptor that fails --- */

static void a_reader_that_went_away_does_no_harm(void **state)
{
    struct channel channel = open_pipe();
    struct logger logger;

    (void)state;
    start(&logger, channel.writer);
    assert_int_equal(close(channel.reader), 0);
    log_words(&logger.sink, LOG_INFO, "first", "lost");
    say(&logger, "lost");
    assert_true(logger_finish(&logger, LONG));
    assert_int_equal(logger.lost, 2);
    assert_int_equal(close(channel.writer), 0);
}

static void a_full_disk_does_no_harm(void **state)
{
    struct logger logger;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    start(&logger, fd);
    log_words(&logger.sink, LOG_INFO, "first", "lost");
    assert_true(logger_finish(&logger, LONG));
    assert_int_equal(logger.lost, 1);
    assert_int_equal(close(fd), 0);
}

static void set_file_size_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void half_a_line_gets_its_end_before_the_next(void **state)
{
    char path[] = "/tmp/logger-test-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    struct logger logger;
    struct rlimit before;
    char *text;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    start(&logger, fd);
    set_file_size_limit(4);
    say(&logger, "half a line");
    assert_true(logger_settle(&logger, LONG));
    set_file_size_limit(before.rlim_cur);
    say(&logger, "a whole line");
    assert_true(logger_finish(&logger, LONG));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    text = read_all(fd);
    assert_memory_equal(text, "bits\n", 5);
    assert_string_equal(text + strlen(text) -
                            strlen("=1\nbitsd: a whole line\n"),
                        "=1\nbitsd: a whole line\n");
    assert_int_equal(close(fd), 0);
    free(text);
}

/* --- many threads, and a stream that takes lines in pieces --- */

enum {
    WRITERS = 4,
    LINES = 500,
    FIELDS = 9,
    VALUE = 300, /* bytes, all the same letter */
};

struct writer {
    struct logger *logger;
    char letter;
    pthread_t thread;
};

static void *write_lines(void *argument)
{
    struct writer *writer = argument;
    struct log_field fields[FIELDS];
    char value[VALUE];

    memset(value, writer->letter, VALUE);
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = LOG_TEXT("v", ((struct bits_text){value, VALUE}));
    }
    for (int i = 0; i < LINES; i++) {
        log_pass(&writer->logger->sink, &(struct log_event){
                                            .level = LOG_INFO,
                                            .event = "line",
                                            .words = "said",
                                            .fields = fields,
                                            .field_count = FIELDS,
                                        });
    }
    return NULL;
}

static void assert_whole(const char *line)
{
    char letter = line[strlen(line) - 1];
    const char *at = line + strlen(TIME_FORM " info line: said");

    assert_int_equal(strlen(at), FIELDS * (VALUE + strlen(" v=")));
    for (int i = 0; i < FIELDS; i++) {
        assert_memory_equal(at, " v=", 3);
        assert_int_equal(strspn(at + 3, (char[]){letter, '\0'}), VALUE);
        at += 3 + VALUE;
    }
}

/* What the writers wrote: each line is whole, none is missing but those that
 * a line says are. */
static void assert_whole_lines(char *text, uint64_t unsaid)
{
    uint64_t lost = unsaid;
    uint64_t seen = 0;
    char *next = text;
    char *line;

    while ((line = strsep(&next, "\n")) && next) {
        static const char missing[] = "missing lines=";
        char *count = strstr(line, missing);
        struct bits_text number;
        uint64_t value;

        if (count) {
            number = text_of(count + strlen(missing));
            assert_true(text_to_u64(number, &value));
            lost += value;
            continue;
        }
        assert_whole(line);
        seen++;
    }
    assert_string_equal(line, "");
    assert_true(seen > 0);
    assert_int_equal(seen + lost, WRITERS * LINES);
}

static void run_writers(struct channel channel)
{
    struct logger logger;
    struct writer writers[WRITERS];
    pthread_t reader;
    void *text;

    start(&logger, channel.writer);
    assert_int_equal(
        pthread_create(&reader, NULL, read_in_thread, &channel.reader), 0);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){&logger, (char)('a' + i), 0};
        assert_int_equal(
            pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]),
            0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    }
    assert_true(logger_finish(&logger, LONG));
    assert_int_equal(close(channel.writer), 0);
    assert_int_equal(pthread_join(reader, &text), 0);
    assert_int_equal(close(channel.reader), 0);
    assert_whole_lines(text, logger.lost);
    free(text);
}

static void lines_of_threads_do_not_mix_on_a_pipe(void **state)
{
    (void)state;
    run_writers(open_pipe());
}

static void lines_of_threads_do_not_mix_where_writes_are_short(void **state)
{
    int ends[2];
    int size = 1; /* the kernel makes it as small as it can */

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    assert_int_equal(
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
    make_nonblocking(ends[1]);
    run_writers((struct channel){ends[0], ends[1]});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_starts_with_the_time),
        cmocka_unit_test(level_and_form_change_at_any_time),
        cmocka_unit_test(
            said_lines_are_plain_in_text_and_written_at_every_level),
        cmocka_unit_test(without_memory_json_falls_back_to_text),
        cmocka_unit_test(
            a_full_pipe_drops_lines_and_tells_how_many_in_their_place),
        cmocka_unit_test(a_full_pipe_that_does_not_block_drops_lines_too),
        cmocka_unit_test(
            a_reader_that_is_late_gets_every_line_that_there_is_room_for),
        cmocka_unit_test(after_the_end_lines_are_dropped),
        cmocka_unit_test(a_reader_that_went_away_does_no_harm),
        cmocka_unit_test(a_full_disk_does_no_harm),
        cmocka_unit_test(half_a_line_gets_its_end_before_the_next),
        cmocka_unit_test(lines_of_threads_do_not_mix_on_a_pipe),
        cmocka_unit_test(lines_of_threads_do_not_mix_where_writes_are_short),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
