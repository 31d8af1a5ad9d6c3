/*
 * queue_outcome_test.c: what a try of a job changes in its file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bits/commands/queue_outcome.h"

#define DAY ((int64_t)86400)
#define NOW ((int64_t)1700000000)

static const struct bits_failure busy = {
    .temporary = true,
    .reason = BITS_REASON_ANSWER,
    .hresult = 0x801901F7,
    .context = BITS_ERROR_CONTEXT_SERVER,
    .status = 503,
};

static const struct bits_failure offline = {
    .temporary = true,
    .reason = BITS_REASON_TRANSPORT,
    .hresult = 0x80200010,
    .context = BITS_ERROR_CONTEXT_TRANSPORT,
};

/* A try that ends in a wait. */
static void postpone(struct queue_job *job, int64_t now, uint64_t best,
                     const struct bits_failure *failure)
{
    struct outcome outcome = {
        .kind = OUTCOME_POSTPONED,
        .failure = *failure,
        .has_failure = true,
        .next_try_at = now + 600,
        .size = 1000,
        .best = best,
    };
    const struct runner_end end = {.exit = CLIENT_BY_SIGNAL};

    outcome_conclude(&outcome, &end, now);
    assert_true(outcome_apply(job, &outcome));
}

static void conclude_with(struct queue_job *job, enum client_exit exit,
                          const struct bits_failure *failure, const char *words)
{
    struct outcome outcome = {.kind = OUTCOME_ENDED, .size = 1000};
    struct runner_end end = {.exit = exit};

    if (failure) {
        end.failure = *failure;
    }
    (void)fault_set(&end.fault, "%s", words);
    outcome_conclude(&outcome, &end, NOW);
    assert_true(outcome_apply(job, &outcome));
}

static void an_error_that_may_pass_puts_the_job_off(void **state)
{
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    postpone(&job, NOW, 100, &busy);
    assert_int_equal(job.state, QUEUE_WAITING);
    assert_int_equal(job.next_try_at, NOW + 600);
    assert_int_equal(job.stalled_at, NOW);
    assert_int_equal(job.best, 100);
    assert_int_equal(job.size, 1000);
    assert_int_equal(job.status, 503);
    assert_false(job.for_network);
    assert_string_equal(job.fault.text, "the server is busy (HTTP 503)");
    postpone(&job, NOW + DAY, 100, &offline);
    assert_true(job.for_network);
    assert_int_equal(job.stalled_at, NOW);
    queue_job_done(&job);
}

static void fourteen_days_without_progress_are_the_end(void **state)
{
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    postpone(&job, NOW, 100, &busy);
    postpone(&job, NOW + 14 * DAY - 1, 100, &busy);
    assert_int_equal(job.state, QUEUE_WAITING);
    postpone(&job, NOW + 14 * DAY, 100, &busy);
    assert_int_equal(job.state, QUEUE_FAILED);
    assert_int_equal(job.exit, CLIENT_TEMPORARY);
    assert_int_equal(job.ended_at, NOW + 14 * DAY);
    queue_job_done(&job);
}

static void progress_starts_the_time_anew(void **state)
{
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    postpone(&job, NOW, 100, &busy);
    postpone(&job, NOW + 13 * DAY, 101, &busy);
    assert_int_equal(job.stalled_at, NOW + 13 * DAY);
    postpone(&job, NOW + 26 * DAY, 50, &busy); /* the server lost some */
    assert_int_equal(job.state, QUEUE_WAITING);
    assert_int_equal(job.best, 101);
    postpone(&job, NOW + 27 * DAY, 50, &busy);
    assert_int_equal(job.state, QUEUE_FAILED);
    queue_job_done(&job);
}

static void the_user_says_how_long(void **state)
{
    struct fault fault;
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    assert_true(settings_set(&job.settings, SETTING_retry_time, "1h",
                             SETTING_FROM_QUEUE, &fault));
    assert_int_equal(runner_retry(&bits_retry_queue, &job.settings).give_up_ms,
                     3600000);
    postpone(&job, NOW, 0, &busy);
    postpone(&job, NOW + 3600, 0, &busy);
    assert_int_equal(job.state, QUEUE_FAILED);
    queue_job_done(&job);
}

static void a_clock_that_was_set_back_ends_nothing(void **state)
{
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    postpone(&job, NOW, 0, &busy);
    postpone(&job, NOW - 100 * DAY, 0, &busy);
    assert_int_equal(job.state, QUEUE_WAITING);
    assert_int_equal(job.stalled_at, NOW - 100 * DAY);
    queue_job_done(&job);
}

static void a_pause_or_removal_meanwhile_is_kept(void **state)
{
    static const enum queue_state states[] = {QUEUE_PAUSED, QUEUE_ENDING};

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct queue_job job;

        queue_job_init(&job);
        job.state = states[i];
        postpone(&job, NOW, 0, &busy);
        postpone(&job, NOW + 20 * DAY, 0, &busy);
        assert_int_equal(job.state, states[i]);
        queue_job_done(&job);
    }
}

static void ends_are_stored(void **state)
{
    static const struct {
        enum client_exit exit;
        const struct bits_failure *failure;
        const char *words;
        enum queue_state wanted;
        const char *said;
    } rows[] = {
        {CLIENT_DONE, NULL, "", QUEUE_DONE, ""},
        {CLIENT_DONE, NULL, "skipped", QUEUE_DONE, "skipped"},
        {CLIENT_LOCAL, NULL, "/a: no such file", QUEUE_FAILED,
         "/a: no such file"},
        {CLIENT_TEMPORARY, &busy, "more", QUEUE_FAILED,
         "the server is busy (HTTP 503): more"},
        {CLIENT_TEMPORARY, NULL, "this upload runs already", QUEUE_WAITING,
         "this upload runs already"},
        {CLIENT_BY_SIGNAL, NULL, "interrupted", QUEUE_WAITING, ""},
    };
    struct fault fault;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ended = rows[i].wanted != QUEUE_WAITING;
        struct queue_job job;

        queue_job_init(&job);
        assert_true(settings_set(&job.settings, SETTING_then, "true",
                                 SETTING_FROM_QUEUE, &fault));
        conclude_with(&job, rows[i].exit, rows[i].failure, rows[i].words);
        assert_int_equal(job.state, rows[i].wanted);
        assert_string_equal(job.fault.text, rows[i].said);
        assert_int_equal(job.then_due, ended);
        assert_int_equal(job.ended_at, ended ? NOW : 0);
        assert_int_equal(job.exit, ended ? rows[i].exit : CLIENT_DONE);
        queue_job_done(&job);
    }
}

static void a_job_that_is_done_is_done_although_it_was_paused(void **state)
{
    struct queue_job job;

    (void)state;
    queue_job_init(&job);
    job.state = QUEUE_PAUSED;
    conclude_with(&job, CLIENT_DONE, NULL, "");
    assert_int_equal(job.state, QUEUE_DONE);
    job.state = QUEUE_ENDING;
    conclude_with(&job, CLIENT_DONE, NULL, "");
    assert_int_equal(job.state, QUEUE_ENDING);
    queue_job_done(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_that_may_pass_puts_the_job_off),
        cmocka_unit_test(fourteen_days_without_progress_are_the_end),
        cmocka_unit_test(progress_starts_the_time_anew),
        cmocka_unit_test(the_user_says_how_long),
        cmocka_unit_test(a_clock_that_was_set_back_ends_nothing),
        cmocka_unit_test(a_pause_or_removal_meanwhile_is_kept),
        cmocka_unit_test(ends_are_stored),
        cmocka_unit_test(a_job_that_is_done_is_done_although_it_was_paused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
