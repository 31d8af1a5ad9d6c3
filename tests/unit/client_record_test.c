/*
 * client_record_test.c: a record is read as it was stored, whatever a peer
 * put into it; and one process at a time.
 */
#include "client/transfer/record.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/transfer/record_json.h"

#define URL "http://h/a"
#define PATH "/tmp/a"

struct folder {
    char path[64];
    int fd;
};

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));

    memcpy(folder->path, "/tmp/bits-record-XXXXXX",
           sizeof("/tmp/bits-record-XXXXXX"));
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = folder;
    return folder->fd >= 0 ? 0 : -1;
}

/* The tests leave nothing in it. */
static int remove_folder(void **state)
{
    struct folder *folder = *state;
    int r = rmdir(folder->path);

    (void)close(folder->fd);
    free(folder);
    return r;
}

static void open_record(struct record *record, const struct folder *folder)
{
    long pid;

    assert_int_equal(record_open(record, folder->fd, URL, PATH, &pid),
                     RECORD_OPENED);
}

/* Texts with every byte that a peer can send. */
static void fill(struct record *record)
{
    struct bits_transfer_state *state = &record->transfer;

    record->mark = (struct source_mark){
        .device = 1,
        .inode = UINT64_C(1) << 63,
        .size = 1000,
        .mtime_ns = -5,
        .ctime_ns = INT64_MAX,
        .has_sample = true,
        .sample = {0, 1, 0x7f, 0x80, 0xff},
    };
    for (size_t i = 0; i < BITS_SESSION_ID_MAX; i++) {
        state->session_id[i] = (char)(i % 255 + 1);
    }
    memset(state->reply_url, 0xff, BITS_REPLY_URL_MAX);
    memcpy(state->host_id, "h", 2);
    state->fallback_timeout_s = UINT32_MAX;
    state->offset = 900;
    state->sent_end = 950;
    state->best = 990;
    state->ceiling = 7;
    state->complete = true;
    state->close_attempts = 3;
    state->close_lost = BITS_CLOSE_LOST_RESTARTED;
    record->cookies = strdup("h\tFALSE\t/\tn\tv\xfc\n");
}

static void check_mark(const struct source_mark *a, const struct source_mark *b)
{
    assert_int_equal(a->device, b->device);
    assert_int_equal(a->inode, b->inode);
    assert_int_equal(a->size, b->size);
    assert_true(a->mtime_ns == b->mtime_ns);
    assert_true(a->ctime_ns == b->ctime_ns);
    assert_int_equal(a->has_sample, b->has_sample);
    assert_memory_equal(a->sample, b->sample, sizeof(a->sample));
}

static void a_record_is_read_as_it_was_saved(void **state)
{
    struct record first;
    struct record second;

    open_record(&first, *state);
    assert_int_equal(first.state, RECORD_NONE);
    fill(&first);
    assert_int_equal(record_save(&first, RECORD_RUNNING), 0);
    assert_true(record_peek(&second, first.folder, URL, PATH));
    assert_int_equal(second.state, RECORD_RUNNING);
    check_mark(&second.mark, &first.mark);
    assert_int_equal(second.boot, SOURCE_SAME_BOOT);
    assert_string_equal(second.transfer.session_id, first.transfer.session_id);
    assert_string_equal(second.transfer.reply_url, first.transfer.reply_url);
    assert_string_equal(second.transfer.host_id, "h");
    assert_int_equal(second.transfer.fallback_timeout_s, UINT32_MAX);
    assert_int_equal(second.transfer.offset, 900);
    assert_int_equal(second.transfer.sent_end, 950);
    assert_int_equal(second.transfer.best, 990);
    assert_int_equal(second.transfer.ceiling, 7);
    assert_true(second.transfer.complete);
    assert_false(second.transfer.cancelling);
    assert_int_equal(second.transfer.close_attempts, 3);
    assert_int_equal(second.transfer.close_lost, BITS_CLOSE_LOST_RESTARTED);
    assert_string_equal(second.cookies, first.cookies);
    record_close(&second);
    record_forget(&first);
    record_close(&first);
}

static void the_user_asks_again_so_that_it_is_not_stalled(void **state)
{
    struct record first;
    struct record second;

    open_record(&first, *state);
    fill(&first);
    first.transfer.stalled = true;
    first.transfer.stalled_ms = 1000000;
    assert_int_equal(record_save(&first, RECORD_RUNNING), 0);
    assert_true(record_peek(&second, first.folder, URL, PATH));
    assert_false(second.transfer.stalled);
    record_close(&second);
    record_forget(&first);
    record_close(&first);
}

/* One that has the oldest age already, and says when it was written. */
#define OLDEST(written)                                                        \
    "{\"version\": 1, \"written\": " written ", \"file\": {\"device\": 1,"     \
    "\"inode\": 1, \"size\": 9, \"mtime_ns\": 1}, \"transfer\": {"             \
    "\"fallback_timeout_s\": 1, \"fallback_running\": true,"                   \
    "\"fallback_age_ms\": 9223372036854775807, \"stalled\": false,"            \
    "\"stalled_ms\": 0, \"offset\": 0, \"sent_end\": 0, \"best\": 0,"          \
    "\"ceiling\": 0, \"complete\": false, \"reply_fetched\": false,"           \
    "\"close_attempts\": 0, \"close_lost\": 0, \"cancelling\": false}}"

static void an_age_stays_one_that_can_be_written(void **state)
{
    static const char *const texts[] = {
        OLDEST("9223372036854775807"),
        OLDEST("0"),
        OLDEST("-9223372036854775000"),
        OLDEST("-9223372036854775807"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct record first = {.url = URL, .path = PATH};
        struct record second = {.url = URL, .path = PATH};
        char *text;

        assert_true(record_from_json(&first, texts[i]));
        assert_int_equal(first.transfer.fallback_age_ms, INT64_MAX);
        text = record_to_json(&first);
        assert_true(record_from_json(&second, text));
        free(text);
    }
}

static void one_at_a_time(void **state)
{
    const struct folder *folder = *state;
    struct record first;
    struct record second;
    long pid;

    open_record(&first, folder);
    assert_int_equal(record_open(&second, folder->fd, URL, PATH, &pid),
                     RECORD_BUSY);
    assert_int_equal(pid, getpid());
    assert_int_equal(record_open(&second, folder->fd, URL "b", PATH, &pid),
                     RECORD_OPENED);
    record_close(&second);
    assert_int_equal(record_open(&second, folder->fd, URL, PATH "b", &pid),
                     RECORD_OPENED);
    record_close(&second);
    record_close(&first);
    open_record(&first, folder);
    record_close(&first);
}

static void a_forgotten_record_is_removed(void **state)
{
    const struct folder *folder = *state;
    struct record record;

    open_record(&record, folder);
    fill(&record);
    assert_int_equal(record_save(&record, RECORD_DONE), 0);
    record_close(&record);
    open_record(&record, folder);
    assert_int_equal(record.state, RECORD_DONE);
    record_forget(&record);
    record_close(&record);
    assert_false(record_peek(&record, folder->fd, URL, PATH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_read_as_it_was_saved,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            the_user_asks_again_so_that_it_is_not_stalled, make_folder,
            remove_folder),
        cmocka_unit_test(an_age_stays_one_that_can_be_written),
        cmocka_unit_test_setup_teardown(one_at_a_time, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_forgotten_record_is_removed,
                                        make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
