/*
 * os_test.c: the small parts of os/: causes, files, locks, workers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "os/failure.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/mount.h"
#include "os/pipe.h"
#include "os/workers.h"

static void errors_have_causes(void **state)
{
    static const struct {
        int error;
        enum bits_cause cause;
    } rows[] = {
        {EACCES, BITS_CAUSE_NO_RIGHT},   {EPERM, BITS_CAUSE_NO_RIGHT},
        {ENOSPC, BITS_CAUSE_DISK_FULL},  {EDQUOT, CAUSE_QUOTA_EXCEEDED},
        {EROFS, CAUSE_READ_ONLY},        {EXDEV, CAUSE_OTHER_FILE_SYSTEM},
        {EEXIST, CAUSE_FILE_EXISTS},     {ENOENT, CAUSE_FOLDER_MISSING},
        {ENOTDIR, CAUSE_FOLDER_MISSING}, {EISDIR, BITS_CAUSE_TARGET_IS_FOLDER},
        {EMFILE, CAUSE_OVERLOADED},      {ENFILE, CAUSE_OVERLOADED},
        {ENOMEM, CAUSE_OVERLOADED},      {EIO, BITS_CAUSE_IO_ERROR},
        {EINVAL, BITS_CAUSE_IO_ERROR},   {EFBIG, CAUSE_FILE_SIZE_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(os_cause(rows[i].error), rows[i].cause);
    }
}

static void faults_name_the_path(void **state)
{
    struct fault fault;

    (void)state;
    assert_int_equal(os_fail(&fault, EIO, "cannot write", "/a", "b"),
                     BITS_CAUSE_IO_ERROR);
    assert_string_equal(fault.text, "cannot write /a/b: Input/output error");
    (void)os_fail(&fault, EIO, "cannot write", "/a", NULL);
    assert_string_equal(fault.text, "cannot write /a: Input/output error");
    assert_int_equal(
        os_fail_with_remedy(&fault, ENOSPC, "cannot write", "/a", NULL),
        BITS_CAUSE_DISK_FULL);
    assert_string_equal(fault.text, "cannot write /a: No space left on device; "
                                    "free space there");
}

static int temporary(void)
{
    char path[] = "/var/tmp/os-test-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    return fd;
}

static void a_file_is_measured_up_to_its_first_hole(void **state)
{
    int fd = temporary();
    uint64_t bytes = 99;
    size_t written;

    (void)state;
    assert_int_equal(os_measure(fd, 0, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(os_write_at(fd, "abc", 3, 0, &written), 0);
    assert_int_equal(written, 3);
    assert_int_equal(os_measure(fd, 0, &bytes), 0);
    assert_int_equal(bytes, 3);
    assert_int_equal(os_write_at(fd, "abc", 3, 8 << 20, &written), 0);
    assert_int_equal(os_measure(fd, 0, &bytes), 0);
    assert_true(bytes >= 3 && bytes <= 1 << 20);
    assert_int_equal(os_truncate(fd, 2), 0);
    assert_int_equal(os_measure(fd, 0, &bytes), 0);
    assert_int_equal(bytes, 2);
    (void)close(fd);
    assert_int_equal(os_measure(fd, 0, &bytes), EBADF);
}

static void bytes_that_the_caller_knows_are_not_measured_again(void **state)
{
    static const struct {
        uint64_t known;
        uint64_t measured;
    } rows[] = {{0, 3}, {2, 3}, {3, 3}, {8 << 20, 3}, {UINT64_MAX, 3}};
    int fd = temporary();
    uint64_t bytes = 99;
    size_t written;

    (void)state;
    assert_int_equal(os_measure(fd, 7, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(os_write_at(fd, "abc", 3, 0, &written), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(os_measure(fd, rows[i].known, &bytes), 0);
        assert_int_equal(bytes, rows[i].measured);
    }
    (void)close(fd);
}

static void a_reservation_changes_no_length(void **state)
{
    int fd = temporary();
    uint64_t bytes;
    int error = os_reserve(fd, 0, 1 << 20);

    (void)state;
    if (error == EOPNOTSUPP) {
        skip();
    }
    assert_int_equal(error, 0);
    assert_int_equal(os_file_length(fd, &bytes), 0);
    assert_int_equal(bytes, 0);
    assert_int_equal(os_measure(fd, 0, &bytes), 0);
    assert_int_equal(bytes, 0);
    (void)close(fd);
}

static void small_texts_are_written_once_and_read(void **state)
{
    char path[] = "/var/tmp/os-test-XXXXXX";
    char text[8];
    int folder;

    (void)state;
    assert_non_null(mkdtemp(path));
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(os_read_text(folder, "f", text, sizeof(text)), ENOENT);
    assert_int_equal(os_write_text(folder, "f", "1234567\n"), 0);
    assert_int_equal(os_write_text(folder, "f", "x"), EEXIST);
    assert_int_equal(os_read_text(folder, "f", text, sizeof(text)), EFBIG);
    assert_int_equal(unlinkat(folder, "f", 0), 0);
    assert_int_equal(os_write_text(folder, "f", "123456\n"), 0);
    assert_int_equal(os_read_text(folder, "f", text, sizeof(text)), 0);
    assert_string_equal(text, "123456");
    assert_int_equal(unlinkat(folder, "f", 0), 0);
    (void)close(folder);
    assert_int_equal(rmdir(path), 0);
}

static void check_refused(int folder, const char *name, int flags,
                          const char *words)
{
    assert_int_equal(os_open_regular(folder, name, flags), -1);
    assert_string_equal(os_open_words(errno), words);
}

static void
only_regular_files_are_opened_and_nothing_is_waited_for(void **state)
{
    char path[] = "/var/tmp/os-test-XXXXXX";
    char text[8];
    long pid;
    int folder;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(path));
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkfifoat(folder, "pipe", 0600), 0);
    assert_int_equal(symlinkat("pipe", folder, "link"), 0);
    check_refused(folder, "pipe", O_RDONLY, "this is not a regular file");
    check_refused(folder, "pipe", O_WRONLY, "this is not a regular file");
    check_refused(folder, "pipe", O_RDWR, "this is not a regular file");
    check_refused(folder, "link", O_RDONLY | O_NOFOLLOW,
                  "symbolic links are not followed here");
    check_refused(folder, ".", O_RDONLY, "this is a folder");
    check_refused(AT_FDCWD, "/dev/null", O_RDONLY,
                  "this is not a regular file");
    check_refused(folder, "none", O_RDONLY, "No such file or directory");
    assert_int_equal(os_read_text(folder, "pipe", text, sizeof(text)), ENXIO);
    assert_int_equal(os_lock_open(folder, "pipe", &pid), -1);
    assert_int_equal(errno, ENXIO);
    fd = os_open_regular(folder, "f", O_WRONLY | O_CREAT);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(unlinkat(folder, "f", 0), 0);
    assert_int_equal(unlinkat(folder, "link", 0), 0);
    assert_int_equal(unlinkat(folder, "pipe", 0), 0);
    (void)close(folder);
    assert_int_equal(rmdir(path), 0);
}

static void a_lock_names_its_holder_and_ends_with_it(void **state)
{
    char path[] = "/var/tmp/os-test-XXXXXX";
    int ready[2];
    int folder;
    int lock;
    long pid;
    pid_t child;
    char c;

    (void)state;
    assert_non_null(mkdtemp(path));
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        c = os_lock_open(folder, "lock", &pid) >= 0 ? 'y' : 'n';
        (void)!write(ready[1], &c, 1);
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    assert_int_equal(os_lock_open(folder, "lock", &pid), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_int_equal(pid, child);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    lock = os_lock_open(folder, "lock", &pid);
    assert_true(lock >= 0);
    (void)close(lock);
    assert_int_equal(unlinkat(folder, "lock", 0), 0);
    (void)close(folder);
    (void)close(ready[0]);
    (void)close(ready[1]);
    assert_int_equal(rmdir(path), 0);
}

static void a_folder_is_on_its_own_mount(void **state)
{
    int here = open("/", O_PATH | O_CLOEXEC);
    int proc = open("/proc", O_PATH | O_CLOEXEC);

    (void)state;
    assert_true(os_same_mount(here, here));
    assert_false(os_same_mount(here, proc));
    (void)close(here);
    (void)close(proc);
}

/* --- workers ------------------------------------------------------------- */

struct counted {
    struct worker_job job;
    struct workers *workers;
    atomic_uint *count;
    unsigned again;
};

static void count_one(struct worker_job *job)
{
    struct counted *counted = CONTAINER_OF(job, struct counted, job);

    (void)atomic_fetch_add(counted->count, 1);
    if (counted->again > 0) {
        counted->again--;
        workers_submit(counted->workers, job);
    }
}

static void every_job_runs_before_the_workers_end(void **state)
{
    struct workers *workers = workers_new(4);
    struct counted jobs[100];
    atomic_uint count = 0;

    (void)state;
    assert_non_null(workers);
    for (unsigned i = 0; i < 100; i++) {
        jobs[i] = (struct counted){.job = {.run = count_one},
                                   .workers = workers,
                                   .count = &count,
                                   .again = i % 3};
        workers_submit(workers, &jobs[i].job);
    }
    workers_free(workers);
    assert_int_equal(count, 100 + 33 * 3);
}

static void bytes_are_copied_from_memory_and_from_a_pipe(void **state)
{
    struct os_bytes bytes = {.data = "abc", .size = 3};
    struct os_pipe pipe;
    char room[4] = "";

    (void)state;
    assert_int_equal(os_bytes_take(&bytes, room), 0);
    assert_string_equal(room, "abc");
    assert_int_equal(os_pipe_open(&pipe, 4096), 0);
    assert_int_equal(write(pipe.write_fd, "defghi", 6), 6);
    pipe.held = 6;
    bytes = (struct os_bytes){.pipe = &pipe, .size = 3};
    assert_int_equal(os_bytes_take(&bytes, room), 0);
    assert_string_equal(room, "def");
    assert_int_equal(pipe.held, 3);
    bytes.size = 4;
    assert_int_not_equal(os_bytes_take(&bytes, room), 0);
    os_pipe_close(&pipe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_have_causes),
        cmocka_unit_test(faults_name_the_path),
        cmocka_unit_test(a_file_is_measured_up_to_its_first_hole),
        cmocka_unit_test(bytes_that_the_caller_knows_are_not_measured_again),
        cmocka_unit_test(a_reservation_changes_no_length),
        cmocka_unit_test(small_texts_are_written_once_and_read),
        cmocka_unit_test(
            only_regular_files_are_opened_and_nothing_is_waited_for),
        cmocka_unit_test(a_lock_names_its_holder_and_ends_with_it),
        cmocka_unit_test(a_folder_is_on_its_own_mount),
        cmocka_unit_test(bytes_are_copied_from_memory_and_from_a_pipe),
        cmocka_unit_test(every_job_runs_before_the_workers_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
