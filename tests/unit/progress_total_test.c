/*
 * progress_total_test.c: when a failure stops the other files of a run, and
 * what is said while nothing comes back.
 */
#include "bits/progress/total.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NO_CONNECTION 0x80072EFDu
#define BROKEN 0x80072EFEu

struct world {
    FILE *nowhere;
    struct say say;
    struct progress_total total;
    struct progress_member members[2];
};

static void set_up(struct world *world)
{
    world->nowhere = fopen("/dev/null", "w");
    assert_non_null(world->nowhere);
    say_init(&world->say, world->nowhere, world->nowhere);
    progress_total_init(&world->total, &world->say, 2, 8, 80);
    for (size_t i = 0; i < 2; i++) {
        progress_member_init(&world->members[i], &world->total);
    }
}

static void tear_down(struct world *world)
{
    progress_total_done(&world->total);
    (void)fclose(world->nowhere);
}

static void tell(struct world *world, size_t member, struct watch_event event)
{
    struct watcher *watcher = &world->members[member].watcher;

    event.path = "/d/a";
    event.url = "http://srv.example/up/a";
    event.size = 10;
    watcher->event(watcher, &event);
}

static void begin(struct world *world, size_t member, uint64_t now_ms)
{
    tell(world, member,
         (struct watch_event){.kind = WATCH_BEGIN, .now_ms = now_ms});
}

static void answer(struct world *world, size_t member, uint64_t now_ms)
{
    const struct agent_result result = {.end = AGENT_ANSWERED, .status = 200};
    const struct watch_packet packet = {.url = "", .result = &result};

    tell(world, member,
         (struct watch_event){
             .kind = WATCH_PACKET, .now_ms = now_ms, .packet = &packet});
}

static void wait(struct world *world, size_t member, uint64_t now_ms)
{
    const struct bits_failure failure = {.reason = BITS_REASON_TRANSPORT,
                                         .hresult = NO_CONNECTION};

    tell(world, member,
         (struct watch_event){
             .kind = WATCH_WAIT, .now_ms = now_ms, .failure = &failure});
}

static void give_up(struct world *world, size_t member, uint64_t now_ms,
                    uint32_t hresult)
{
    const struct bits_failure failure = {
        .reason = BITS_REASON_TRANSPORT, .temporary = true, .hresult = hresult};

    tell(world, member,
         (struct watch_event){.kind = WATCH_END,
                              .now_ms = now_ms,
                              .exit = CLIENT_TEMPORARY,
                              .failure = &failure});
}

static void expect_hopeless(struct world *world, bool hopeless)
{
    assert_int_equal(progress_total_is_hopeless(&world->total), hopeless);
}

static void a_failed_connection_stops_all_before_the_first_answer(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    begin(&world, 0, 1000);
    begin(&world, 1, 1000);
    give_up(&world, 0, 2000, NO_CONNECTION);
    expect_hopeless(&world, true);
    tear_down(&world);
}

static void no_connection_stops_one_if_others_have_answers(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    begin(&world, 0, 1000);
    begin(&world, 1, 1000);
    answer(&world, 1, 2000);
    give_up(&world, 0, 3000, NO_CONNECTION);
    expect_hopeless(&world, false);
    begin(&world, 0, 4000);
    give_up(&world, 0, 5000, NO_CONNECTION);
    expect_hopeless(&world, true);
    /* It is back for the other. */
    tell(&world, 1,
         (struct watch_event){.kind = WATCH_NOTICE,
                              .now_ms = 6000,
                              .notice = BITS_NOTICE_CREATED});
    expect_hopeless(&world, false);
    tear_down(&world);
}

static void trouble_counts_from_the_last_answer(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    begin(&world, 0, 1000);
    answer(&world, 0, 2000);
    wait(&world, 0, 3000);
    wait(&world, 0, 60000);
    give_up(&world, 0, 3600000, NO_CONNECTION);
    expect_hopeless(&world, true);
    tear_down(&world);
}

static void a_broken_connection_may_be_due_to_the_file(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    begin(&world, 0, 1000);
    give_up(&world, 0, 2000, BROKEN);
    expect_hopeless(&world, false);
    tear_down(&world);
}

static void progress_at(struct world *world, uint64_t now_ms)
{
    tell(world, 0,
         (struct watch_event){
             .kind = WATCH_PROGRESS, .now_ms = now_ms, .sent = 5});
}

static void a_server_that_never_answers_has_no_time_left(void **state)
{
    struct world world;
    char *text = NULL;
    size_t size = 0;

    (void)state;
    set_up(&world);
    world.say.err = open_memstream(&text, &size);
    assert_non_null(world.say.err);
    begin(&world, 0, 1000);
    answer(&world, 0, 2000);
    progress_at(&world, 2000);
    progress_at(&world, 122000);
    (void)fclose(world.say.err);
    assert_non_null(strstr(text, "a: 50%, 5 of 10 B, no answer for 2:00\n"));
    free(text);
    tear_down(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_connection_stops_all_before_the_first_answer),
        cmocka_unit_test(no_connection_stops_one_if_others_have_answers),
        cmocka_unit_test(trouble_counts_from_the_last_answer),
        cmocka_unit_test(a_broken_connection_may_be_due_to_the_file),
        cmocka_unit_test(a_server_that_never_answers_has_no_time_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
