/*
 * tests/contract/space_test.c: what every store does on a disk with little
 * space.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define MIB ((uint64_t)1024 * 1024)

/* A world on a tmpfs of its own. */
static struct world *small_world(const char *size)
{
    char options[64];
    struct world *world;

    if (geteuid() != 0) {
        print_message("skipped: only root can mount a small disk\n");
        return NULL;
    }
    world = world_new(NULL);
    (void)snprintf(options, sizeof(options), "size=%s", size);
    if (mount("none", world->root, "tmpfs", 0, options) != 0) {
        print_message("skipped: a small disk cannot be mounted here\n");
        world_free(world);
        return NULL;
    }
    return world;
}

static void small_world_free(struct world *world)
{
    world_close(world);
    assert_int_equal(umount(world->root), 0);
    world_free(world);
}

static void an_upload_resumes_after_a_full_disk_took_a_part(void **state)
{
    struct world *world = small_world("8m");
    struct store_session session;
    struct store_file *file;
    uint64_t stored;
    char *ballast;

    (void)state;
    if (!world) {
        skip();
    }
    world_open(world);
    session = world_session(world, world_id(1), "file", 6 * MIB);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_begin_at(world, file, 0, 6 * MIB), BITS_CAUSE_OK);
    /* Other files fill the disk behind the check. */
    ballast = malloc(7 * MIB + 1);
    assert_non_null(ballast);
    memset(ballast, 'x', 7 * MIB);
    ballast[7 * MIB] = '\0';
    world_write(world, "ballast", ballast);
    free(ballast);
    world->ops->file_close(file);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_store(world, file, 0, 6 * MIB, WORLD_SETTLE),
                     CAUSE_WILL_NOT_FIT);
    world->ops->file_close(file);
    world_remove(world, "ballast");

    file = world_file(world, &session, &stored);
    world_deliver(world, &session, file, 0);
    store_session_done(&session);
    small_world_free(world);
}

static void append_reports_a_full_disk_with_what_it_stored(void **state)
{
    struct world *world = small_world("4m");
    struct store_session session;
    struct store_file *file;
    uint64_t stored;
    uint64_t before;
    char *bytes = malloc(6 * MIB);

    (void)state;
    assert_non_null(bytes);
    if (!world) {
        free(bytes);
        skip();
    }
    memset(bytes, 'x', 6 * MIB);
    world_open(world);
    session = world_session(world, world_id(1), "file", 3 * MIB);
    file = world_file(world, &session, &stored);
    assert_int_equal(world_begin_at(world, file, 0, 3 * MIB), BITS_CAUSE_OK);
    bytes[3 * MIB + 900000] = '\0';
    world_write(world, "ballast", bytes + 1);
    assert_int_equal(
        world_append(world, file, world_bytes(bytes, 3 * MIB), &stored),
        BITS_CAUSE_DISK_FULL);
    assert_true(stored < 3 * MIB);
    assert_non_null(strstr(world->fault.text, world->root));
    world->ops->settle(file);
    world->ops->file_close(file);
    before = stored;
    world_remove(world, "ballast");
    file = world_file(world, &session, &stored);
    assert_int_equal(stored, before);
    assert_int_equal(world_begin_at(world, file, stored, 3 * MIB - stored),
                     BITS_CAUSE_OK);
    assert_int_equal(world_append(world, file,
                                  world_bytes(bytes, 3 * MIB - before),
                                  &stored),
                     BITS_CAUSE_OK);
    assert_int_equal(stored, 3 * MIB);
    world->ops->complete(file);
    world->ops->file_close(file);
    store_session_done(&session);
    small_world_free(world);
    free(bytes);
}

/* Two uploads that do not fit on the disk together. */
struct rivals {
    struct world *world;
    struct store_session sessions[2];
    struct store_file *files[2];
    char *bytes;
};

static enum bits_cause begin_rival(struct rivals *rivals, unsigned i)
{
    uint64_t total = rivals->sessions[i].total;

    return world_begin_at(rivals->world, rivals->files[i], 0, total);
}

static void append_to_first(struct rivals *rivals, size_t size)
{
    uint64_t stored;

    assert_int_equal(world_append(rivals->world, rivals->files[0],
                                  world_bytes(rivals->bytes, size), &stored),
                     BITS_CAUSE_OK);
}

/* The first one has 12 of its 30 MiB, the second one none of its 20. */
static bool start_rivals(struct rivals *rivals)
{
    uint64_t stored;

    rivals->world = small_world("40m");
    if (!rivals->world) {
        return false;
    }
    world_open(rivals->world);
    rivals->bytes = calloc(1, 12 * MIB);
    assert_non_null(rivals->bytes);
    for (unsigned i = 0; i < 2; i++) {
        rivals->sessions[i] =
            world_session(rivals->world, world_id(i + 1), "file",
                          i == 0 ? 30 * MIB : 20 * MIB);
        rivals->files[i] =
            world_file(rivals->world, &rivals->sessions[i], &stored);
    }
    assert_int_equal(begin_rival(rivals, 0), BITS_CAUSE_OK);
    assert_int_equal(begin_rival(rivals, 1), BITS_CAUSE_OK);
    append_to_first(rivals, 12 * MIB);
    assert_int_equal(begin_rival(rivals, 1), CAUSE_WILL_NOT_FIT);
    return true;
}

static void end_rivals(struct rivals *rivals)
{
    for (unsigned i = 0; i < 2; i++) {
        rivals->world->ops->file_close(rivals->files[i]);
        store_session_done(&rivals->sessions[i]);
    }
    small_world_free(rivals->world);
    free(rivals->bytes);
}

static void running_fragments_count_on_their_next_bytes(void **state)
{
    struct rivals rivals;

    (void)state;
    if (!start_rivals(&rivals)) {
        skip();
    }
    rivals.world->ops->settle(rivals.files[0]);
    assert_int_equal(begin_rival(&rivals, 1), BITS_CAUSE_OK);
    end_rivals(&rivals);
}

static void a_handle_that_is_closed_counts_on_nothing(void **state)
{
    struct rivals rivals;

    (void)state;
    if (!start_rivals(&rivals)) {
        skip();
    }
    rivals.world->ops->file_close(rivals.files[0]);
    rivals.files[0] = NULL;
    assert_int_equal(begin_rival(&rivals, 1), BITS_CAUSE_OK);
    end_rivals(&rivals);
}

static void give_back_stalled(struct world *world)
{
    struct world_call call;

    world_call_begin(&call);
    world_called(&call, world->ops->give_back_stalled(world->store, &call.op));
    assert_int_equal(world_call_wait(world, &call), BITS_CAUSE_OK);
}

static void a_stalled_fragment_counts_on_nothing_until_it_grows(void **state)
{
    struct rivals rivals;

    (void)state;
    if (!start_rivals(&rivals)) {
        skip();
    }
    give_back_stalled(rivals.world);
    assert_int_equal(begin_rival(&rivals, 1), CAUSE_WILL_NOT_FIT);
    give_back_stalled(rivals.world); /* it has not grown since */
    assert_int_equal(begin_rival(&rivals, 1), BITS_CAUSE_OK);
    append_to_first(&rivals, 3);
    assert_int_equal(begin_rival(&rivals, 1), CAUSE_WILL_NOT_FIT);
    end_rivals(&rivals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_resumes_after_a_full_disk_took_a_part),
        cmocka_unit_test(append_reports_a_full_disk_with_what_it_stored),
        cmocka_unit_test(running_fragments_count_on_their_next_bytes),
        cmocka_unit_test(a_handle_that_is_closed_counts_on_nothing),
        cmocka_unit_test(a_stalled_fragment_counts_on_nothing_until_it_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
