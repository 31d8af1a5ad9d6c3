/*
 * tests/torture/store_kill_test.c: the process dies before each system call
 * that changes a file, one after the other, from Create to the end.
 *
 * A child works on a store and says what it was told; its parent counts the
 * calls of all its threads with ptrace(2) and kills it before the n-th.  Then
 * the parent opens the store, checks that whatever was acknowledged is there,
 * and resumes as a client would.  n grows until the child gets through.
 */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOTAL 20000
#define HALF 9999

/* What the child was told, in this order. */
enum news {
    NEWS_CREATED = 'c',
    NEWS_HALF = 'h',      /* the first fragment is acknowledged */
    NEWS_DELIVERED = 'd', /* the last one */
    NEWS_ENDED = 'e',
};

struct scenario {
    const char *name;
    enum store_exists on_exists;
    bool exists; /* the destination, beforehand */
    bool cancel; /* after the first half */
};

static const struct scenario scenarios[] = {
    {"plain", STORE_EXISTS_REFUSE, false, false},
    {"replace", STORE_EXISTS_REPLACE, true, false},
    {"keep both", STORE_EXISTS_KEEP_BOTH, true, false},
    {"cancel", STORE_EXISTS_REFUSE, false, true},
};

static const char *destination(const struct scenario *scenario)
{
    return scenario->on_exists == STORE_EXISTS_KEEP_BOTH
               ? "file.20270115T080000Z-00000001"
               : "file";
}

/* --- the child ----------------------------------------------------------- */

static void tell(int pipe, enum news news)
{
    char c = (char)news;

    if (write(pipe, &c, 1) != 1) {
        _exit(2);
    }
}

static void store_half(struct world *world, struct store_session *session,
                       uint64_t from, uint64_t to, enum world_after after)
{
    uint64_t stored;
    struct store_file *file = world_file(world, session, &stored);

    assert_int_equal(stored, from);
    assert_int_equal(world_store(world, file, from, to, after), BITS_CAUSE_OK);
    world->ops->file_close(file);
}

static void learn(struct world *world, struct store_session *session)
{
    session->fragment_seen = true;
    session->total_known = true;
    session->total = TOTAL;
    assert_int_equal(world_learn(world, session), BITS_CAUSE_OK);
}

static void end(struct world *world, struct store_session *session,
                enum bits_packet_type by)
{
    assert_int_equal(world_end(world, session, (struct store_ending){.by = by}),
                     BITS_CAUSE_OK);
}

static void work(struct world *world, const struct scenario *scenario, int pipe)
{
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "file", ""),
                     BITS_CAUSE_OK);
    tell(pipe, NEWS_CREATED);
    session = world_row(world, world_id(1));
    learn(world, &session);
    store_half(world, &session, 0, HALF, WORLD_SETTLE);
    tell(pipe, NEWS_HALF);
    if (!scenario->cancel) {
        store_half(world, &session, HALF, TOTAL, WORLD_COMPLETE);
        assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
        tell(pipe, NEWS_DELIVERED);
    }
    end(world, &session,
        scenario->cancel ? BITS_PACKET_CANCEL_SESSION
                         : BITS_PACKET_CLOSE_SESSION);
    tell(pipe, NEWS_ENDED);
}

static void child_main(struct world *world, const struct scenario *scenario,
                       int pipe)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    (void)raise(SIGSTOP);
    world_open(world);
    (void)getppid(); /* counting starts here */
    work(world, scenario, pipe);
    (void)getppid(); /* and ends here */
    _exit(0);
}

/* --- the parent, while the child lives ----------------------------------- */

static bool changes_a_file(uint64_t number)
{
    static const long numbers[] = {
        SYS_pwrite64, SYS_splice,    SYS_write,     SYS_fdatasync,
        SYS_fsync,    SYS_renameat2, SYS_ftruncate, SYS_fallocate,
        SYS_unlinkat, SYS_openat,    SYS_fchmod,
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (number == (uint64_t)numbers[i]) {
            return true;
        }
    }
    return false;
}

struct watch {
    pid_t child;
    unsigned kill_before; /* the call that is not made any more */
    unsigned count;
    bool counting;
};

/* True: the child is dead now. */
static bool at_system_call(struct watch *watch, pid_t thread)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY) {
        return false;
    }
    if (info.entry.nr == SYS_getppid) {
        watch->counting = !watch->counting;
    }
    if (!watch->counting || !changes_a_file(info.entry.nr) ||
        ++watch->count < watch->kill_before) {
        return false;
    }
    (void)kill(watch->child, SIGKILL);
    return true;
}

/* Runs the child.  True: it got through. */
static bool watch_child(struct watch *watch)
{
    const long options =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    int status;
    pid_t thread = waitpid(watch->child, &status, 0);
    bool killed = false;

    assert_int_equal(thread, watch->child);
    assert_int_equal(ptrace(PTRACE_SETOPTIONS, thread, NULL, (void *)options),
                     0);
    (void)ptrace(PTRACE_SYSCALL, thread, NULL, NULL);
    for (;;) {
        thread = waitpid(-1, &status, __WALL);
        if (thread < 0) {
            assert_int_equal(errno, ECHILD);
            return !killed;
        }
        if (WIFEXITED(status) && thread == watch->child && !killed) {
            assert_int_equal(WEXITSTATUS(status), 0);
        }
        if (WIFSTOPPED(status)) {
            if (!killed && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
                killed = at_system_call(watch, thread);
            }
            (void)ptrace(PTRACE_SYSCALL, thread, NULL, NULL);
        }
    }
}

static bool run_child(struct world *world, const struct scenario *scenario,
                      unsigned kill_before, char *news, size_t size)
{
    struct watch watch = {.kill_before = kill_before};
    ssize_t len;
    int ends[2];
    bool through;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    watch.child = fork();
    assert_true(watch.child >= 0);
    if (watch.child == 0) {
        child_main(world, scenario, ends[1]);
    }
    (void)close(ends[1]);
    through = watch_child(&watch);
    len = read(ends[0], news, size - 1);
    news[len > 0 ? len : 0] = '\0';
    (void)close(ends[0]);
    return through;
}

/* --- the parent, afterwards ---------------------------------------------- */

/* A part of a file is never visible. */
static void check_destination(struct world *world,
                              const struct scenario *scenario, const char *news)
{
    if (scenario->on_exists == STORE_EXISTS_KEEP_BOTH) {
        world_assert_text(world, "file", "old");
    }
    if (strchr(news, NEWS_DELIVERED)) {
        world_assert_file(world, destination(scenario), TOTAL);
    } else if (scenario->on_exists == STORE_EXISTS_REPLACE) {
        assert_true(world_exists(world, "file")); /* the old or the new one */
    } else if (world_exists(world, destination(scenario))) {
        world_assert_file(world, destination(scenario), TOTAL);
    }
}

static void receive_rest(struct world *world, struct store_session *session,
                         const char *news)
{
    uint64_t stored;
    struct store_file *file = world_file(world, session, &stored);

    if (strchr(news, NEWS_HALF)) {
        assert_true(stored >= HALF);
    }
    if (!session->total_known) {
        assert_false(strchr(news, NEWS_HALF));
        learn(world, session);
    }
    assert_int_equal(world_store(world, file, stored, TOTAL, WORLD_COMPLETE),
                     BITS_CAUSE_OK);
    world->ops->file_close(file);
}

/* The client comes back and uploads what is missing. */
static void deliver(struct world *world, const char *news)
{
    struct store_session session;

    if (world_find(world, world_id(1), &session) != BITS_CAUSE_OK) {
        assert_false(strchr(news, NEWS_CREATED));
        assert_int_equal(world_create(world, world_id(1), "file", ""),
                         BITS_CAUSE_OK);
        session = world_row(world, world_id(1));
    }
    if (session.state == STORE_RECEIVING) {
        assert_false(strchr(news, NEWS_DELIVERED));
        receive_rest(world, &session, news);
    }
    if (session.state < STORE_DONE) {
        assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    }
    if (session.state == STORE_DONE) {
        end(world, &session, BITS_PACKET_CLOSE_SESSION);
    }
    store_session_done(&session);
}

static void cancel(struct world *world, const char *news)
{
    struct store_session session;

    if (world_find(world, world_id(1), &session) != BITS_CAUSE_OK) {
        assert_false(strchr(news, NEWS_CREATED));
        return;
    }
    if (session.state < STORE_ENDING) {
        assert_false(strchr(news, NEWS_ENDED));
        end(world, &session, BITS_PACKET_CANCEL_SESSION);
    }
    store_session_done(&session);
}

static void check(struct world *world, const struct scenario *scenario,
                  const char *news)
{
    world_open(world);
    check_destination(world, scenario, news);
    if (scenario->cancel) {
        cancel(world, news);
        assert_false(world_exists(world, "file"));
    } else {
        deliver(world, news);
        world_assert_file(world, destination(scenario), TOTAL);
    }
    assert_int_equal(world_count_files(world, ""),
                     scenario->on_exists == STORE_EXISTS_KEEP_BOTH ? 2
                     : scenario->cancel                            ? 0
                                                                   : 1);
    assert_int_equal(world_count_staged(world), 0);
    assert_int_equal(world_count(world), 0);
    world_close(world);
}

static void nothing_acknowledged_is_lost_wherever_it_dies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
        bool through = false;
        unsigned n;

        for (n = 1; !through; n++) {
            struct world *world = world_new(NULL);
            char news[16];

            world->section.on_exists = scenarios[i].on_exists;
            if (scenarios[i].exists) {
                world_write(world, "file", "old");
            }
            through = run_child(world, &scenarios[i], n, news, sizeof(news));
            check(world, &scenarios[i], news);
            world_free(world);
        }
        print_message("%s: died before each of %u calls\n", scenarios[i].name,
                      n - 2);
        assert_true(n > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost_wherever_it_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
