/*
 * client/transfer/reply_file.c: see reply_file.h.
 */
#include "client/transfer/reply_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void drop(struct reply_file *reply)
{
    if (reply->fd >= 0) {
        (void)close(reply->fd);
        (void)unlink(reply->temporary);
        reply->fd = -1;
    }
}

int reply_file_begin(struct reply_file *reply)
{
    drop(reply);
    free(reply->temporary);
    if (asprintf(&reply->temporary, "%s.XXXXXX", reply->path) < 0) {
        reply->temporary = NULL;
        return ENOMEM;
    }
    reply->fd = mkostemp(reply->temporary, O_CLOEXEC);
    return reply->fd < 0 ? errno : 0;
}

int reply_file_write(struct reply_file *reply, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(reply->fd, bytes, size);

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int reply_file_commit(struct reply_file *reply)
{
    if (rename(reply->temporary, reply->path) != 0) {
        return errno;
    }
    (void)close(reply->fd);
    reply->fd = -1;
    return 0;
}

void reply_file_done(struct reply_file *reply)
{
    drop(reply);
    free(reply->temporary);
    reply->temporary = NULL;
}
