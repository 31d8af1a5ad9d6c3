/*
 * os/systemd.c: see systemd.h.
 */
#include "os/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

/* A path, or an abstract name: it starts with '@' in the variable and with a
 * zero byte in the address. */
static bool read_address(const char *name, struct sockaddr_un *ret_address,
                         socklen_t *ret_len)
{
    size_t len = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || len < 2 ||
        len >= sizeof(ret_address->sun_path)) {
        return false;
    }
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, name, len);
    if (name[0] == '@') {
        ret_address->sun_path[0] = '\0';
    }
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

void os_notify(const char *state)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t len;
    ssize_t n;
    int fd;

    if (!name || !read_address(name, &address, &len)) {
        return;
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    do {
        n = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                   (const struct sockaddr *)&address, len);
    } while (n < 0 && errno == EINTR);
    (void)close(fd);
}

static bool read_variable(const char *name, uint64_t *ret_value)
{
    const char *text = getenv(name);

    return text && text_to_u64(text_of(text), ret_value);
}

static bool set_cloexec(int fd)
{
    int flags = fcntl(fd, F_GETFD);

    return flags >= 0 && fcntl(fd, F_SETFD, flags | FD_CLOEXEC) == 0;
}

unsigned os_listen_fds(char **ret_names)
{
    const char *names = getenv("LISTEN_FDNAMES");
    uint64_t pid = 0;
    uint64_t announced = 0;
    unsigned count = 0;

    *ret_names = names ? strdup(names) : NULL;
    if (read_variable("LISTEN_PID", &pid) && pid == (uint64_t)getpid() &&
        read_variable("LISTEN_FDS", &announced)) {
        while (count < announced && count < INT_MAX - OS_LISTEN_FD_FIRST &&
               set_cloexec(OS_LISTEN_FD_FIRST + (int)count)) {
            count++;
        }
    }
    (void)unsetenv("LISTEN_PID"); /* fails for names with '=' only */
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    return count;
}

bool os_listen_name_is(const char *names, unsigned index, const char *name)
{
    struct bits_text rest = text_of(names ? names : "");
    struct bits_text before;

    for (unsigned i = 0; i < index; i++) {
        if (!text_take_until(&rest, ':', &before)) {
            return false;
        }
    }
    if (text_take_until(&rest, ':', &before)) {
        rest = before;
    }
    return text_equal(rest, text_of(name));
}

/* Decimal: DEVICE:INODE. */
bool os_is_journal(int fd)
{
    const char *name = getenv("JOURNAL_STREAM");
    struct bits_text text;
    struct bits_text device;
    uint64_t number;
    uint64_t inode;
    struct stat status;

    if (!name || fstat(fd, &status) != 0) {
        return false;
    }
    text = text_of(name);
    return text_take_until(&text, ':', &device) &&
           text_to_u64(device, &number) && text_to_u64(text, &inode) &&
           number == status.st_dev && inode == status.st_ino;
}
