/*
 * tests/unit/server_loop_test.c: what connections and loops are made of:
 * buffers, deadlines, mail, watches, dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/compiler.h"
#include "base/text.h"
#include "server/buffer.h"
#include "server/date.h"
#include "server/deadline.h"
#include "server/fd_watch.h"
#include "server/mailbox.h"

static void a_buffer_keeps_the_rest(void **state)
{
    struct buffer bytes = {0};

    (void)state;
    assert_true(buffer_append(&bytes, "abcdef", 6));
    assert_true(buffer_keep(&bytes, (struct bits_text){bytes.data + 2, 4}));
    assert_int_equal(bytes.size, 4);
    assert_memory_equal(bytes.data, "cdef", 4);
    buffer_skip(&bytes, 1);
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "def", 3);
    buffer_skip(&bytes, 3);
    assert_null(bytes.data);
    assert_true(buffer_keep(&bytes, TEXT("from elsewhere")));
    assert_memory_equal(bytes.data, "from elsewhere", 14);
    assert_true(buffer_keep(&bytes, TEXT("")));
    assert_null(bytes.data);
}

static void a_buffer_gives_back_what_a_long_input_took(void **state)
{
    struct buffer bytes = {0};

    (void)state;
    assert_true(buffer_grow(&bytes, 100000));
    memset(bytes.data, 'x', 100000);
    bytes.size = 100000;
    assert_true(buffer_keep(&bytes, (struct bits_text){bytes.data + 10, 10}));
    assert_int_equal(bytes.size, 10);
    assert_int_equal(bytes.capacity, 10);
    buffer_done(&bytes);
}

static void dates_are_those_of_http(void **state)
{
    char text[DATE_SIZE];

    (void)state;
    date_write(784111777, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    date_write(INT64_MAX, text);
    assert_string_equal(text, "");
}

/* --- on a loop ----------------------------------------------------------- */

struct clock {
    uv_loop_t loop;
    struct deadline deadline;
    unsigned passed;
};

static void on_passed(struct deadline *deadline)
{
    CONTAINER_OF(deadline, struct clock, deadline)->passed++;
}

static int setup_clock(void **state)
{
    static struct clock clock;

    memset(&clock, 0, sizeof(clock));
    assert_int_equal(uv_loop_init(&clock.loop), 0);
    deadline_init(&clock.deadline, &clock.loop, on_passed);
    *state = &clock;
    return 0;
}

static int teardown_clock(void **state)
{
    struct clock *clock = *state;

    uv_close((uv_handle_t *)&clock->deadline.timer, NULL);
    (void)uv_run(&clock->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&clock->loop), 0);
    return 0;
}

static void a_deadline_passes_once(void **state)
{
    struct clock *clock = *state;

    deadline_set(&clock->deadline, 0);
    (void)uv_run(&clock->loop, UV_RUN_DEFAULT);
    assert_int_equal(clock->passed, 1);
    (void)uv_run(&clock->loop, UV_RUN_DEFAULT);
    assert_int_equal(clock->passed, 1);
    deadline_set(&clock->deadline, 0);
    (void)uv_run(&clock->loop, UV_RUN_DEFAULT);
    assert_int_equal(clock->passed, 2);
}

/* The timer fires all the same. */
static void a_deadline_can_move_and_be_cleared(void **state)
{
    struct clock *clock = *state;

    deadline_set(&clock->deadline, 0);
    deadline_set(&clock->deadline, 3600);
    assert_int_not_equal(uv_run(&clock->loop, UV_RUN_NOWAIT), 0);
    assert_int_equal(clock->passed, 0);
    deadline_set(&clock->deadline, 0);
    deadline_clear(&clock->deadline);
    (void)uv_run(&clock->loop, UV_RUN_DEFAULT);
    assert_int_equal(clock->passed, 0);
}

struct post {
    uv_loop_t loop;
    uv_async_t wake;
    struct mailbox mailbox;
};

static void ignore_wake(uv_async_t *wake)
{
    (void)wake;
}

static void mail_comes_in_order_and_words_add_up(void **state)
{
    struct post post;
    struct mail mails[3] = {{0}};
    unsigned words = 0;

    (void)state;
    assert_int_equal(uv_loop_init(&post.loop), 0);
    assert_int_equal(uv_async_init(&post.loop, &post.wake, ignore_wake), 0);
    assert_int_equal(mailbox_init(&post.mailbox, &post.wake), 0);
    assert_null(mailbox_take(&post.mailbox, &words));
    for (int i = 0; i < 3; i++) {
        mailbox_post(&post.mailbox, &mails[i], MAIL_READY);
    }
    mailbox_post(&post.mailbox, &mails[0], MAIL_CUT);
    mailbox_forget(&post.mailbox, &mails[1]);
    mailbox_forget(&post.mailbox, &mails[1]);
    assert_ptr_equal(mailbox_take(&post.mailbox, &words), &mails[0]);
    assert_int_equal(words, MAIL_READY | MAIL_CUT);
    assert_ptr_equal(mailbox_take(&post.mailbox, &words), &mails[2]);
    assert_int_equal(words, MAIL_READY);
    assert_null(mailbox_take(&post.mailbox, &words));
    mailbox_done(&post.mailbox);
    uv_close((uv_handle_t *)&post.wake, NULL);
    (void)uv_run(&post.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&post.loop), 0);
}

struct watched {
    uv_loop_t loop;
    struct fd_watch watch;
    unsigned happened;
};

static void on_happened(struct fd_watch *watch, int status)
{
    assert_int_equal(status, 0);
    CONTAINER_OF(watch, struct watched, watch)->happened++;
}

static void a_watch_waits_for_what_is_wanted(void **state)
{
    struct watched watched = {.happened = 0};
    struct fd_watch *watch = &watched.watch;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(uv_loop_init(&watched.loop), 0);
    assert_int_equal(fd_watch_init(watch, &watched.loop, pair[0], on_happened),
                     0);
    watch->wanted = UV_READABLE;
    fd_watch_start(watch);
    (void)uv_run(&watched.loop, UV_RUN_NOWAIT);
    assert_int_equal(watched.happened, 0);
    watch->wanted = UV_WRITABLE;
    fd_watch_start(watch);
    (void)uv_run(&watched.loop, UV_RUN_NOWAIT);
    assert_int_equal(watched.happened, 1);
    fd_watch_stop(watch);
    (void)uv_run(&watched.loop, UV_RUN_NOWAIT);
    assert_int_equal(watched.happened, 1);
    uv_close((uv_handle_t *)&watch->poll, NULL);
    (void)uv_run(&watched.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&watched.loop), 0);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_keeps_the_rest),
        cmocka_unit_test(a_buffer_gives_back_what_a_long_input_took),
        cmocka_unit_test(dates_are_those_of_http),
        cmocka_unit_test_setup_teardown(a_deadline_passes_once, setup_clock,
                                        teardown_clock),
        cmocka_unit_test_setup_teardown(a_deadline_can_move_and_be_cleared,
                                        setup_clock, teardown_clock),
        cmocka_unit_test(mail_comes_in_order_and_words_add_up),
        cmocka_unit_test(a_watch_waits_for_what_is_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
