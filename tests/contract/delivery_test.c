/*
 * tests/contract/delivery_test.c: what every store promises of deliveries and
 * of the names that lead to them.
 */
#include "world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_whole_upload_is_delivered(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_upload(world, world_id(1), "file.bin", 300000),
                     BITS_CAUSE_OK);
    assert_int_equal(world->op.stored, 300000);
    world_assert_file(world, "file.bin", 300000);
    assert_int_equal(world_count_staged(world), 0);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DONE);
    assert_string_equal(session.delivered_as, "file.bin");
    store_session_done(&session);
}

static void a_session_without_a_fragment_delivers_an_empty_file(void **state)
{
    struct world *world = *state;
    struct store_session session;

    assert_int_equal(world_create(world, world_id(1), "empty", ""),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), BITS_CAUSE_OK);
    assert_int_equal(world->op.stored, 0);
    assert_int_equal(session.state, STORE_DONE);
    world_assert_file(world, "empty", 0);
    store_session_done(&session);
}

static void finish_commits_what_was_not_learnt(void **state)
{
    struct world *world = *state;
    struct store_session session;
    struct store_file *file = world_begin_all(world, &session, 10);

    assert_int_equal(world_finish(world, &session, file), BITS_CAUSE_OK);
    world->ops->file_close(file);
    store_session_done(&session);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_DONE);
    assert_true(session.fragment_seen);
    assert_true(session.total_known);
    assert_int_equal(session.total, 10);
    store_session_done(&session);
}

static void an_existing_file_is_not_replaced(void **state)
{
    struct world *world = *state;

    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 100),
                     CAUSE_FILE_EXISTS);
    assert_int_equal(world->op.stored, 100);
    assert_non_null(strstr(world->op.fault.text, "file"));
    world_assert_text(world, "file", "old");
    assert_int_equal(world_finish_again(world, world_id(1)), CAUSE_FILE_EXISTS);
    world_reopen(world);
    assert_int_equal(world_finish_again(world, world_id(1)), CAUSE_FILE_EXISTS);
    world_remove(world, "file");
    assert_int_equal(world_finish_again(world, world_id(1)), BITS_CAUSE_OK);
    world_assert_file(world, "file", 100);
}

static void replace_replaces(void **state)
{
    struct world *world = *state;

    world->section.on_exists = STORE_EXISTS_REPLACE;
    world_reconfigure(world);
    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 100),
                     BITS_CAUSE_OK);
    world_assert_file(world, "file", 100);
}

static void an_empty_file_without_a_fragment_replaces_nothing(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.on_exists = STORE_EXISTS_REPLACE;
    world_reconfigure(world);
    world_write(world, "file", "old");
    assert_int_equal(world_create(world, world_id(1), "file", ""),
                     BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_int_equal(world_finish(world, &session, NULL), CAUSE_FILE_EXISTS);
    world_assert_text(world, "file", "old");
    store_session_done(&session);
}

/* --- a destination of its own -------------------------------------------- */

static void the_destination_of_the_row_has_the_file(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world_mkdir(world, "alice");
    world->destination = "alice/b.txt";
    assert_int_equal(world_create(world, world_id(1), "a/b.txt", "alice"),
                     BITS_CAUSE_OK);
    world_reopen(world);
    session = world_row(world, world_id(1));
    assert_string_equal(session.name, "a/b.txt");
    assert_string_equal(session.destination, "alice/b.txt");
    assert_string_equal(store_destination(&session), "alice/b.txt");
    store_session_done(&session);
    assert_int_equal(world_upload(world, world_id(2), "a/b.txt", 100),
                     BITS_CAUSE_OK);
    world_assert_file(world, "alice/b.txt", 100);
    session = world_row(world, world_id(2));
    assert_string_equal(session.delivered_as, "alice/b.txt");
    store_session_done(&session);
    assert_int_equal(world_upload(world, world_id(3), "c", 100),
                     CAUSE_FILE_EXISTS);
    world->destination = NULL;
    world_mkdir(world, "a");
    assert_int_equal(world_upload(world, world_id(4), "a/b.txt", 100),
                     BITS_CAUSE_OK);
    world_assert_file(world, "a/b.txt", 100);
}

/* --- keep-both ----------------------------------------------------------- */

static void keep_both_dates_the_destination(void **state)
{
    struct world *world = *state;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    world->wall = 1800000000; /* 2027-01-15 08:00:00 UTC */
    world->destination = "b.txt";
    world_write(world, "b.txt", "old");
    assert_int_equal(world_upload(world, world_id(0x44332211), "a", 100),
                     BITS_CAUSE_OK);
    world_assert_file(world, "b.20270115T080000Z-44332211.txt", 100);
}

static void keep_both_gives_the_new_file_a_dated_name(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    world_write(world, "report.tar.gz", "old");
    world->wall = 1800000000; /* 2027-01-15 08:00:00 UTC */
    assert_int_equal(world_check_name(world, world->place, "report.tar.gz"),
                     BITS_CAUSE_OK);
    assert_int_equal(
        world_upload(world, world_id(0x44332211), "report.tar.gz", 100),
        BITS_CAUSE_OK);
    world_assert_text(world, "report.tar.gz", "old");
    world_assert_file(world, "report.tar.20270115T080000Z-44332211.gz", 100);
    session = world_row(world, world_id(0x44332211));
    assert_string_equal(session.delivered_as,
                        "report.tar.20270115T080000Z-44332211.gz");
    store_session_done(&session);
}

static void keep_both_names(void **state)
{
    static const struct {
        const char *name;
        const char *dated;
    } rows[] = {
        {"a/b.txt", "a/b.20270115T080000Z-00000001.txt"},
        {"a.b/c", "a.b/c.20270115T080000Z-00000001"},
        {".hidden", ".hidden.20270115T080000Z-00000001"},
        {"dot.", "dot.20270115T080000Z-00000001."},
    };
    struct world *world = *state;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    world_mkdir(world, "a");
    world_mkdir(world, "a.b");
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_session session;
        struct bits_guid id = world_id(1);

        world_write(world, rows[i].name, "old");
        id.bytes[1] = (uint8_t)i;
        assert_int_equal(world_upload(world, id, rows[i].name, 3),
                         BITS_CAUSE_OK);
        session = world_row(world, id);
        assert_string_equal(session.delivered_as, rows[i].dated);
        world_assert_file(world, rows[i].dated, 3);
        store_session_done(&session);
    }
}

static void keep_both_cuts_long_names(void **state)
{
    struct world *world = *state;
    struct store_session session;
    char name[256];

    memset(name, 'n', 255);
    memcpy(name + 251, ".ext", 5);
    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    world_write(world, name, "old");
    assert_int_equal(world_upload(world, world_id(1), name, 3), BITS_CAUSE_OK);
    session = world_row(world, world_id(1));
    assert_int_equal(strlen(session.delivered_as), 255);
    assert_string_equal(session.delivered_as + 225,
                        ".20270115T080000Z-00000001.ext");
    store_session_done(&session);
}

/* How many copies of `unit` behind `head`, and how many bytes of that name stay
 * before the mark and behind it. */
struct cut_row {
    const char *head;
    const char *unit;
    size_t count;
    size_t stem;
    size_t extension;
};

static void check_cut(struct world *world, unsigned index,
                      const struct cut_row *row)
{
    const size_t mark = strlen(".20270115T080000Z-00000001");
    struct bits_guid id = world_id(1);
    struct store_session session;
    char name[256] = "";
    size_t kept;

    (void)snprintf(name, sizeof(name), "%s", row->head);
    for (size_t i = 0; i < row->count; i++) {
        memcpy(name + strlen(name), row->unit, strlen(row->unit) + 1);
    }
    world_write(world, name, "old");
    id.bytes[1] = (uint8_t)index;
    assert_int_equal(world_upload(world, id, name, 3), BITS_CAUSE_OK);
    session = world_row(world, id);
    kept = strlen(session.delivered_as);
    assert_int_equal(kept, row->stem + mark + row->extension);
    assert_memory_equal(session.delivered_as, name, row->stem);
    assert_memory_equal(session.delivered_as + kept - row->extension,
                        strchr(name, '.') ? strchr(name, '.') : "",
                        row->extension);
    store_session_done(&session);
}

static void keep_both_cuts_between_characters(void **state)
{
    static const struct cut_row rows[] = {
        {"", "\xc3\xbc", 127, 228, 0},
        {"a", "\xc3\xbc", 127, 229, 0},
        {"", "\xe2\x82\xac", 85, 228, 0},
        {"a", "\xe2\x82\xac", 84, 229, 0},
        {"ab", "\xe2\x82\xac", 84, 227, 0},
        {"", "\xf0\x9f\x98\x80", 63, 228, 0},
        {"abc", "\xf0\x9f\x98\x80", 63, 227, 0},
        /* The extension alone is too long. */
        {"x.", "\xc3\xbc", 126, 1, 225},
        {"x.y", "\xc3\xbc", 126, 1, 224},
        {"\xc3\xbc.", "\xe2\x82\xac", 84, 2, 223},
        {"\xf0\x9f\x98\x80.", "y", 227, 4, 225},
        /* Not UTF-8: somewhere is as good as anywhere. */
        {"", "\x80", 255, 229, 0},
        {"", "\xff", 255, 229, 0},
    };
    struct world *world = *state;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_cut(world, i, &rows[i]);
    }
}

static void keep_both_gives_up_after_three_names(void **state)
{
    struct world *world = *state;

    world->section.on_exists = STORE_EXISTS_KEEP_BOTH;
    world_reconfigure(world);
    world_write(world, "f", "old");
    world_write(world, "f.20270115T080000Z-00000001", "old");
    world_write(world, "f.20270115T080000Z-00000000", "old");
    world_write(world, "f.20270115T080000Z-01000000", "old");
    assert_int_equal(world_upload(world, world_id(1), "f", 3),
                     CAUSE_NO_FREE_NAME);
    world_remove(world, "f.20270115T080000Z-00000000");
    assert_int_equal(world_finish_again(world, world_id(1)), BITS_CAUSE_OK);
    world_assert_file(world, "f.20270115T080000Z-00000000", 3);
}

/* deliver() may come without a learn() before it. */
static void a_failed_delivery_keeps_what_the_session_learnt(void **state)
{
    struct world *world = *state;
    struct store_session session;

    world_write(world, "file", "old");
    assert_int_equal(world_upload(world, world_id(1), "file", 10),
                     CAUSE_FILE_EXISTS);
    session = world_row(world, world_id(1));
    assert_int_equal(session.state, STORE_RETRY);
    assert_true(session.fragment_seen);
    assert_true(session.total_known);
    assert_int_equal(session.total, 10);
    store_session_done(&session);
}

/* --- names --------------------------------------------------------------- */

static void a_name_that_is_taken_is_refused_at_create(void **state)
{
    struct world *world = *state;

    world_write(world, "file", "old");
    assert_int_equal(world_check_name(world, world->place, "file"),
                     CAUSE_FILE_EXISTS);
    assert_int_equal(world_check_name(world, world->place, "other"),
                     BITS_CAUSE_OK);
    world->section.on_exists = STORE_EXISTS_REPLACE;
    world_reconfigure(world);
    assert_int_equal(world_check_name(world, world->place, "file"),
                     BITS_CAUSE_OK);
}

/* --- two at once --------------------------------------------------------- */

static void two_sessions_for_one_name_deliver_one_file(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_create(world, world_id(2), "file", ""),
                     BITS_CAUSE_OK);
    assert_int_equal(world_upload(world, world_id(1), "file", 100),
                     BITS_CAUSE_OK);
    {
        struct store_session session = world_row(world, world_id(2));
        struct store_file *file;
        uint64_t stored;

        session.fragment_seen = true;
        session.total_known = true;
        session.total = 50;
        file = world_file(world, &session, &stored);
        assert_int_equal(world_store(world, file, 0, 50, WORLD_COMPLETE),
                         BITS_CAUSE_OK);
        assert_int_equal(world_finish(world, &session, file),
                         CAUSE_FILE_EXISTS);
        world->ops->file_close(file);
        store_session_done(&session);
    }
    world_assert_file(world, "file", 100);
}

/* clang-format off */
#define TESTS(TEST)                                                            \
    TEST(a_whole_upload_is_delivered),                                         \
    TEST(a_session_without_a_fragment_delivers_an_empty_file),                 \
    TEST(finish_commits_what_was_not_learnt),                                  \
    TEST(an_existing_file_is_not_replaced),                                    \
    TEST(replace_replaces),                                                    \
    TEST(an_empty_file_without_a_fragment_replaces_nothing),                   \
    TEST(the_destination_of_the_row_has_the_file),                             \
    TEST(keep_both_dates_the_destination),                                     \
    TEST(keep_both_gives_the_new_file_a_dated_name),                           \
    TEST(keep_both_names),                                                     \
    TEST(keep_both_cuts_long_names),                                           \
    TEST(keep_both_cuts_between_characters),                                   \
    TEST(keep_both_gives_up_after_three_names),                                \
    TEST(a_failed_delivery_keeps_what_the_session_learnt),                     \
    TEST(a_name_that_is_taken_is_refused_at_create),                           \
    TEST(two_sessions_for_one_name_deliver_one_file)
/* clang-format on */

WORLD_MAIN_TWICE(TESTS)
