/*
 * queue_test.c: jobs of the queue: their files, and whose turn it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/queue/queue.h"
#include "client/queue/roster.h"
#include "options/list.h"

struct world {
    char home[64];
    struct queue queue;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct fault fault;

    assert_non_null(world);
    strncat(world->home, "/tmp/queue-test-XXXXXX", sizeof(world->home) - 1);
    assert_non_null(mkdtemp(world->home));
    assert_int_equal(setenv("STATE_DIRECTORY", world->home, 1), 0);
    assert_true(queue_open(&world->queue, &fault));
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    struct string_list ids;

    assert_int_equal(queue_list(&world->queue, &ids), 0);
    for (size_t i = 0; i < ids.count; i++) {
        assert_int_equal(queue_remove(&world->queue, ids.items[i]), 0);
    }
    string_list_done(&ids);
    (void)unlinkat(world->queue.home.fd, "changes.lock", 0);
    assert_int_equal(rmdir(world->queue.home.path), 0);
    assert_int_equal(rmdir(world->home), 0);
    queue_close(&world->queue);
    free(world);
    return 0;
}

static void fill(struct queue_job *job, int64_t added_at)
{
    queue_job_init(job);
    job->path = strdup("/var/crash/\xff\xc3\xa4 \"x\".dmp");
    job->url = strdup("http://srv.example/up/x.dmp");
    job->name = strdup("x.dmp");
    job->folder = strdup("/tmp");
    job->added_at = added_at;
}

/* Adds one that waits; the id is written into the room. */
static void add(struct world *world, int64_t added_at, int64_t next_try_at,
                char id[QUEUE_ID_LEN + 1])
{
    struct queue_job job;

    fill(&job, added_at);
    job.next_try_at = next_try_at;
    assert_int_equal(queue_add(&world->queue, &job), 0);
    memcpy(id, job.id, sizeof(job.id));
    queue_job_done(&job);
}

static void everything_about_a_job_is_read_back(void **state)
{
    struct world *world = *state;
    struct fault fault;
    struct queue_job job;
    struct queue_job back;

    fill(&job, 1700000000);
    assert_true(settings_set(&job.settings, SETTING_then, "echo \"$BITS_ID\"",
                             SETTING_FROM_QUEUE, &fault));
    assert_true(settings_set(&job.settings, SETTING_header, "X-A: 1",
                             SETTING_FROM_QUEUE, &fault));
    assert_true(settings_set(&job.settings, SETTING_header, "X-B: 2",
                             SETTING_FROM_QUEUE, &fault));
    job.state = QUEUE_FAILED;
    job.next_try_at = 1;
    job.stalled_at = 2;
    job.ended_at = 3;
    job.size = (uint64_t)1 << 40;
    job.best = 5;
    job.for_network = true;
    job.then_due = true;
    job.exit = CLIENT_DISTRUST;
    job.status = 401;
    job.hresult = 0x80190191;
    (void)fault_set(&job.fault, "no \x1b way");
    assert_int_equal(queue_add(&world->queue, &job), 0);
    assert_true(queue_is_id(job.id));
    assert_int_equal(queue_load(&world->queue, job.id, &back), 0);
    assert_string_equal(back.id, job.id);
    assert_string_equal(back.path, job.path);
    assert_string_equal(back.url, job.url);
    assert_string_equal(back.name, job.name);
    assert_string_equal(back.folder, job.folder);
    assert_string_equal(back.settings.then, "echo \"$BITS_ID\"");
    assert_int_equal(back.settings.header.count, 2);
    assert_string_equal(back.settings.header.items[1], "X-B: 2");
    assert_int_equal(back.state, QUEUE_FAILED);
    assert_int_equal(back.added_at, 1700000000);
    assert_int_equal(back.next_try_at, 1);
    assert_int_equal(back.stalled_at, 2);
    assert_int_equal(back.ended_at, 3);
    assert_int_equal(back.size, (uint64_t)1 << 40);
    assert_int_equal(back.best, 5);
    assert_true(back.for_network);
    assert_true(back.then_due);
    assert_int_equal(back.exit, CLIENT_DISTRUST);
    assert_int_equal(back.status, 401);
    assert_int_equal(back.hresult, 0x80190191);
    assert_string_equal(back.fault.text, "no \x1b way");
    queue_job_done(&back);
    queue_job_done(&job);
}

#define GOOD                                                                   \
    "\"path\":\"/a\",\"url\":\"http://a/\",\"name\":\"a\",\"folder\":\"/\""

/* A character that stands for no byte. */
#define NO_BYTES                                                               \
    "\"path\":\"\\u20ac\",\"url\":\"\",\"name\":\"\",\"folder\":\"\""

static void a_malformed_file_is_not_a_job(void **state)
{
    static const char *const texts[] = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"version\":2," GOOD ",\"state\":\"waiting\",\"options\":{}}",
        "{\"version\":1," GOOD ",\"state\":\"waiting\"}",
        "{\"version\":1," GOOD ",\"state\":\"odd\",\"options\":{}}",
        "{\"version\":1," GOOD ",\"options\":{}}",
        "{\"version\":1," GOOD
        ",\"state\":\"waiting\",\"options\":{\"nonsense\":[\"1\"]}}",
        "{\"version\":1," GOOD
        ",\"state\":\"waiting\",\"options\":{\"limit-rate\":[\"x\"]}}",
        "{\"version\":1,\"state\":\"waiting\",\"options\":{}}",
        "{\"version\":1," NO_BYTES ",\"state\":\"waiting\",\"options\":{}}",
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int fd = openat(world->queue.home.fd, "0000000f.json",
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        struct queue_job job;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, texts[i], strlen(texts[i])),
                         (ssize_t)strlen(texts[i]));
        assert_int_equal(close(fd), 0);
        assert_int_equal(queue_load(&world->queue, "0000000f", &job), EILSEQ);
    }
    assert_int_equal(unlinkat(world->queue.home.fd, "0000000f.json", 0), 0);
}

static void ids_are_eight_hex_digits(void **state)
{
    char id[QUEUE_ID_LEN + 1];

    (void)state;
    assert_true(queue_is_id("0123abcd"));
    assert_false(queue_is_id("0123abc"));
    assert_false(queue_is_id("0123abcde"));
    assert_false(queue_is_id("0123ABCD"));
    assert_false(queue_is_id("../0abcd"));
    assert_false(queue_is_id(""));
    assert_true(queue_id_of_file("0123abcd.json", id));
    assert_string_equal(id, "0123abcd");
    assert_false(queue_id_of_file("0123abcd.lock", id));
    assert_false(queue_id_of_file("0123abcd.json.new", id));
    assert_false(queue_id_of_file("run.lock", id));
}

static bool pause_it(struct queue_job *job, void *context)
{
    bool *wanted = context;

    job->state = QUEUE_PAUSED;
    return *wanted;
}

static void a_change_is_written_only_if_it_is_wanted(void **state)
{
    struct world *world = *state;
    char id[QUEUE_ID_LEN + 1];
    struct queue_job job;
    bool wanted = false;

    add(world, 1, 0, id);
    assert_int_equal(queue_change(&world->queue, id, pause_it, &wanted), 0);
    assert_int_equal(queue_load(&world->queue, id, &job), 0);
    assert_int_equal(job.state, QUEUE_WAITING);
    queue_job_done(&job);
    wanted = true;
    assert_int_equal(queue_change(&world->queue, id, pause_it, &wanted), 0);
    assert_int_equal(queue_load(&world->queue, id, &job), 0);
    assert_int_equal(job.state, QUEUE_PAUSED);
    queue_job_done(&job);
    assert_int_equal(queue_change(&world->queue, "00000000", pause_it, &wanted),
                     ENOENT);
}

static void tells_the_process_that_holds_a_job(void **state)
{
    struct world *world = *state;
    char id[QUEUE_ID_LEN + 1];
    int held;

    add(world, 1, 0, id);
    assert_int_equal(queue_holder(&world->queue, id), 0);
    held = queue_hold(&world->queue, id);
    assert_true(held >= 0);
    assert_int_equal(queue_holder(&world->queue, id), getpid());
    assert_int_equal(close(held), 0);
    assert_int_equal(queue_holder(&world->queue, id), 0);
}

static void no_trouble(void *context, const char *id, int error)
{
    (void)context;
    (void)id;
    assert_int_equal(error, 0);
}

static void the_oldest_that_is_due_comes_first(void **state)
{
    struct world *world = *state;
    struct queue_roster table = {0};
    char late[QUEUE_ID_LEN + 1];
    char old[QUEUE_ID_LEN + 1];
    char waits[QUEUE_ID_LEN + 1];
    struct queue_entry *entry;

    add(world, 30, 0, late);
    add(world, 10, 0, old);
    add(world, 5, 1000, waits);
    assert_int_equal(queue_roster_fill(&table, &world->queue, no_trouble, NULL),
                     0);
    assert_int_equal(table.count, 3);
    entry = queue_roster_due(&table, 500);
    assert_string_equal(entry->id, old);
    entry->pid = 1; /* a process works on it */
    entry = queue_roster_due(&table, 500);
    assert_string_equal(entry->id, late);
    entry->pid = 2;
    assert_null(queue_roster_due(&table, 999));
    assert_int_equal(queue_roster_delay(&table, 999), 1);
    assert_int_equal(queue_roster_workers(&table), 2);
    assert_string_equal(queue_roster_due(&table, 1000)->id, waits);
    assert_false(queue_roster_is_idle(&table));
    queue_roster_done(&table);
}

static bool set_for_network(struct queue_job *job, void *context)
{
    (void)context;
    job->for_network = true;
    return true;
}

static void the_network_wakes_those_that_wait_for_it(void **state)
{
    struct world *world = *state;
    struct queue_roster table = {0};
    char waits[QUEUE_ID_LEN + 1];
    char other[QUEUE_ID_LEN + 1];

    add(world, 1, 1000, waits);
    add(world, 2, 1000, other);
    assert_int_equal(queue_change(&world->queue, waits, set_for_network, NULL),
                     0);
    assert_int_equal(queue_roster_fill(&table, &world->queue, no_trouble, NULL),
                     0);
    assert_null(queue_roster_due(&table, 10));
    queue_roster_wake(&table);
    assert_string_equal(queue_roster_due(&table, 10)->id, waits);
    queue_roster_due(&table, 10)->pid = 1;
    assert_null(queue_roster_due(&table, 10));
    queue_roster_done(&table);
}

static void the_network_that_came_during_a_try_is_not_forgotten(void **state)
{
    struct world *world = *state;
    struct queue_roster table = {0};
    char id[QUEUE_ID_LEN + 1];

    add(world, 1, 1000, id);
    assert_int_equal(queue_roster_refresh(&table, &world->queue, id), 0);
    queue_roster_find(&table, id)->pid = 1;
    queue_roster_wake(&table);
    assert_int_equal(queue_change(&world->queue, id, set_for_network, NULL), 0);
    queue_roster_find(&table, id)->pid = 0;
    assert_int_equal(queue_roster_refresh(&table, &world->queue, id), 0);
    assert_int_equal(queue_roster_refresh(&table, &world->queue, id), 0);
    assert_non_null(queue_roster_due(&table, 10));
    queue_roster_done(&table);
}

static bool end_it(struct queue_job *job, void *context)
{
    const enum queue_state *wanted = context;

    job->state = *wanted;
    job->then_due = *wanted == QUEUE_DONE;
    return true;
}

static void
only_due_commands_and_removals_of_paused_and_ended_jobs_are_work(void **state)
{
    static const struct {
        enum queue_state state;
        bool is_work;
    } rows[] = {
        {QUEUE_PAUSED, false},
        {QUEUE_FAILED, false},
        {QUEUE_DONE, true}, /* its command is due */
        {QUEUE_ENDING, true},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct queue_roster table = {0};
        enum queue_state wanted = rows[i].state;
        char id[QUEUE_ID_LEN + 1];

        add(world, 1, 1000, id);
        assert_int_equal(queue_change(&world->queue, id, end_it, &wanted), 0);
        assert_int_equal(
            queue_roster_fill(&table, &world->queue, no_trouble, NULL), 0);
        assert_int_equal(queue_roster_due(&table, 10) != NULL, rows[i].is_work);
        assert_int_equal(queue_roster_is_idle(&table), !rows[i].is_work);
        queue_roster_done(&table);
        assert_int_equal(queue_remove(&world->queue, id), 0);
    }
}

static void a_job_that_is_gone_leaves_the_table(void **state)
{
    struct world *world = *state;
    struct queue_roster table = {0};
    char id[QUEUE_ID_LEN + 1];

    add(world, 1, 0, id);
    assert_int_equal(queue_roster_refresh(&table, &world->queue, id), 0);
    assert_int_equal(table.count, 1);
    assert_int_equal(queue_remove(&world->queue, id), 0);
    assert_int_equal(queue_roster_refresh(&table, &world->queue, id), 0);
    assert_int_equal(table.count, 0);
    assert_true(queue_roster_is_idle(&table));
    queue_roster_done(&table);
}

static bool end_long_ago(struct queue_job *job, void *context)
{
    const enum queue_state *wanted = context;

    job->state = *wanted;
    job->ended_at = 1000;
    return true;
}

static void ended_jobs_are_forgotten_after_a_while(void **state)
{
    static const struct {
        enum queue_state state;
        int64_t days;
        bool is_kept;
    } rows[] = {
        {QUEUE_DONE, 6, true},    {QUEUE_DONE, 8, false},
        {QUEUE_FAILED, 8, true},  {QUEUE_FAILED, 91, false},
        {QUEUE_PAUSED, 91, true}, {QUEUE_WAITING, 91, true},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum queue_state wanted = rows[i].state;
        char id[QUEUE_ID_LEN + 1];
        struct queue_job job;
        int error;

        add(world, 1, 0, id);
        assert_int_equal(queue_change(&world->queue, id, end_long_ago, &wanted),
                         0);
        queue_sweep(&world->queue, 1000 + rows[i].days * 86400);
        error = queue_load(&world->queue, id, &job);
        assert_int_equal(error, rows[i].is_kept ? 0 : ENOENT);
        if (error == 0) {
            queue_job_done(&job);
            assert_int_equal(queue_remove(&world->queue, id), 0);
        }
    }
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOME(everything_about_a_job_is_read_back),
        IN_A_HOME(a_malformed_file_is_not_a_job),
        cmocka_unit_test(ids_are_eight_hex_digits),
        IN_A_HOME(a_change_is_written_only_if_it_is_wanted),
        IN_A_HOME(tells_the_process_that_holds_a_job),
        IN_A_HOME(the_oldest_that_is_due_comes_first),
        IN_A_HOME(the_network_wakes_those_that_wait_for_it),
        IN_A_HOME(the_network_that_came_during_a_try_is_not_forgotten),
        IN_A_HOME(
            only_due_commands_and_removals_of_paused_and_ended_jobs_are_work),
        IN_A_HOME(a_job_that_is_gone_leaves_the_table),
        IN_A_HOME(ended_jobs_are_forgotten_after_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
