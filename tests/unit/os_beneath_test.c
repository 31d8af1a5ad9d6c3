/*
 * os_beneath_test.c: os/beneath.h, the system call and the walk that stands in
 * for it, with the same rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/beneath.h"

typedef int opener(int folder, const char *path, int flags, mode_t mode);

static int open_within(int folder, const char *path, int flags, mode_t mode)
{
    (void)mode;
    return os_open_within(folder, path, flags);
}

static int walk_within(int folder, const char *path, int flags, mode_t mode)
{
    (void)mode;
    return os_walk_within(folder, path, flags);
}

/* Those that make files and stay on one mount come first. */
static opener *const openers[] = {os_open_beneath, os_walk_beneath, open_within,
                                  walk_within};

static int setup(void **state)
{
    char *folder = strdup("/var/tmp/beneath-XXXXXX");

    if (!folder || !mkdtemp(folder) || chdir(folder) != 0) {
        return -1;
    }
    *state = folder;
    return mkdir("root", 0755) || mkdir("root/a", 0755) ||
           mkdir("root/a/b", 0755) || mkdir("outside", 0755) ||
           symlink("../outside", "root/link") || symlink("b", "root/a/inner") ||
           symlink("a/b", "root/leaf") || creat("root/file", 0644) < 0 ||
           creat("root/a/b/deep", 0644) < 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind,
                        struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int teardown(void **state)
{
    (void)nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return 0;
}

static void only_what_lies_below_is_opened(void **state)
{
    static const struct {
        const char *path;
        int flags;
        int error; /* 0: opened */
    } rows[] = {
        {"file", O_RDONLY, 0},
        {"a", O_RDONLY | O_DIRECTORY, 0},
        {"a/b", O_RDONLY | O_DIRECTORY, 0},
        {"a/b/deep", O_RDONLY, 0},
        {"a/b", O_PATH | O_DIRECTORY, 0},
        {"missing", O_RDONLY, ENOENT},
        {"missing/file", O_RDONLY, ENOENT},
        {"file/x", O_RDONLY, ENOTDIR},
        {"file", O_RDONLY | O_DIRECTORY, ENOTDIR},
        {"link", O_RDONLY | O_DIRECTORY, ELOOP},
        {"link/x", O_RDONLY, ELOOP},
        {"a/inner", O_RDONLY | O_DIRECTORY, ELOOP},
        {"a/inner", O_PATH, ELOOP},
        {"a/inner/deep", O_RDONLY, ELOOP},
        {"leaf", O_RDONLY, ELOOP},
        {"../outside", O_RDONLY | O_DIRECTORY, EXDEV},
        {"a/../../outside", O_RDONLY | O_DIRECTORY, EXDEV},
    };
    int root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; j < 4; j++) {
            int fd = openers[j](root, rows[i].path, rows[i].flags, 0);
            int error = fd < 0 ? errno : 0;

            if (error != rows[i].error) {
                fail_msg("%s by %zu: %s", rows[i].path, j, strerror(error));
            }
            if (fd >= 0) {
                assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
                (void)close(fd);
            }
        }
    }
    (void)close(root);
}

static void files_are_made_below(void **state)
{
    int root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    for (size_t j = 0; j < 2; j++) {
        int fd = openers[j](root, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600);

        assert_true(fd >= 0);
        (void)close(fd);
        assert_int_equal(
            openers[j](root, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600), -1);
        assert_int_equal(errno, EEXIST);
        assert_int_equal(unlink("root/a/new"), 0);
    }
    (void)close(root);
}

static void other_mounts_are_entered_on_request_only(void **state)
{
    int root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    if (mount("outside", "root/a/b", NULL, MS_BIND, NULL) != 0) {
        (void)close(root);
        print_message("skipped: only root can mount\n");
        skip();
    }
    for (size_t j = 0; j < 2; j++) {
        assert_int_equal(openers[j](root, "a/b", O_RDONLY | O_DIRECTORY, 0),
                         -1);
        assert_int_equal(errno, EXDEV);
    }
    for (size_t j = 2; j < 4; j++) {
        int fd = openers[j](root, "a/b", O_RDONLY | O_DIRECTORY, 0);

        assert_true(fd >= 0);
        (void)close(fd);
    }
    assert_int_equal(umount("root/a/b"), 0);
    (void)close(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_lies_below_is_opened),
        cmocka_unit_test(files_are_made_below),
        cmocka_unit_test(other_mounts_are_entered_on_request_only),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
